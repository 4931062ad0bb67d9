"""Rendering, compared with the floor: plain jinja2 on the same files."""

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
    """In process, with everything imported and compiled: files only, the steps before them, and the whole pipeline."""
    engine, spec, job = Engine(), space.spec, space.job({})
    plan = engine.plan(spec)
    ready = plain.templates(plain.environment(template_root()), job)
    files = {file.path: file.content for file in engine.render(spec, plan, {})}
    if plain.render(ready, job) != files:
        raise RuntimeError("plain jinja2 renders different files: the comparison would be unfair")

    def whole() -> None:
        value = parse(space.text, file="lambda-image.yaml").value
        if engine.problems(value) or not isinstance(value, dict):
            raise RuntimeError("the spec must be valid")
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
    floor = f"plain jinja2, the same {len(files)} files with a ready context"
    yield _row("Warm render: the files of a plan", floor, times, "files", bound=2)
    yield _row("… the plan of a spec", floor, times, "plan")
    yield _row("… the problems of a spec", floor, times, "problems")
    yield _row("… the whole pipeline: text, spec, problems, plan, files", floor, times, "whole")


def _row(name: str, against: str, times: dict[str, float], key: str, bound: float | None = None) -> Row:
    return Row(name=name, against=against, ours=times[key], theirs=times["floor"], bound=bound)


def cold(space: Workspace) -> Iterator[Row]:
    """As a command, in a clean project: import, validate, plan, render, compare. The floor has no cache."""
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
    floor = "Python importing jinja2 and yaml and rendering these files, without a cache"
    yield _row("`scaffold render`, nothing to change", floor, times, "render")
    yield _row("… first run, with nothing compiled yet", floor, times, "first")
