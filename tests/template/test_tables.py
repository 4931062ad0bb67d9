"""The tables and the plan against the schemas that describe them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.template import CASES, TESTS

from scaffold.dockerfile.parsed import PLATFORMS

ROOT = TESTS.parent
SCHEMAS = ROOT / "schema"


def load(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


@pytest.mark.parametrize("path", [*SCHEMAS.glob("*.json")], ids=lambda path: path.name)
def test_schemas_are_schemas(path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(load(path))


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_plans_are_complete_and_closed(case: str) -> None:
    jsonschema.validate(load(CASES / case / "plan.json"), load(SCHEMAS / "plan.schema.json"))


def test_the_grammar_of_dockerfiles_knows_the_platforms_of_the_table() -> None:
    """It is pure, and reads no table."""
    rows = load(ROOT / "catalogue/lambda.json")["architectures"]
    assert {row["platform"]: name for name, row in rows.items()} == PLATFORMS


@pytest.mark.parametrize("path", [ROOT / "standards/standards.yaml", TESTS / "standards.yaml"], ids=str)
def test_standards(path: Path) -> None:
    standards = load(path)
    jsonschema.validate(standards, load(SCHEMAS / "standards.schema.json"))
    systems = load(ROOT / "catalogue/systems.json")["systems"]
    runtimes = load(ROOT / "catalogue/runtimes.json")["runtimes"]
    for name, base in standards["bases"].items():
        assert base["system"] in systems, name
        assert set(base["runtimes"]) <= runtimes.keys(), name
    defaults = [runtime for base in standards["bases"].values() if base.get("default") for runtime in base["runtimes"]]
    assert len(defaults) == len(set(defaults)), "one default base for a runtime"


def test_the_shipped_standards_serve_every_runtime() -> None:
    standards = load(ROOT / "standards/standards.yaml")
    if standards["organisation"] != "aws-public":
        pytest.skip("these are an organisation's own standards")
    defaults = {name for base in standards["bases"].values() if base.get("default") for name in base["runtimes"]}
    assert defaults == load(ROOT / "catalogue/runtimes.json")["runtimes"].keys()


@pytest.mark.parametrize("path", sorted((ROOT / "catalogue").glob("*.json")), ids=lambda path: path.stem)
def test_catalogue(path: Path) -> None:
    schema = load(SCHEMAS / "catalogue.schema.json")
    jsonschema.validate(load(path), {**schema, "$ref": f"#/$defs/{path.stem}"})
