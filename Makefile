# Requires only Python 3.11 or newer, git and make; everything else is set up on demand.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test test-aws test-full quick lint bench bench-images clean

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: .venv/installed ## generate a function from a spec, build it, run it and invoke it (LANGUAGE=go: your first in it)
	@examples/demo "$(CURDIR)/$(BIN)/python" $(LANGUAGE)

test: .venv/tested lint ## run all tests, including real image builds (ARGS="-k …": arguments for pytest)
	@tests/setup
	$(BIN)/python -m pytest --numprocesses=auto $(ARGS)

test-full: ## the same, with every row of tables of which `make test` builds a few (some more minutes)
	@$(MAKE) test ARGS="--full $(ARGS)"

test-aws: .venv/tested ## run the tutorial in a real account of AWS, and clean up (AWS_TEST_ACCOUNT=123456789012)
	@[ -n "$(AWS_TEST_ACCOUNT)" ] || { echo 'AWS_TEST_ACCOUNT must be the number of the account' >&2; exit 2; }
	@tests/setup
	AWS_TEST_ACCOUNT=$(AWS_TEST_ACCOUNT) $(BIN)/python -m pytest --full tests/images/test_real_account.py $(ARGS)

quick: .venv/tested ## run the tests that need no other program, in seconds (ARGS="-k …")
	$(BIN)/python -m pytest --quiet --numprocesses=auto -m "not slow" tests/scaffold tests/template $(ARGS)

lint: .venv/tested ## check style, types, and that generated files are up to date
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --quiet --check
	$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo pyproject.toml >.venv/imports || { cat .venv/imports; exit 1; }
	$(BIN)/python docs/generate.py --check

bench: .venv/tested ## measure speed, as ratios against peers in the same run
	$(BIN)/python benchmarks/run.py

bench-images: .venv/tested ## measure images and development loops, side by side with rivals (ARGS="--bases=aws")
	@tests/setup
	$(BIN)/python benchmarks/images $(ARGS)

clean: ## remove everything these targets created here
	rm -rf .venv build dist

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is required: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --group test
	@touch $@
