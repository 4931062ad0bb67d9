"""What changes when a function moves to another runtime, besides the files that are rendered. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.rendering.plan import Plan


def between(
    before: Plan, after: Plan, notes: Mapping[str, Sequence[str]], runtimes: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield the subject and the text of each change between two plans of one spec with different runtimes.

    `notes` has what a function notices in a runtime; `runtimes` are those of the catalogue, from old to new.
    """
    old, new = before["runtime"], after["runtime"]
    yield from _changed(before, after)
    until = f"{new['name']} is deprecated on {new['deprecated']}, {old['name']} on {old['deprecated']}"
    yield "support", f"{until}; its successor is {new['successor']}" if new["successor"] else until
    if old["language"] != new["language"]:
        yield "language", f"{old['language']} becomes {new['language']}: handlers, manifests and tests are other files"
        return
    yield from _again(before, after)
    start, end = (runtimes.index(row["name"]) for row in (old, new))
    for name in runtimes[min(start, end) + 1 : max(start, end) + 1]:
        yield from ((name if start < end else f"back from {name}", note) for note in notes.get(name, ()))


def _changed(before: Plan, after: Plan) -> Iterator[tuple[str, str]]:
    pairs = [("base", before["base"]["reference"], after["base"]["reference"])]
    pairs.append(("system", before["base"]["system"], after["base"]["system"]))
    unknown = "an unknown one"
    pairs.append(("C library", before["base"]["c_library"] or unknown, after["base"]["c_library"] or unknown))
    if before["builder"] and after["builder"]:
        pairs.append(("builder", before["builder"]["reference"], after["builder"]["reference"]))
    yield from ((subject, f"{old} becomes {new}") for subject, old, new in pairs if old != new)


def _again(before: Plan, after: Plan) -> Iterator[tuple[str, str]]:
    """What was made for the earlier runtime, and must be made again or looked at."""
    old, new = before["runtime"]["name"], after["runtime"]["name"]
    if locks := sorted({lock["to"] for lock in after["dependencies"]["locks"]}):
        yield "lock", f"run `make lock` after the render: {', '.join(locks)} is of {old}"
    elif after["dependencies"]["files"] and not after["builder"]:
        yield "libraries", f"versions in {', '.join(after['dependencies']['files'])} must exist for {new}"
    if before["base"]["system"] != after["base"]["system"]:
        if packages := [*after["system_packages"], *after["build_packages"]]:
            yield "packages", f"{', '.join(packages)} must exist under these names in {after['base']['system']}"
        if after["dependencies"]["wheels"] or after["downloads"]:
            yield "files", "wheels and downloads with native code must fit the C library"
