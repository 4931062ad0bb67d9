"""Rules of the template's files: arrows between folders, short lines, plain values, no state between renders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import CASES, TESTS

from scaffold.findings.finding import Edit
from scaffold.rendering.engine import Engine

ROOT = TESTS.parent / "template"
PARTS = sorted(path for path in ROOT.rglob("*.jinja") if path.parent != ROOT / "tree")
NAMED = re.compile(r"{%-? *(?:import|include|from) (?:\[\s*)?'([^']*)'")
LEAVES = {"encode", "header", "paths"}
MAY_NAME: dict[str, set[str]] = {
    **{leaf: set() for leaf in LEAVES},
    "plan": {"paths", "plan", "catalogue", "standards", "languages"},
    "spec": {"plan", "spec", "schema", "encode"},
    "steps": LEAVES | {"plan/tables", "steps"},
    "files": LEAVES | {"steps", "files", "languages", "systems"},
    "languages": LEAVES | {"steps", "languages", "catalogue"},
    "systems": LEAVES | {"steps"},
    "guard": {"spec"},
}


@pytest.mark.parametrize("path", PARTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_names_only_parts_it_may_see(path: Path) -> None:
    home = path.relative_to(ROOT).parts[0].removesuffix(".jinja")
    text = path.read_text(encoding="utf-8")
    assert len(NAMED.findall(text)) == len(re.findall(r"{%-? *(?:import|include|from) ", text)), "a name not in quotes"
    for name in NAMED.findall(text):
        named = name.removeprefix("template/").removesuffix(".jinja")
        assert {named.split("/")[0], named} & MAY_NAME[home], name


def test_one_part_of_a_language_is_seen_by_the_plan() -> None:
    for path in (ROOT / "plan").glob("*.jinja"):
        for name in re.findall(r"'template/languages/'[^%]*", path.read_text(encoding="utf-8")):
            assert "/plan.jinja'" in name


def test_lines_are_short() -> None:
    """The scripts of a project are shell, whose lines follow from what they generate."""
    for path in PARTS:
        if "scripts" not in path.parts:
            lines = path.read_text(encoding="utf-8").splitlines()
            assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == [], path


def test_json_is_parsed_at_the_border_only() -> None:
    found = [path for path in PARTS for _ in range(path.read_text(encoding="utf-8").count("from_json"))]
    assert len(found) <= 10
    assert {path.relative_to(ROOT).as_posix() for path in found} == {
        "plan/tables.jinja",
        "plan/timezones.jinja",
        "spec/contract.jinja",
        "spec/standards.jinja",
    }


def spec_of(case: Path) -> Any:
    return yaml.safe_load((case / "lambda-image.yaml").read_text(encoding="utf-8"))


def parts_of(value: Any) -> Iterator[Any]:
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from parts_of(part)


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_a_plan_is_made_of_plain_values(case: Path, engine: Engine) -> None:
    plan = engine.plan(spec_of(case))
    assert {type(part) for part in parts_of(plan)} <= {dict, list, str, int, bool, type(None)}
    assert json.loads(json.dumps(plan)) == plan


@pytest.mark.parametrize("case", sorted((CASES.parent / "invalid").iterdir()), ids=lambda path: path.name)
def test_problems_are_made_of_plain_values(case: Path, engine: Engine) -> None:
    for problem in engine.problems(spec_of(case)):
        assert {type(part) for part in parts_of(vars(problem))} <= {dict, tuple, str, int, bool, Edit, type(None)}


def test_a_plan_shares_nothing_with_tables_or_spec(engine: Engine) -> None:
    tables = {id(part) for part in parts_of(vars(engine._tables)) if isinstance(part, dict | list)}
    for case in CASES.iterdir():
        spec = spec_of(case)
        theirs = {id(part) for part in parts_of(spec) if isinstance(part, dict | list)}
        ours = {id(part) for part in parts_of(engine.plan(spec)) if isinstance(part, dict | list)}
        assert not ours & (tables | theirs), case.name


@pytest.mark.parametrize("order", [sorted, lambda rows: sorted(rows, reverse=True)], ids=["forwards", "backwards"])
def test_no_render_leaves_anything_to_the_next(template: Path, order: Callable[[Any], list[Path]]) -> None:
    engine = Engine(template)
    before = json.dumps({name: engine.table(name) for name in ("kinds", "languages", "lambda", "systems", "standards")})
    for case in order([*CASES.iterdir(), *(CASES.parent / "invalid").iterdir()]):
        spec = spec_of(case)
        text = json.dumps(spec, default=str)
        if engine.problems(spec) == []:
            plan = engine.plan(spec)
            assert plan == json.loads((case / "plan.json").read_bytes()), case.name
            engine.render(spec, plan, {})
        assert json.dumps(spec, default=str) == text, "the spec itself was changed"
    assert before == json.dumps(
        {name: engine.table(name) for name in ("kinds", "languages", "lambda", "systems", "standards")}
    )


def test_everything_in_the_schema_of_the_plan_is_described() -> None:
    schema = json.loads((TESTS.parent / "schema/plan.schema.json").read_bytes())
    for name, part in {"Plan": schema, **schema["$defs"]}.items():
        assert part["title"] == name
        assert part["additionalProperties"] is False
        optional = {"entrypoint", "owner", "replaced_by", "supported_until"} if name == "EntryFacts" else set()
        assert set(part["required"]) == set(part["properties"]) - optional
        for key, value in part["properties"].items():
            assert value["description"].endswith("."), f"{name}.{key}"
