"""What a file is made of follows from the plan alone: no value of a spec adds to it, and each is read back whole."""

from __future__ import annotations

import ast
import json
import posixpath
import re
import shlex
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import assume, given

from scaffold.documents.document import parse
from scaffold.rendering.engine import Engine

from .builder import Instruction, instructions
from .expected import Row, lock_stages, stages, wanted, wanted_to_lock
from .strategies import MINIMAL, SPECS, TOKENS, Spec, accepted, at, examples, mended, sample

LONGEST_LINE = 65_535
PATHS = [
    ("code", "items", "from"),
    ("code", "items", "to"),
    ("code", "items", "exclude", "items"),
    ("dependencies", "files", "items"),
    ("model_files", "items", "from"),
    ("model_files", "items", "to"),
]
TEMPLATE_TOKENS = [token for token in TOKENS if re.search(r"[{}<]%|[{][{#]|[%#][}]|}}|#[{]|%[{]", token)]
ODD = [
    "y",
    "Y",
    "n",
    "N",
    "no",
    "0o14",
    "1e5",
    "+1e5",
    "1.e5",
    ".5e3",
    "08",
    "-08",
    "-.5",
    "1.5",
    "12:34",
    "=",
    "~",
    "x - y",
]


class Tagged(yaml.SafeLoader):
    """Reads CloudFormation, whose tags are functions of it."""


Tagged.add_multi_constructor("!", lambda _loader, tag, _node: tag)


def files_of(engine: Engine, spec: Spec) -> dict[str, str]:
    return {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}


@given(SPECS)
@examples(150)
def test_dockerfile_has_the_instructions_of_its_plan(engine: Engine, spec: Spec) -> None:
    spec = mended(spec, engine)
    plan, files = engine.plan(spec), files_of(engine, spec)
    assert_made_of(files["Dockerfile"], list(wanted(plan)), stages(plan))
    assert ("scripts/lock.Dockerfile" in files) == bool(plan["dependencies"]["locks"])
    if plan["dependencies"]["locks"]:
        assert_made_of(files["scripts/lock.Dockerfile"], list(wanted_to_lock(plan)), lock_stages(plan))


def assert_made_of(dockerfile: str, rows: list[Row], stages: list[str]) -> None:
    found = instructions(dockerfile)
    assert [(row.keyword, row.flags) for row in found] == rows
    assert [row.rest for row in found if row.keyword == "FROM"] == stages
    for row in found:
        assert_copies_within_its_stage(row)
        assert max(len(line.encode()) for line in row.source.split("\n")) < LONGEST_LINE
        # BuildKit reads a heredoc in these: https://docs.docker.com/reference/dockerfile/#here-documents
        assert "<<" not in row.rest or row.keyword not in {"ADD", "COPY", "RUN"}


def assert_copies_within_its_stage(row: Instruction) -> None:
    if row.keyword == "COPY":
        *sources, target = row.rest.split(" ")
        assert re.fullmatch(r"[A-Za-z0-9._+@/*-]+", "".join([*sources, target]))
        assert not any(word.startswith("-") or ".." in PurePosixPath(word).parts for word in [*sources, target])
        taken = any(flag.startswith("--from=") for flag in row.flags)
        assert taken or not target.startswith("/")


@given(SPECS)
@examples(100)
def test_layers_are_those_of_the_plan(engine: Engine, spec: Spec) -> None:
    spec = mended(spec, engine)
    layers = engine.plan(spec)["layers"]
    taken = [
        (row.flags, row.rest) for row in instructions(files_of(engine, spec)["Dockerfile"]) if row.keyword == "COPY"
    ]
    of_stages = [row for row in taken if row[0] in {("--from=build",), ("--from=code",), ("--from=models",)}]
    assert of_stages == [((f"--from={row['stage']}",), f"{row['folder']}/ {row['to']}/") for row in layers]


@given(SPECS)
@examples(100)
def test_outputs_have_paths_of_their_own(engine: Engine, spec: Spec) -> None:
    _assert_places_of_their_own([row["path"] for row in engine.plan(mended(spec, engine))["outputs"]])


def _assert_places_of_their_own(paths: list[str]) -> None:
    assert len({path.lower() for path in paths}) == len(paths)
    folders = {str(folder).lower() for path in paths for folder in PurePosixPath(path).parents}
    assert not folders & {path.lower() for path in paths}
    for path in paths:
        assert str(PurePosixPath(path)) == path
        assert not {"..", ".git"} & set(PurePosixPath(path).parts)
        assert not path.startswith("/")


@pytest.mark.parametrize(
    "folder", ["tests", "tests/invoke", "events/event.json", "README.md", "requirements.txt", "src"]
)
@pytest.mark.parametrize("handler", ["test_handler.test", "invoke.py", "app.handler", "event.json"])
def test_code_may_be_called_as_our_files_are(engine: Engine, folder: str, handler: str) -> None:
    spec = MINIMAL | {"handler": handler, "code": [{"from": folder}, {"from": "lib"}]}
    assert engine.problems(spec) == []
    _assert_places_of_their_own([row["path"] for row in engine.plan(spec)["outputs"]])


@pytest.mark.parametrize("path", PATHS, ids="/".join)
def test_paths_stay_where_they_are(path: tuple[str, ...]) -> None:
    for text in accepted(at(*path), 500):
        if "://" not in text:
            assert posixpath.normpath(text) == text.removesuffix("/"), "another name of the same place"
            # One / in front stands for the top of the build context.
            assert not text.removeprefix("/").startswith(("/", "-", "..", "#", "!"))


@given(SPECS)
@examples(60)
def test_files_are_tidy(engine: Engine, spec: Spec) -> None:
    for path, text in files_of(engine, _without_braces(mended(spec, engine))).items():
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "\r" not in text, path
        assert "\t" not in text or path == "Makefile", path
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), path
        # GitHub's own ${{ }} stays.
        assert not re.search(r"(?<!\$)\{\{[ -]|\{%|%\}|\{#|#\}", text), f"{path} shows what it is made from"


@pytest.mark.parametrize("description", [" ", "x ", "  x", "{{ x ", "# x", "---"])
def test_blanks_around_a_description_are_not_kept(engine: Engine, description: str) -> None:
    readme = files_of(engine, MINIMAL | {"description": description})["README.md"]
    assert not re.search(r"[ \t]+$|\n\n\n", readme, re.MULTILINE)


def _without_braces(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_braces(key): _without_braces(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_braces(part) for part in value]
    return value.replace("{", "(").replace("}", ")") if isinstance(value, str) else value


@given(SPECS)
@examples(60)
def test_files_are_read_back_as_they_were_meant(engine: Engine, spec: Spec) -> None:
    spec = mended(spec, engine)
    files = files_of(engine, spec)
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(text)
        elif path.endswith(".json"):
            json.loads(text)
        elif path.startswith(("stack.", "deploy-role.")):
            yaml.load(text, Tagged)
        elif path.endswith((".yml", ".yaml")):
            yaml.safe_load(text)
    answers = yaml.safe_load(files[".copier-answers.yml"])
    assert answers["spec"] == spec
    assert set(answers["starters"]) <= set(files)
    assert yaml.safe_load(files["lambda-image.yaml"]) == spec
    readme = files["README.md"].split("\n")
    assert readme[0] == f"# {spec['name']}"
    assert spec.get("description", "").strip() in readme


@given(SPECS)
@examples(100)
def test_the_first_spec_is_one_that_is_accepted(engine: Engine, spec: Spec) -> None:
    spec = mended(spec, engine)
    assume(json.dumps(spec, ensure_ascii=False).isprintable())  # no schema can know every character that does not show
    document = parse(files_of(engine, spec)["lambda-image.yaml"].encode(), file="lambda-image.yaml")
    assert document.findings == ()
    assert document.value == spec


@pytest.mark.parametrize("odd", [*ODD, *(text + text for text in ODD), *(f"{'x' * 100} {text}" for text in ODD)])
def test_words_that_yaml_takes_for_more_than_text(engine: Engine, odd: str) -> None:
    spec = MINIMAL | {
        "description": odd,
        "labels": {"k": odd, "n": "y", "08": "1e5"},
        "environment": {"AB": f"{odd} {odd}"},
    }
    document = parse(files_of(engine, spec)["lambda-image.yaml"].encode(), file="lambda-image.yaml")
    assert document.findings == ()
    assert document.value == spec


def test_scripts_are_scripts(engine: Engine, tmp_path: Path) -> None:
    for number, spec in enumerate(sample(SPECS, 12)):
        for path, text in files_of(engine, mended(spec, engine)).items():
            if text.startswith("#!/bin/sh"):
                script = tmp_path / f"{number}-{path.replace('/', '-')}"
                script.write_text(text, encoding="utf-8")
                done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
                assert (done.returncode, done.stderr) == (0, ""), text


@pytest.mark.parametrize("token", TEMPLATE_TOKENS)
def test_a_spec_is_no_template(engine: Engine, token: str) -> None:
    stage = {"ABC": token}
    spec = MINIMAL | {
        "description": token,
        "environment": {"AB": token},
        "labels": {"ab": token},
        "lambda": {"environment": stage},
    }
    files = files_of(engine, spec)
    written = token.replace("$", "\\$")
    for line in (f'ENV AB="{written}"', f'LABEL ab="{written}"', f'image.description="{written}"'):
        assert line in files["Dockerfile"]
    assert f"--env {shlex.quote(f'ABC={token}')} " in files["scripts/run"]
    assert token in files["README.md"].split("\n")
    for path in (".copier-answers.yml", "lambda-image.yaml"):
        kept = yaml.safe_load(files[path])
        assert kept.get("spec", kept) == spec
