"""Broken files of every kind that a gate reads: each ends in findings, soon, and never in a traceback.

BROKEN_FILES sets the number of files of each kind; a run with 2,500 takes some minutes.
"""

from __future__ import annotations

import copy
import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.evasions import names
from support.template import TESTS

from scaffold.dockerfile.discover import find
from scaffold.documents.document import parse
from scaffold.errors import CannotDecideError
from scaffold.gates.dockerfile import judge
from scaffold.project.answers import ANSWERS, recorded_answers
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards.load import findings, own

ENGINE = Engine()
COUNT = int(os.environ.get("BROKEN_FILES", "60"))
CASE = TESTS / "template/cases"
STANDARDS = (TESTS / "dockerfiles/standards.yaml").read_text()
COMPOSE = (
    "services:\n  fn:\n    build: &b\n      context: .\n      target: last\n      args: [A=b]\n"
    "      cache_from: ['type=gha']\n"
    "  two: {build: {<<: *b, dockerfile: Dockerfile}}\ninclude: [{path: other.yaml}]\n"
)
BAKE = (
    'target "a" {\n  context = "."\n  args = { A = "b", "C" = f("d") }\n'
    '  cache-from = ["type=gha", { type = "local" }]\n'
    '  tags = ["a:${b}"]\n}\nvariable "b" { default = <<X\nc\nX\n}\n'
)
SAM = (
    "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata:\n"
    "      DockerContext: .\n      Dockerfile: Dockerfile\n      DockerBuildArgs: {A: !Ref B}\n"
)
WORKFLOW = (
    "jobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n"
    "      with: {context: ., build-args: A=b, file: x}\n"
)
STACK = (
    "Globals: {Function: {Timeout: 3, Tags: {a: b}}}\nParameters: {ImageUri: {Type: String, Default: ''}}\n"
    "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      ImageUri: !Ref ImageUri\n"
    "      Policies: [AWSLambdaExecute, {Statement: [{Effect: Allow, Action: '*', Resource: !Sub '${A}'}]}]\n"
    "      Events: {E: {Type: HttpApi, Properties: {ApiId: !Ref A}}, S: {Type: ScheduleV2, Properties: {A: b}}}\n"
    "      FunctionUrlConfig: {AuthType: NONE}\n      VpcConfig: {SubnetIds: [a]}\n      Tags: [{Key: a, Value: b}]\n"
    "  R: {Type: 'AWS::IAM::Role', Properties: {PermissionsBoundary: !Ref B}}\n"
)
SERVERLESS = (
    "provider: {name: aws, layers: [a], ecr: {images: {a: {path: ., file: x, buildArgs: {A: b}, cacheFrom: [a]}}}}\n"
    "functions:\n  f: {image: {name: a, uri: '${param:x}'}, layers: [a]}\n  g: {handler: a.b}\n"
    "resources: {Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: {ImageUri: a}}}}}\n"
)
STEPS = (
    'ARG A=/opt B\nFROM <approved> AS b\nARG A\nENV C=$A/x D=\'e f\' G="h\\"i"\nENV E f g\nWORKDIR ${C:-/x}\n'
    'COPY a ["b", "c"]\nCOPY ["a", "$D/"]\nRUN --mount=type=cache,target=/c,id=x set -e; cp -t /c x > /d && [ "$A" ]\n'
    'FROM scratch AS held\nCOPY --from=b / /\nFROM b\nCOPY --from=held / /\nENTRYPOINT ["a", "b"]\n'
)
DOCKERFILE = "FROM a AS b\nRUN <<'E' x\ny\nE\nCOPY --from=b --chown=1:1 a \\\n\n  b\n"
PIECES = [
    "[",
    "]",
    "{",
    "}",
    ":",
    "- ",
    "\n",
    "\t",
    "&a ",
    "*a",
    "<<: ",
    "!x ",
    "? ",
    "'",
    '"',
    "|",
    "\0",
    "\ufeff",
    "${",
    "%{",
]
PIECES += [
    "null",
    "1",
    "1e999",
    "[1]",
    "{a: b}",
    "items",
    "keys",
    "x" * 300,
    "\\",
    "<<E",
    "\x85",
    "\ud7ff",
    "#",
    "/",
    "..",
]


def broken(chance: random.Random, text: str) -> bytes:
    """Change a few words, lines and bytes of a text."""
    for _ in range(chance.randrange(1, 5)):
        at, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + chance.choice((0, 1, 4, 40)))
        text = text[:at] + chance.choice(PIECES) + text[end:]
    data = text.encode(errors="replace")
    if data and chance.random() < 0.1:
        at = chance.randrange(len(data))
        data = data[:at] + chance.randbytes(3) + data[at + 1 :]
    return data


def beside_a_dockerfile(name: str) -> Callable[[Path, bytes], object]:
    def run(folder: Path, data: bytes) -> object:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return [finding.code for finding in find([folder]).findings]

    return run


def as_dockerfile(folder: Path, data: bytes) -> object:
    (folder / "Dockerfile").write_bytes(data)
    return judge([folder], names().standards(folder.parent), date(2026, 11, 24))


def as_steps(folder: Path, data: bytes) -> object:
    (folder / "Dockerfile").write_bytes(names().fill(data))
    return judge([folder], names().standards(folder.parent), date(2026, 11, 24))


def as_stack(folder: Path, data: bytes) -> object:
    (folder / "template.yaml").write_bytes(data)
    rules = {"vpc": "required", "boundary": ["a"], "tags": {"required": ["a"]}, "wildcard_policies": "refused"}
    standards = replace(own(ENGINE), rules={"stack": rules | {"public_urls": "refused"}})
    return judge([folder], standards, date(2026, 11, 24))


def as_spec(_: Path, data: bytes) -> object:
    return validation.findings(parse(data, file="lambda-image.yaml"), ENGINE)


def as_standards(_: Path, data: bytes) -> object:
    return findings(parse(data, file="standards.yaml"), ENGINE)


def as_answers(folder: Path, data: bytes) -> object:
    (folder / ANSWERS).write_bytes(data)
    try:
        return recorded_answers(folder)
    except CannotDecideError as error:
        return error


KINDS: dict[str, tuple[str, Callable[[Path, bytes], object]]] = {
    "Compose": (COMPOSE, beside_a_dockerfile("compose.yaml")),
    "Bake": (BAKE, beside_a_dockerfile("docker-bake.hcl")),
    "SAM": (SAM, beside_a_dockerfile("template.yaml")),
    "a workflow": (WORKFLOW, beside_a_dockerfile(".github/workflows/a.yml")),
    "Serverless": (SERVERLESS, beside_a_dockerfile("serverless.yml")),
    "a stack": (STACK, as_stack),
    "a Dockerfile": (DOCKERFILE, as_dockerfile),
    "steps of a Dockerfile": (STEPS, as_steps),
    "a spec": ((CASE / "extensions/lambda-image.yaml").read_text(), as_spec),
    "standards": (STANDARDS, as_standards),
    "answers": ((CASE / "flat/expected" / ANSWERS).read_text(), as_answers),
}


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files_end_in_findings(kind: str, tmp_path: Path) -> None:
    text, run = KINDS[kind]
    folder = tmp_path / "judged"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM a AS last\n")
    chance = random.Random(f"20261129 {kind}")
    for _ in range(COUNT):
        data = broken(chance, text)
        started = time.process_time()
        run(folder, data)
        assert time.process_time() - started < 2, data


def test_thousands_of_unknown_keys_take_no_longer_than_they_must() -> None:
    """Each used to be compared with every other, and with every key of the schema."""
    head = "version: 1\nname: search\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\n"
    data = (head + "".join(f"unknown{number}: 1\n" for number in range(4900))).encode()
    started = time.process_time()
    found = validation.findings(parse(data, file="lambda-image.yaml"), ENGINE)
    assert time.process_time() - started < 2
    assert [finding.code for finding in found] == ["unknown-key"] * 4900
    assert found[0].fix


STRANGE = ("[recommended]", "{a: b}", "[]", "{}", "1", "true", "null", "''")


def words_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path in a document, of its mappings and lists too."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in below for place in words_of(part, (*path, key)))]


@pytest.mark.parametrize("strange", STRANGE)
def test_another_kind_of_value_at_any_place_of_the_standards_is_a_finding(strange: str) -> None:
    base = {"image": "a.example/b", "tag": "1", "runtimes": ["python3.13"], "system": "debian", "tier": "recommended"}
    base |= {"owner": "a", "runtime_client": "included", "digests": {"x86_64": f"sha256:{'0' * 64}"}}
    rules = {"base_digest": "required", "inline_base": "refused", "labels": {"required": ["team"]}}
    for path in words_of(value := {"version": 1, "organisation": "a", "bases": {"p": base}, "rules": rules}):
        changed = copy.deepcopy({"": value})
        holder: Any = changed
        for part in ("", *path)[:-1]:
            holder = holder[part]
        holder[("", *path)[-1]] = yaml.safe_load(strange)
        if changed != {"": value}:
            findings(parse(yaml.safe_dump(changed[""]).encode(), file="standards.yaml"), ENGINE)


def test_a_list_where_the_standards_want_a_word() -> None:
    text = STANDARDS.replace("tier: acceptable", "tier: [acceptable]")
    assert text != STANDARDS
    [found] = findings(parse(text.encode(), file="standards.yaml"), ENGINE)
    assert found.code == "unknown-name"
