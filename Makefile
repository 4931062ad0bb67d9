# Everything sets itself up: Python 3.11 or newer, git and make are enough to start with.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test lint bench clean

help: ## list the verbs
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## from a spec to an answer: generates a function, builds it, runs it, asks it
	@examples/demo "$(CURDIR)/$(BIN)/python"

test: .venv/tested lint ## everything, real image builds included (ARGS="-k words": more for pytest)
	@tests/setup
	$(BIN)/python -m pytest --numprocesses=auto $(ARGS)

lint: .venv/tested ## style, types, and whether what is generated is up to date
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo pyproject.toml >.venv/imports || { cat .venv/imports; exit 1; }
	$(BIN)/python docs/generate.py --check

bench: .venv/tested ## what is fast, as ratios against its peers in one run
	$(BIN)/python benchmarks/run.py

clean: ## remove what these verbs made here
	rm -rf .venv build dist

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@
