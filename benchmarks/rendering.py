"""Rendering: how far from the floor, which is plain jinja2 on the same files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import plain
from measure import best
from table import Row

from scaffold.documents.document import parse
from scaffold.locations import template_root
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workspace import Workspace


def warm(space: Workspace) -> Iterator[Row]:
    """In process, everything imported and compiled: the files alone, what comes before them, and the whole way."""
    engine, spec, job = Engine(), space.spec, space.job({})
    plan = engine.plan(spec)
    ready = plain.templates(plain.environment(template_root()), job)
    files = {file.path: file.content for file in engine.render(spec, plan, {})}
    if plain.render(ready, job) != files:
        raise RuntimeError("plain jinja2 renders other files: the comparison would not be fair")

    def whole() -> None:
        value = parse(space.text, file="lambda-image.yaml").value
        if engine.problems(value) or not isinstance(value, dict):
            raise RuntimeError("the spec was in order")
        engine.render(value, engine.plan(value), {})

    times = best(
        {
            "floor": lambda: plain.render(ready, job),
            "files": lambda: engine.render(spec, plan, {}),
            "plan": lambda: engine.plan(spec),
            "problems": lambda: engine.problems(spec),
            "whole": whole,
        },
        rounds=150,
    )
    floor = f"plain jinja2, the same {len(files)} files with the context at hand"
    yield _row("Render, warm: the files of a plan", floor, times, "files", bound=2)
    yield _row("… the plan of a spec", floor, times, "plan")
    yield _row("… the problems of a spec", floor, times, "problems")
    yield _row("… the whole way: text, spec, problems, plan, files", floor, times, "whole")


def _row(name: str, against: str, times: dict[str, float], key: str, bound: float | None = None) -> Row:
    return Row(name=name, against=against, ours=times[key], theirs=times["floor"], bound=bound)


def cold(space: Workspace) -> Iterator[Row]:
    """As a command, in a project in order: import, judge, plan, render, compare. The floor keeps nothing compiled."""
    render = space.tool("scaffold", "render")
    program = Path(plain.__file__)
    times = best(
        {
            "floor": space.tool("python", program, template_root(), space.job_file()),
            "render": render,
            "first": replace(render, before=space.forget),
        },
        rounds=25,
    )
    floor = "a Python that imports jinja2 and yaml and renders these files, without a cache"
    yield _row("`scaffold render`, nothing to change", floor, times, "render")
    yield _row("… for the first time: nothing is compiled yet", floor, times, "first")
