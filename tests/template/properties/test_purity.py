"""The same spec gives the same files: whatever machine, order of keys, wording or history it has."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from support.template import tree

from scaffold.documents.document import parse
from scaffold.project import answers as answers_file
from scaffold.project import apply, state
from scaffold.rendering.engine import Engine

from .strategies import MINIMAL, SPECS, Spec, examples, mended, sample

SETS = ("system_packages", "build_packages")
SCRIPT = """
import hashlib, json, os, pathlib, sys
os.umask(int(sys.argv[2], 8))
from scaffold.rendering.engine import Engine
engine = Engine(pathlib.Path(sys.argv[1]))
for spec in json.load(sys.stdin):
    files = engine.render(spec, engine.plan(spec), {})
    print(hashlib.sha256(repr([(file.path, file.executable, file.content) for file in files]).encode()).hexdigest())
"""


def files_of(engine: Engine, spec: Spec) -> dict[str, bytes]:
    return {file.path: file.content for file in engine.render(spec, engine.plan(spec), {})}


def generated(engine: Engine, spec: Spec) -> dict[str, bytes]:
    """All but the spec itself, which keeps its author's order."""
    return {path: content for path, content in files_of(engine, spec).items() if path != "lambda-image.yaml"}


def shuffled(value: Any, chance: random.Random) -> Any:
    """Put keys in another order, but for stages: each gets its image from the one before it."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda _: chance.random())
        stages = value.get("stages", {})
        return {key: shuffled(value[key], chance) for key in keys} | (
            {"stages": {name: shuffled(stages[name], chance) for name in stages}} if "stages" in value else {}
        )
    return [shuffled(part, chance) for part in value] if isinstance(value, list) else value


@given(SPECS, st.integers(0, 2**32))
@examples(60)
def test_order_of_keys_does_not_matter(engine: Engine, spec: Spec, seed: int) -> None:
    spec = mended(spec, engine)
    assert generated(engine, shuffled(spec, random.Random(seed))) == generated(engine, spec)


@given(SPECS, st.integers(0, 2**32))
@examples(40)
def test_order_in_a_set_does_not_matter(engine: Engine, spec: Spec, seed: int) -> None:
    spec, chance = mended(spec, engine), random.Random(seed)
    other = spec | {key: sorted(spec[key], key=lambda _: chance.random()) for key in SETS if key in spec}
    assert files_of(engine, other)["Dockerfile"] == files_of(engine, spec)["Dockerfile"]


def test_case_decides_the_order(engine: Engine) -> None:
    one: Spec = MINIMAL | {
        "system_packages": ["ab", "AB", "b"],
        "environment": {"ab": "x", "AB": "y"},
        "lambda": {"environment": {"cd": "x", "CD": "y"}},
        "code": [{"from": "src", "exclude": ["x", "X"]}, {"from": "SRC", "to": "upper"}],
    }
    other = one | {
        "system_packages": ["b", "AB", "ab"],
        "environment": {"AB": "y", "ab": "x"},
        "lambda": {"environment": {"CD": "y", "cd": "x"}},
        "code": [{"from": "src", "exclude": ["X", "x"]}, {"from": "SRC", "to": "upper"}],
    }
    files, again = generated(engine, one), generated(engine, other)
    # The answers hold the lists as they were given.
    assert {path for path in files if files[path] != again[path]} == {".copier-answers.yml"}, (
        "it holds the lists as given"
    )
    assert {"!SRC", "!src"} <= set(files["Dockerfile.dockerignore"].decode().split("\n"))


@given(SPECS, st.integers(0, 2**32))
@examples(40)
def test_comments_and_quotes_do_not_matter(spec: Spec, seed: int) -> None:
    assume(json.dumps(spec, ensure_ascii=False).isprintable())
    chance = random.Random(seed)
    lines = []
    for key, value in shuffled(spec, chance).items():
        lines += [
            f"# {json.dumps(key)}: not this",
            f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}  # nor this",
        ]
        lines += [""] * chance.randint(0, 2)
    document = parse("\n".join(lines).encode(), file="lambda-image.yaml")
    assert document.findings == ()
    assert document.value == spec


def test_the_machine_does_not_matter(engine: Engine, tmp_path: Path) -> None:
    specs = [mended(spec, engine) for spec in sample(SPECS, 25)]
    wanted = []
    for spec in specs:
        files = engine.render(spec, engine.plan(spec), {})
        rows = [(file.path, file.executable, file.content) for file in files]
        wanted.append(hashlib.sha256(repr(rows).encode()).hexdigest())
    machines = [
        ("0077", {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0", "USER": "somebody"}),
        (
            "0000",
            {"TZ": "UTC", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2", "COLUMNS": "20"},
        ),
    ]
    for number, (umask, settings) in enumerate(machines):
        home = tmp_path / f"home of {number}"
        home.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, engine.root, umask],
            input=json.dumps(specs),
            env=os.environ | settings | {"HOME": str(home), "XDG_CACHE_HOME": str(home)},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.split() == wanted, done.stderr


@given(SPECS, SPECS)
@examples(25)
def test_what_was_rendered_before_does_not_matter(engine: Engine, spec: Spec, other: Spec) -> None:
    spec, other = mended(spec, engine), mended(other, engine)
    before = files_of(engine, spec)
    files_of(engine, other)
    assert files_of(engine, spec) == before


@given(SPECS, st.data())
@examples(25)
def test_a_key_added_and_removed_leaves_no_trace(
    engine: Engine, tmp_path_factory: Any, spec: Spec, data: st.DataObject
) -> None:
    spec = mended(spec, engine)
    optional = sorted(set(spec) - set(MINIMAL))
    assume(optional)
    assume(json.dumps(spec, ensure_ascii=False).isprintable())
    key = data.draw(st.sampled_from(optional))
    without = mended({name: value for name, value in spec.items() if name != key}, engine)
    root = tmp_path_factory.mktemp("project")
    states = []
    for wanted in (without, spec, without):
        (root / answers_file.SPEC).write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
        now = state.read(root, engine)
        assert not isinstance(now, state.InvalidSpec | state.OtherVersion)
        apply.apply(root, now.changes)
        assert state.read(root, engine).changes == []
        states.append((tree(root), {change.path for change in now.changes if change.owner == "starter"}))
    (first, _), (_, offered), (last, none) = states
    assert none == set()
    # A starter is its owner's from the day it is there, and the answers remember that it was offered.
    assert {path for path in last if path not in first} == offered
    for path in set(first) - {answers_file.ANSWERS}:
        assert last[path] == first[path]
    answers = [yaml.safe_load(state[answers_file.ANSWERS][0]) | {"starters": []} for state in (first, last)]
    assert answers[0] == answers[1]
