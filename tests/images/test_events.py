"""Every event in the container: the sample and a poisoned batch, answered as Lambda's sources read it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import emulated
import projects
import pytest
from support import docs
from support.events import all_in_python, poisoned

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

SERVED = ["alb", "api-gateway-http", "api-gateway-rest", "function-url", "sqs", "sqs-fifo"]
"""Events that every language has."""
PROGRAM = {"version": 1, "runtime": "provided.al2023", "architecture": "x86_64"}


def rows(form: str) -> list[dict[str, str]]:
    """Functions for the events that every language has, whose handlers have this form."""
    return [{"name": name, "handler": form.format(name.title().replace("-", "")), "event": name} for name in SERVED]


SPECS: dict[str, Any] = {
    "python": all_in_python(),
    "typescript": projects.spec_of("node-events"),
    "go": {**PROGRAM, "language": "go", "functions": rows("{}")},
    "rust": {**PROGRAM, "language": "rust", "functions": rows("{}")},
    "java": {**PROGRAM, "runtime": "java21", "functions": rows("example.{}")},
}


@pytest.mark.parametrize("language", SPECS)
def test_every_event_is_answered_as_its_source_reads_it(
    language: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    spec = SPECS[language] | {"architecture": "x86_64", "name": f"events-{language}-{os.getpid()}"}
    assert engine.problems(spec) == []
    project, plan = projects.make(engine, tmp_path / "project", spec), engine.plan(spec)
    if stage := plan["tests"]["stage"]:
        project.build(f"--target={stage}", *bases)  # a unit test that fails stops it
    project.build(*bases)
    events = {row["handler"]["handler"]: row["event"] for row in plan["functions"]}
    with ThreadPoolExecutor(4) as pool:
        wrong = pool.map(lambda row: found(project, *row), events.items())
    assert [line for lines in wrong for line in lines] == []


def found(project: projects.Project, handler: str, event: dict[str, Any]) -> list[str]:
    """What is wrong with the answers of one function."""
    sample = json.loads((project.root / event["file"]).read_text(encoding="utf-8"))
    bad = poisoned(event["name"], sample)
    said = []
    with emulated.running(f"{project.name}:latest", handler, read_only=True, tmpfs={"/tmp": "exec"}) as function:
        good = function.invoke(sample).body
        if not re.search(".*".join(map(re.escape, event["answer"])), good.replace('": ', '":'), re.DOTALL):
            said.append(f"{event['name']}: {good}")
        answer = function.invoke(bad.event).json()
        right = (
            bad.error in ("*", answer.get("errorType"))
            if "errorType" in answer
            else not bad.error and bad.response.items() <= answer.items()
        )
        if not right:
            said.append(f"{event['name']}, poisoned: {answer}")
    return said


def test_powertools_and_adapted_applications_answer(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """Starters with Powertools, as they are, beside the applications on the page of events."""
    events = {"ordered": "sqs-fifo", "changes": "dynamodb"}
    applications = {"asgi": "api-gateway-http", "wsgi": "api-gateway-http"}
    spec = {
        **PROGRAM,
        "name": f"powertools-{os.getpid()}",
        "runtime": "python3.13",
        "powertools": True,
        "functions": [
            {"name": name, "handler": f"{name}.handler", "event": event}
            for name, event in (events | applications).items()
        ],
    }
    assert engine.problems(spec) == []
    project = projects.make(engine, tmp_path / "project", spec)
    shown = {
        block.marks["file"]: block.text for block in docs.blocks(docs.ROOT / "docs/events.md") if "file" in block.marks
    }
    requirements = project.root / "requirements.txt"
    requirements.write_text(requirements.read_text() + shown["asgi.txt"] + shown["wsgi.txt"])
    for name in applications:
        (project.root / f"src/{name}.py").write_text(shown[f"src/{name}.py"], encoding="utf-8")
        (project.root / f"tests/test_{name}.py").unlink()
    project.build(*bases)
    project.script("test")
    rows = [row for row in engine.plan(spec)["functions"] if row["name"] in events]
    with ThreadPoolExecutor(4) as pool:
        wrong = pool.map(lambda row: found(project, row["handler"]["handler"], row["event"]), rows)
    assert [line for lines in wrong for line in lines] == []
