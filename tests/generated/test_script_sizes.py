"""How much a person has to read: the lines of the scripts, raw, as they are in a project."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.template import CASES

from scaffold.rendering.engine import Engine

LOOP = ("build", "run", "invoke", "test", "lock", "dev", "lib.sh", "stale.sh")
"""The scripts of the local loop, and what they share."""
BESIDE = ("debug", "shell", "source-policy.sh", "finish-layer", "checks.py", "unit-tests.py")
"""What a build, a test and a look inside take besides; checks.py only if the spec has checks."""
SHIPPING = {"deploy": 100, "push": 100}
"""Scripts that have more to decide than others."""
SHIPPED = ("aws.sh", "copy", "deploy", "destroy", "invoke-live", "live.sh", "prune", "rollback", "stages.sh")
DOWNLOADING = ("downloads", "models", "github-credentials", "login")
PLAIN: dict[str, Any] = {
    "version": 1,
    "name": "plain",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
    "dependencies": {"files": ["requirements.txt"], "require_hashes": True},
}
_SEVERAL = {"run": 130, "invoke": 90}
_MANY = {"run": 190, "invoke": 140}
ALLOWED = dict.fromkeys(("flat", "functions", "go-debian", "kotlin", "pytest", "stack"), _SEVERAL)
ALLOWED |= {"events": _MANY, "node-events": _MANY, "requests": {"run": 110, "invoke": 100}}
"""Where each function, variable or secret of a spec adds lines: most lines by case and script."""
VALUES = ("# FUNCTION ", "functions=", "for FUNCTION in ", "there is no function ", "'exec ")
"""What starts a list or a command of the spec, which is one line however long it is."""
MOST = 1210
"""Most lines of everything under scripts/ of a plain function."""


def lines_of(engine: Engine, spec: dict[str, Any]) -> dict[str, list[str]]:
    assert engine.problems(spec) == []
    scripts = [file for file in engine.render(spec, engine.plan(spec), {}) if file.path.startswith("scripts/")]
    shells = (b"#!/bin/sh", b"# shellcheck shell=sh")
    return {
        file.path.removeprefix("scripts/"): file.content.decode().splitlines()
        for file in scripts
        if file.content.startswith(shells)
    }


def test_the_local_loop_of_a_plain_function_is_read_in_five_minutes(engine: Engine) -> None:
    lines = lines_of(engine, PLAIN)
    assert sum(len(lines[name]) for name in LOOP) <= 361


def test_the_rest_of_local_work_is_short_too(engine: Engine) -> None:
    files = {file.path: file.content.decode().splitlines() for file in engine.render(PLAIN, engine.plan(PLAIN), {})}
    assert sum(len(files.get(f"scripts/{name}", ())) for name in BESIDE) <= 194


def test_everything_under_scripts_of_a_plain_function_is_short(engine: Engine) -> None:
    files = engine.render(PLAIN, engine.plan(PLAIN), {})
    lines = [len(file.content.splitlines()) for file in files if file.path.startswith("scripts/")]
    assert sum(lines) <= MOST


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_scripts_are_short_and_narrow(engine: Engine, case: str) -> None:
    spec = yaml.safe_load((CASES / case / "lambda-image.yaml").read_text(encoding="utf-8"))
    for name, lines in lines_of(engine, spec).items():
        if name not in DOWNLOADING:
            most = SHIPPING.get(name, 80)
            assert len(lines) <= ALLOWED.get(case, {}).get(name, most), name
            # A message is not broken, since people search for it; a value of the spec cannot be.
            words = ("fail ", "say ") if name in SHIPPED else ("",) if name == "entry.sh" else ("check '",)
            wide = [line for line in lines if len(line) > 120 and not any(word in line for word in (*words, *VALUES))]
            assert wide == [], name
