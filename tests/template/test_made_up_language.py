"""A language that nobody speaks: one row, one folder, one spec, and no line elsewhere."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.template import TESTS, copy_template

from scaffold.dockerfile import grammar, judge
from scaffold.rendering.engine import Engine
from scaffold.standards import load

MADE_UP = TESTS / "template/made-up"
RUNTIME = {"language": "ouroboros", "version": "1", "deprecated": "2030-01-01", "successor": None}
BASE = "{image: registry.example/debian, tag: '13', system: debian, runtime_client: added, runtimes: [ouroboros1]}"
BUILDER = "{image: registry.example/ouroboros, tag: '1', system: alpine, runtimes: [ouroboros1], default: true}"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The template with the language."""
    root = copy_template(tmp_path_factory.mktemp("made-up"))
    shutil.copytree(MADE_UP / "parts", root / "template/languages/ouroboros")
    row(root, "languages", "ouroboros", json.loads((MADE_UP / "language.json").read_text(encoding="utf-8")))
    row(root, "runtimes", "ouroboros1", RUNTIME)
    standards = root / "standards/standards.yaml"
    text = standards.read_text(encoding="utf-8").replace("bases:\n", f"bases:\n  ouroboros1-debian: {BASE}\n", 1)
    standards.write_text(text.replace("builds:\n", f"builds:\n  ouroboros1: {BUILDER}\n", 1), encoding="utf-8")
    return Engine(root)


def row(root: Path, table: str, name: str, value: object) -> None:
    """Add a row to a table of the catalogue, which must still be in order."""
    path = root / f"catalogue/{table}.json"
    rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rows[table][name] = value
    path.write_text(json.dumps(rows), encoding="utf-8")
    schema = json.loads((root / "schema/catalogue.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(rows, {**schema, "$ref": f"#/$defs/{table}"})


DEPENDENCIES = {"files": ["coil.toml", "coil.lock"]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dependencies": DEPENDENCIES},
        {"dependencies": DEPENDENCIES, "context": {"root": "..", "project": "made-up"}},
        {"checks": {"commands": ["true", "false"]}, "timezone": "Europe/Prague"},
        {"model_files": [{"from": "model/a.bin", "to": "a.bin"}]},
    ],
    ids=["no dependencies", "dependencies", "monorepo", "checks", "model"],
)
def test_it_is_rendered(made_up: Engine, changes: dict[str, Any]) -> None:
    spec = yaml.safe_load((MADE_UP / "lambda-image.yaml").read_text(encoding="utf-8")) | changes
    assert made_up.problems(spec) == []
    plan = made_up.plan(spec)
    jsonschema.validate(plan, json.loads((TESTS.parent / "schema/plan.schema.json").read_text(encoding="utf-8")))
    assert [image["role"] for image in plan["images"]] == ["base", "builder", "emulator"]
    files = {file.path: file.content.decode() for file in made_up.render(spec, plan, {})}
    dockerfile = files["Dockerfile"]
    assert "FROM registry.example/ouroboros:1 AS build\n" in dockerfile
    assert dockerfile.index("FROM build AS unit-tests") < dockerfile.index("\nFROM base\n")
    assert ("COPY --from=build /build/packages/ /var/task/" in dockerfile) == ("dependencies" in changes)
    assert "apk add" in dockerfile, "what the build needs comes from the builder's system"
    assert "--target tested" in files["scripts/test"]
    assert ("scripts/lock" in files) == ("dependencies" in changes)
    known = load.load(made_up.root / "standards/standards.yaml", made_up)
    parsed = grammar.parse(dockerfile.encode(), file="Dockerfile")
    assert judge.findings(parsed, known, date(2026, 11, 28)) == []


def test_its_problems_are_found(made_up: Engine) -> None:
    spec = yaml.safe_load((MADE_UP / "lambda-image.yaml").read_text(encoding="utf-8"))
    for changes, code in (
        ({"handler": "Tail"}, "invalid-handler"),
        ({"language": "snake"}, "unknown-language"),
        ({"base": "ouroboros1"}, "unknown-base"),
        ({"build": {"base": "golang1.27"}}, "unfit-base"),
        ({"build": {"target": "head"}}, "no-effect"),
        ({"build": {"args": {"COIL_INDEX": "x"}}}, "reserved-variable"),
        ({"dependencies": {"manager": "pip"}}, "unknown-manager"),
        ({"dependencies": {"files": ["coil.toml"]}}, "unfit-file"),
        ({"environment": {"OUROBOROS": "x"}}, "reserved-variable"),
        ({"kind": "base", "tag": "1"}, "no-effect"),
    ):
        assert code in [problem.code for problem in made_up.problems(spec | changes)], changes
