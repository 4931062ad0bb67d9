"""`scaffold check`: of one project against the imports it cannot do without, of a thousand against one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from measure import best, peak_memory
from table import Row
from workspace import FLEET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workspace import Workspace


def one(space: Workspace) -> Iterator[Row]:
    """One project in order."""
    check = space.tool("scaffold", "check")
    times = best(
        {
            "imports": space.tool("python", "-c", "import yaml, jinja2"),
            "check": check,
            "first": replace(check, before=space.forget),
        },
        rounds=30,
    )
    floor, imports = "`python -c 'import yaml, jinja2'`", times["imports"]
    yield Row(name="`scaffold check`, one project", against=floor, ours=times["check"], theirs=imports, bound=2)
    first = "… for the first time: nothing is compiled yet"
    yield Row(name=first, against=floor, ours=times["first"], theirs=imports)


def many(space: Workspace) -> Iterator[Row]:
    """A thousand projects in order, by one process."""
    single, fleet = space.tool("scaffold", "check"), space.tool("scaffold", "check", ".", where=space.fleet)
    times = best({"fleet": fleet, "single": single}, rounds=1)
    times["single"] = min(times["single"], best({"single": single}, rounds=15)["single"])
    memory = f"peak memory {peak_memory(fleet):.0f} MB; of one project {peak_memory(single):.0f} MB"
    yield Row(
        name=f"`scaffold check .`, {FLEET:,} projects: each ({memory})",
        against="`scaffold check`, a process for each",
        ours=times["fleet"] / FLEET,
        theirs=times["single"],
    )
