"""A language that nobody speaks: one row, one folder, one spec, and no line elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import copier
import jsonschema
import pytest
import yaml
from support.template import TESTS, commit, copy_template, tree

from scaffold.dockerfile import grammar, judge
from scaffold.rendering.engine import Engine
from scaffold.standards import load

MADE_UP = TESTS / "template/made-up"
ROOT = TESTS.parent
RUNTIME = {"language": "ouroboros", "version": "1", "deprecated": "2030-01-01", "successor": None}
RUNS = "runtimes: [ouroboros1], default: true}"
BASE = f"{{image: registry.example/debian, tag: '13', system: debian, runtime_client: added, {RUNS}"
BUILDER = f"{{image: registry.example/ouroboros, tag: '1', system: alpine, {RUNS}"


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


def test_copier_makes_its_first_project(made_up: Engine, tmp_path: Path) -> None:
    """With default answers, the same as the package makes of the spec that they become."""
    commit(made_up.root, "With another language", tag="v1.0.0")
    project = tmp_path / "project"
    copier.run_copy(str(made_up.root), project, data={"runtime": "ouroboros1"}, defaults=True, quiet=True)
    spec = yaml.safe_load((project / "lambda-image.yaml").read_text(encoding="utf-8"))
    assert made_up.problems(spec) == []
    assert spec["handler"] == made_up.table("languages")["ouroboros"]["handler"]["example"]
    rendered = {file.path: file.content for file in made_up.render(spec, made_up.plan(spec), {})}
    found = {path: content for path, (content, _) in tree(project).items()}
    assert found.keys() == rendered.keys()
    answers = ".copier-answers.yml"  # which names the template's place, too
    assert {path for path in found if found[path] != rendered[path]} <= {answers}


def rows(text: str) -> list[list[str]]:
    """The first cells of the tables of a text: the words in backticks of each."""
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in text.splitlines() if line.startswith("| `")]


def test_contributing_names_every_key_and_every_part() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text[text.index("\n## Add a language\n") : text.index("\n## Add a system\n")]
    named = {word for words in rows(section) for word in words}
    schema = json.loads((ROOT / "schema/catalogue.schema.json").read_text(encoding="utf-8"))
    row = schema["$defs"]["languages"]["properties"]["languages"]["additionalProperties"]
    keys = {name for name in named if re.fullmatch(r"[a-z_]+", name)}
    assert keys == row["properties"].keys()
    optional = {"client.jinja", "dependencies.jinja", "managers/MANAGER.jinja"}
    parts = {name for name in named if name.endswith(".jinja")} - optional
    listed_by_outputs = {"coil.toml.jinja", "knot.jinja"}
    assert parts == {path.name for path in (MADE_UP / "parts").glob("*.jinja")} - listed_by_outputs
    events = json.loads((ROOT / "catalogue/events.json").read_text(encoding="utf-8"))["events"]
    everywhere = {name for name, row in events.items() if row["everywhere"]}
    assert everywhere == {path.name for path in (MADE_UP / "parts/events").iterdir()}


PAGES = list(json.loads((ROOT / "catalogue/languages.json").read_text())["languages"])


@pytest.mark.parametrize("name", [name for name in PAGES if (ROOT / f"docs/{name}.md").exists()])
def test_the_page_of_a_language_ends_with_its_keys(name: str) -> None:
    text = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    last = text.rpartition("\n## ")[2]
    assert last.startswith("Keys\n\n| Key | Effect | Example |\n| --- | --- | --- |\n")
    for line in last.splitlines()[4:]:
        [example] = re.findall(r"`(tests/[^`]+)`", line.split("|")[-2])
        assert (ROOT / example).exists(), line


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
