"""What a manifest names reaches every step that reads it: manager by what is named, without an engine."""

from __future__ import annotations

import fnmatch
from typing import Any

import pytest

from scaffold.rendering.engine import Engine

SPEC = {"version": 1, "name": "named", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
MONOREPO = {"root": "../..", "project": "functions/f"}
MANAGERS = {"pip": "requirements.in", "uv": "pyproject.toml", "poetry": "pyproject.toml", "pipenv": "Pipfile"}
# The key that lists it, and files that reading it takes: in the lock, in the build's step that reads manifests.
KINDS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "folder": ({"projects": ["libs/x"]}, ["libs/x/pyproject.toml", "libs/x/x/__init__.py"], ["libs/x/setup.py"]),
    "wheel": ({"wheels": ["vendor/x-1-py3-none-any.whl"]}, ["vendor/x-1-py3-none-any.whl"], []),
    "archive": ({"wheels": ["vendor/x-1.tar.gz"]}, ["vendor/x-1.tar.gz"], []),
    "-r": ({"includes": ["more/common.in"]}, ["more/common.in", "deeper.in"], ["more/common.in", "deeper.txt"]),
    "-c": ({"includes": ["more/limits.txt"]}, ["more/limits.txt", "limits.in"], ["more/limits.txt", "limits.txt"]),
    "git": ({}, [], []),
}
ALL = [(manager, kind) for manager in MANAGERS for kind in KINDS if manager == "pip" or not kind.startswith("-")]


def rendered(engine: Engine, manager: str, context: bool, dependencies: dict[str, Any]) -> dict[str, str]:
    spec = SPEC | {"dependencies": {"manager": manager} | dependencies}
    spec |= {"context": MONOREPO} if context else {}
    assert engine.problems(spec) == []
    return {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}


def sent(ignore: str, path: str) -> bool:
    """Whether a file reaches the builder."""
    kept = [line[1:] for line in ignore.splitlines() if line.startswith("!")]
    return any(
        path.startswith(f"{row}/") or (fnmatch.fnmatch(path, row) and row.count("/") == path.count("/")) for row in kept
    )


@pytest.mark.parametrize("context", [False, True])
@pytest.mark.parametrize(("manager", "kind"), ALL)
def test_what_is_named_reaches_lock_and_build(manager: str, kind: str, context: bool, engine: Engine) -> None:
    key, locked, built = KINDS[kind]
    files = rendered(engine, manager, context, key)
    prefix = "functions/f/" if context else ""
    lock, build = files["scripts/lock.Dockerfile"], files["Dockerfile"]
    for path in [MANAGERS[manager], *locked]:
        assert sent(files["scripts/lock.Dockerfile.dockerignore"], prefix + path), path
    for path in [*(locked if kind in ("folder", "wheel", "archive") else []), *built]:
        assert sent(files["Dockerfile.dockerignore"], prefix + path), path
    # Every step that reads manifests checks them first, with the packages that the spec lists.
    listed = [f"--local={prefix}{path}" for path in key.get("projects", []) + key.get("wheels", [])]
    assert lock.index("check-requirements.py") < lock.index(
        "uv pip compile"
        if manager == "pip"
        else f"{manager} lock".replace("poetry lock", "-m poetry").replace("pipenv lock", "-m pipenv")
    )
    for text in (lock, build):
        commands = [line for line in text.splitlines() if "python3 /check-requirements.py" in line]
        assert commands
        assert all(word in line for line in commands for word in listed)
    # uv opens local wheels and manifests while it reads a lock.
    if manager == "uv" and kind in ("wheel", "archive"):
        assert f"COPY {prefix}{locked[0]} manifests/{prefix}vendor/\n" in build
    # Code is not what the dependencies are installed from: an edit of it leaves their layer as it is.
    before_code = build.partition("# The code")[0].partition("# Local packages")[0]
    assert f"COPY {prefix}src" not in before_code


@pytest.mark.parametrize("context", [False, True])
def test_an_index_for_some_packages_is_not_searched_while_locking(context: bool, engine: Engine) -> None:
    dependencies = {
        "files": ["requirements.txt"],
        "packages": ["rules==1.4.0"],
        "indexes": [{"url": "https://packages.example.com/simple", "packages": ["rules"]}],
    }
    files = rendered(engine, "pip", context, dependencies)
    assert "packages.example.com" not in files["scripts/lock.Dockerfile"]
    assert "--index-url=https://packages.example.com/simple rules==1.4.0" in files["Dockerfile"]


@pytest.mark.parametrize("manager", MANAGERS)
def test_an_agent_and_arguments_reach_what_installs_and_locks(manager: str, engine: Engine) -> None:
    spec = SPEC | {"dependencies": {"manager": manager}, "build": {"ssh": True, "args": {"CHANNEL": "stable"}}}
    assert engine.problems(spec) == []
    files = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
    for path in ("Dockerfile", "scripts/lock.Dockerfile"):
        assert "    --mount=type=ssh \\\n" in files[path]
        assert "target=/root/.ssh/known_hosts" in files[path]
        assert 'ARG CHANNEL="stable"\n' in files[path]
    assert "set -- --ssh default" in files["scripts/lib.sh"]
