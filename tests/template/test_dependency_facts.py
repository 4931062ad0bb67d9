"""What the plan says of dependencies, for each way to name them."""

from __future__ import annotations

from typing import Any

import pytest

from scaffold.rendering.engine import Engine

SPEC = {"version": 1, "name": "fn", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
MONOREPO = {"context": {"root": "../..", "project": "functions/fn"}}


def facts(engine: Engine, dependencies: dict[str, Any], **more: Any) -> Any:
    spec = SPEC | more | {"dependencies": dependencies}
    assert engine.problems(spec) == []
    return engine.plan(spec)["dependencies"]


@pytest.mark.parametrize(
    "dependencies",
    [
        {"packages": ["pluggy==1.6.0"]},
        {"projects": ["lib"]},
        {"wheels": ["a-1-py3-none-any.whl"]},
        {"files": ["requirements.txt"]},
    ],
    ids=",".join,
)
def test_shared_packages_hold_for_each_kind_of_dependency(dependencies: dict[str, Any], engine: Engine) -> None:
    assert facts(engine, dependencies, base="acme-python")["shared"]["packages"] == {
        "iniconfig": "2.1.0",
        "packaging": "25.0",
    }


def test_nothing_is_shared_with_nothing(engine: Engine) -> None:
    assert engine.plan(SPEC | {"base": "acme-python"})["dependencies"]["shared"]["packages"] == {}


@pytest.mark.parametrize(
    ("files", "more", "folder"),
    [
        (["pyproject.toml", "uv.lock"], {}, ""),
        (["deps/pyproject.toml", "deps/uv.lock"], {}, "deps"),
        (["/pyproject.toml", "/uv.lock"], MONOREPO, ""),
        (["pyproject.toml", "uv.lock"], MONOREPO, "functions/fn"),
    ],
)
def test_a_manager_runs_where_its_manifest_is(
    files: list[str], more: dict[str, Any], folder: str, engine: Engine
) -> None:
    assert facts(engine, {"manager": "uv", "files": files}, **more)["folder"] == folder
