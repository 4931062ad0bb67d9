"""Builds, compared with the same function's in Dockerfiles written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import daemon
from measure import medians, timed
from space import RIVALS
from table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from space import Space

SECONDS = "{:.2f} s"
MEGABYTES = "{:.2f} MB"


def after_an_edit(space: Space) -> Iterator[Row]:
    """A build after a change of the code, with everything else in the cache."""
    function = "pandas"
    contenders = {"script": space.ours(function), "direct": space.direct(function)}
    contenders |= {name: space.rival(function, name) for name in ("five", "copy")}
    builds = {name: timed(contender.build(before=contender.edit)) for name, contender in contenders.items()}
    times = medians(builds, rounds=space.rounds)
    sam = space.rival(function, "sam")
    times |= medians({"sam": timed(sam.build(before=sam.edit))}, rounds=1)  # installs everything again
    what = "Rebuild with pandas after an edit, `scripts/build`"
    for rival in ("five", "copy", "sam"):
        yield Row(name=what, against=RIVALS[rival], ours=times["script"], theirs=times[rival], bound=2, form=SECONDS)
    what = "… `docker buildx build` of our Dockerfile"
    for rival in ("five", "copy"):
        yield Row(name=what, against=RIVALS[rival], ours=times["direct"], theirs=times[rival], form=SECONDS)


def uncached(space: Space) -> Iterator[Row]:
    """A first build: nothing in the cache but the base; pip finds its wheels in a directory."""
    function = "pandas"
    contenders = {"ours": space.ours(function), "theirs": space.rival(function, "five")}
    builds = {name: timed(contender.build("--no-cache")) for name, contender in contenders.items()}
    times = medians(builds, rounds=min(space.rounds, 3), warm_up=0)
    what = "First build with pandas, `scripts/build --no-cache`"
    yield Row(name=what, against=f"{RIVALS['five']}, `--no-cache`", bound=1.1, form=SECONDS, **times)


def size(space: Space) -> Iterator[Row]:
    """Bytes above the base."""
    for function in ("plain", "pandas"):
        sizes = {name: _above_base(space, function, name) for name in ("ours", "five", "sam")}
        yield against_better(sizes, name=f"Size of the image above its base, {function}", bound=1.0, form=MEGABYTES)


def _above_base(space: Space, function: str, name: str) -> float:
    contender = space.ours(function) if name == "ours" else space.rival(function, name)
    contender.build()()
    images = daemon.client().images
    return float(images.get(contender.image).attrs["Size"] - images.get(space.base).attrs["Size"]) / 1e6


def against_better(figures: Mapping[str, float], *, name: str, bound: float, form: str) -> Row:
    """Compare our figure with the smaller one of the two rivals that install packages."""
    better = min(("five", "sam"), key=figures.__getitem__)
    against = f"the image of {RIVALS[better].partition(' of ')[2]}"
    return Row(name=name, against=against, ours=figures["ours"], theirs=figures[better], bound=bound, form=form)
