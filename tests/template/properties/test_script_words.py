"""The scripts of a project hand on every value byte for byte, in every shell there is here."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold.rendering.engine import Engine

from .strategies import MINIMAL, Spec, accepted, accepts, at

SHELLS = [path for name in ("dash", "bash", "ksh", "zsh", "busybox") if (path := shutil.which(name))]
VALUES = accepted(at("lambda", "environment", "additionalProperties"), 2200)
NAMES = accepted(at("name"), 50)
FROM = at("model_files", "items", "from")
ADDRESSES = [text for text in accepted(FROM, 300) if text.startswith("https:")]
ENDS = ("", "?", "?a=1&b=~,@", "?&&", "?x=/../%20%s")
ADDRESSES = [text + end for text, end in zip(ADDRESSES, itertools.cycle(ENDS)) if accepts(FROM, text + end)]

DOCKER = r"""#!/bin/sh
case $1 in
    run) printf '%s\0' "$@" >"$RECORD" ;;
    port) echo 127.0.0.1:1 ;;
    container) echo true ;;
esac
"""
CURL = r"""#!/bin/sh
for word; do
    if [ "${before:-}" = --output ]; then printf x >"$word"; fi
    before=$word
done
printf '%s\0' "$before" >>"$RECORD"
"""


def batches() -> Iterator[list[str]]:
    """The values, as many at a time as Lambda takes."""
    batch: list[str] = []
    size = 0
    for value in VALUES:
        length = len(json.dumps({"V1000": value}, ensure_ascii=False).encode())
        if size + length > 3_900 or len(batch) == 100:
            yield batch
            batch, size = [], 0
        batch.append(value)
        size += length
    yield batch


def run(engine: Engine, spec: Spec, script: str, shell: str, where: Path) -> list[str]:
    """Run a script of a project whose programs are fakes; the words they were given."""
    assert engine.problems(spec) == []
    plan = engine.plan(spec)
    needed = {script, "scripts/lib.sh", "scripts/stale.sh", "scripts/emulator"}
    plan["outputs"] = [row for row in plan["outputs"] if row["path"] in needed]
    contents = {file.path: file.content.decode() for file in engine.render(spec, plan, {})}
    for name, text in {**contents, "bin/docker": DOCKER, "bin/curl": CURL}.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    record = where / "record"
    record.unlink(missing_ok=True)
    words = [shell, "sh", script] if shell.endswith("busybox") else [shell, script]
    settings = {
        "PATH": f"{where}/bin:{os.environ['PATH']}",
        "RECORD": str(record),
        "LAMBDA_RIE": str(where / "bin/curl"),
    }
    done = subprocess.run(words, cwd=where, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return record.read_text(encoding="utf-8").split("\0")[:-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_variables_of_a_stage(engine: Engine, tmp_path: Path, shell: str) -> None:
    plain = {}
    for number, batch in enumerate(batches()):
        base = ("python3.13", "python3.13-debian")[number % 2]
        wanted = {f"V{index}": value for index, value in enumerate(batch)}
        spec = MINIMAL | {"base": base, "lambda": {"environment": wanted}}
        words = run(engine, spec, "scripts/run", shell, tmp_path)
        start = words.index("V0=" + batch[0]) - 1
        pairs = sorted(f"{name}={value}" for name, value in wanted.items())
        given, rest = words[start : start + 2 * len(pairs)], words[:start] + words[start + 2 * len(pairs) :]
        assert given[::2] == ["--env"] * len(pairs)
        assert sorted(given[1::2]) == pairs
        if base not in plain:
            plain[base] = run(engine, MINIMAL | {"base": base}, "scripts/run", shell, tmp_path)
        assert rest == plain[base], "a value changed another word"


def test_names(engine: Engine, tmp_path: Path) -> None:
    for name in NAMES:
        words = run(engine, MINIMAL | {"name": name}, "scripts/run", "sh", tmp_path)
        assert words[words.index("--name") + 1] == f"lambda-{name}"
        assert words[-2:] == [f"{name}:latest", "http://127.0.0.1:1/"]


@pytest.mark.parametrize("shell", SHELLS)
def test_model_files(engine: Engine, tmp_path: Path, shell: str) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    places = accepted(at("model_files", "items", "to"), 100)
    for start in range(0, len(ADDRESSES), 80):
        rows = [
            {"from": address, "sha256": digest, "to": f"t{index}.{place}"}
            for index, (address, place) in enumerate(zip(ADDRESSES[start : start + 80], places, strict=False))
        ]
        shutil.rmtree(tmp_path / ".models", ignore_errors=True)
        words = run(engine, MINIMAL | {"model_files": rows}, "scripts/models", shell, tmp_path)
        assert sorted(words) == sorted(row["from"] for row in rows)
        made = {path for path in (tmp_path / ".models").rglob("*") if path.is_file()}
        assert made == {tmp_path / ".models" / name for name in (".gitignore", *(row["to"] for row in rows))}
