"""How long the Dockerfiles of the cases are: weight is a defect."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from support.template import CASES, TESTS

from scaffold.rendering.engine import Engine

MINIMAL = {"version": 1, "name": "fn", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
IRIS = yaml.safe_load((TESTS.parent / "examples/iris/lambda-image.yaml").read_text(encoding="utf-8"))
MODEL = {"from": "https://models.example/encoder.onnx", "sha256": "0" * 64}

# At most so many lines that are neither blank nor comment.
LIMITS: dict[str, tuple[int, dict[str, Any]]] = {
    "code alone": (11, MINIMAL),
    "packages in the spec": (19, MINIMAL | {"dependencies": {"packages": ["six==1.17.0"]}}),
    "pip with hashes": (22, MINIMAL | {"dependencies": {"files": ["requirements.txt"], "require_hashes": True}}),
    "pip with hashes and a system package": (26, {key: IRIS[key] for key in IRIS if key != "model_files"}),
    "uv": (29, MINIMAL | {"dependencies": {"manager": "uv"}}),
    "JavaScript": (22, MINIMAL | {"runtime": "nodejs24.x"}),
    "TypeScript": (30, MINIMAL | {"runtime": "nodejs24.x", "language": "typescript"}),
    "Ruby": (30, MINIMAL | {"runtime": "ruby3.3", "dependencies": {"files": ["Gemfile", "Gemfile.lock"]}}),
    "uv with a model": (40, MINIMAL | {"dependencies": {"manager": "uv"}, "model_files": [MODEL]}),
}
# The same for the cases, each of which has something that others have not.
CASE_LIMITS = {
    "al2": 15,
    "alpine": 24,
    "arm64": 11,
    "awkward-words": 24,
    "base": 51,
    "code": 11,
    "custom": 18,
    "custom-built": 39,
    "debian": 41,
    "dotnet": 30,
    "dotnet-debian": 37,
    "dotnet-fsharp": 34,
    "dotnet-native": 37,
    "downloads": 46,
    "events": 12,
    "extensions": 26,
    "flat": 26,
    "full": 62,
    "functions": 12,
    "go": 29,
    "go-debian": 38,
    "go-scratch": 38,
    "java": 29,
    "java-cds": 57,
    "java-corretto": 47,
    "java-gradle": 31,
    "java-modules": 31,
    "kotlin": 30,
    "minimal": 11,
    "models": 33,
    "monorepo": 49,
    "node": 23,
    "node-alpine": 74,
    "node-commonjs": 63,
    "node-events": 28,
    "node-typescript": 29,
    "node-workspace": 33,
    "node-yarn": 81,
    "on-base": 44,
    "own-base": 23,
    "packages": 23,
    "picked": 13,
    "pinned": 33,
    "pinned-by-spec": 21,
    "pipenv": 33,
    "poetry": 33,
    "projects": 34,
    "pytest": 21,
    "ruby": 30,
    "requests": 14,
    "ruby-debian": 56,
    "rust": 30,
    "rust-debian": 36,
    "server": 34,
    "server-node": 31,
    "stack": 12,
    "stages": 13,
    "start-script": 46,
    "uv": 28,
}


def lines(dockerfile: str) -> int:
    """Count the lines that are neither blank nor comment."""
    return sum(1 for line in dockerfile.splitlines() if line.strip() and not line.startswith("#"))


@pytest.mark.parametrize("name", LIMITS)
def test_a_dockerfile_is_as_short_as_a_person_writes_it(name: str, engine: Engine) -> None:
    most, spec = LIMITS[name]
    assert engine.problems(spec) == []
    [dockerfile] = [file for file in engine.render(spec, engine.plan(spec), {}) if file.path == "Dockerfile"]
    assert lines(dockerfile.content.decode()) <= most


def test_no_case_grows() -> None:
    found = {path.name: lines((path / "expected/Dockerfile").read_text(encoding="utf-8")) for path in CASES.iterdir()}
    assert found.keys() == CASE_LIMITS.keys()
    assert {name: count for name, count in found.items() if count > CASE_LIMITS[name]} == {}


LONGER = {"check-requirements.py": 145}
"""One program reads manifests and locks, and checks them, instead of three."""


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_no_program_of_the_build_is_long(case: str) -> None:
    scripts = CASES / case / "expected/scripts"
    for path in [*scripts.glob("*.py"), *scripts.glob("finish-layer")]:
        text = path.read_text(encoding="utf-8").splitlines()
        assert len(text) <= LONGER.get(path.name, 80), path.name
        assert max(len(line) for line in text if not line.startswith("FUNCTIONS = ")) <= 120, path.name
