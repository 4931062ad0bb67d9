"""`scaffold check`: one project against its unavoidable imports; many projects against one process each."""

from __future__ import annotations

import os
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from measure import best, peak_memory, watch
from table import Row
from workspace import FLEET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workspace import Workspace


def one(space: Workspace) -> Iterator[Row]:
    """One clean project."""
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
    first = "… first run, with nothing compiled yet"
    yield Row(name=first, against=floor, ours=times["first"], theirs=imports)
    yield from _installed(space)


def _installed(space: Workspace) -> Iterator[Row]:
    """One clean project, by the package from a wheel: a fresh installation against one that ran before."""
    warm = space.installed("-m", "scaffold", "check")
    times = best(
        {
            "warm": warm,
            "first": replace(warm, before=space.forget),
            "bare": replace(warm, before=lambda: (space.forget(), space.forget_bytecode())),
        },
        rounds=15,
    )
    what, against = "`scaffold check`, first run of an installed wheel", "its next run"
    yield Row(name=what, against=against, ours=times["first"], theirs=times["warm"], bound=1.3)
    bare = "… installed without compiling bytecode, as uv does by default"
    yield Row(name=bare, against=against, ours=times["bare"], theirs=times["warm"])


def many(space: Workspace) -> Iterator[Row]:
    """A thousand clean projects, in one process."""
    single = space.tool("scaffold", "check")
    fleet = space.tool("scaffold", "check", "--jobs", "1", ".", where=space.fleet)
    times = best({"fleet": fleet, "single": single}, rounds=1)
    times["single"] = min(times["single"], best({"single": single}, rounds=15)["single"])
    memory = f"peak memory {peak_memory(fleet):.0f} MB; for one project {peak_memory(single):.0f} MB"
    yield Row(
        name=f"`scaffold check .`, {FLEET:,} projects, time per project ({memory})",
        against="`scaffold check`, one process per project",
        ours=times["fleet"] / FLEET,
        theirs=times["single"],
    )


def organisation(space: Workspace) -> Iterator[Row]:
    """Ten thousand clean projects of several kinds, on all processors; the peer only checks for newer templates."""
    fleet, number = space.organisation, space.projects
    check = space.tool("scaffold", "check", ".", where=fleet)
    peer = space.tool("copier", "check-update", where=space.outdated)
    used = watch(check)
    times = best({"theirs": peer}, rounds=5)
    clock = best({"theirs": peer}, rounds=5, clock=perf_counter)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = f"peak memory of all processes {used.memory / 1e6:.0f} MB"
    what = f"`scaffold check .`, {number:,} projects, time per project ({memory})"
    peers = "`copier check-update`, one process per project"
    yield Row(name=what, against=peers, ours=used.processor * 1000 / number, theirs=times["theirs"])
    by_clock = f"… wall time: {used.clock:.0f} s in total on {processors} processors"
    yield Row(name=by_clock, against=peers, ours=used.clock * 1000 / number, theirs=clock["theirs"])
    kept = space.tool("scaffold", "check", "--cache", space.root / "verdicts", ".", where=fleet)
    filled, unchanged = watch(kept), watch(kept)
    for name, one, bound in (("first run", filled, None), ("next run, nothing changed", unchanged, 0.2)):
        yield Row(
            name=f"… `--cache`, {name}: wall time {one.clock:.1f} s, processor time {one.processor:.1f} s",
            against=f"without: wall time {used.clock:.1f} s, processor time {used.processor:.1f} s",
            ours=one.processor * 1000 / number,
            theirs=used.processor * 1000 / number,
            bound=bound,
        )
