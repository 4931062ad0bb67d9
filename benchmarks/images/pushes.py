"""Bytes of layers that a registry does not have yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import daemon
import registry
from space import RIVALS
from table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from space import Contender, Space


def uploaded(space: Space) -> Iterator[Row]:
    """What a push uploads after an edit, and after a rebuild from nothing: layers whose digests are new."""
    function = "pandas"
    contenders = {"ours": space.ours(function), **{name: space.rival(function, name) for name in ("five", "sam")}}
    folder = space.root / "registry"
    folder.mkdir()
    with registry.serve(folder) as host:
        bytes_of = {name: _uploads(contender, host, name) for name, contender in contenders.items()}
    edited, rebuilt = "Layers pushed after an edit", "Layers pushed after a build of the same files with `--no-cache`"
    allowed = space.ours(function).code.stat().st_size + 2048
    yield _row(edited, "the edited file and 2 KiB", bytes_of["ours"][0], allowed, bound=1)
    yield _row(rebuilt, "nothing", bytes_of["ours"][1], 0, bound=1)
    for number, what in enumerate((edited, rebuilt)):
        for rival in ("five", "sam"):
            against = f"the image of {RIVALS[rival].partition(' of ')[2]}"
            yield _row(what, against, bytes_of["ours"][number], bytes_of[rival][number])


def _row(name: str, against: str, ours: int, theirs: int, bound: float | None = None) -> Row:
    return Row(name=name, against=against, ours=ours, theirs=theirs, bound=bound, form="{:,.0f} B")


def _uploads(contender: Contender, host: str, name: str) -> tuple[int, int]:
    contender.build()()
    first = _push(contender, host, name)
    contender.edit()
    contender.build()()
    edited = _push(contender, host, name)
    contender.build("--no-cache")()
    rebuilt = _push(contender, host, name)
    return _new(edited, first), _new(rebuilt, edited)


def _push(contender: Contender, host: str, name: str) -> dict[str, int]:
    """Push the image; the size of each layer by its digest."""
    daemon.push(contender.image, f"{host}/{name}:latest")
    layers = registry.manifest(host, name, "latest").content["layers"]
    return {layer["digest"]: layer["size"] for layer in layers}


def _new(layers: dict[str, int], known: dict[str, int]) -> int:
    return sum(size for digest, size in layers.items() if digest not in known)
