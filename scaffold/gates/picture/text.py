"""A picture in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.source import visible
from scaffold.gates.picture.facts import GUESSED, PROVED
from scaffold.gates.preflight.subject import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.gates.picture.changes import Comparison
    from scaffold.gates.picture.facts import Content, LayerRow, Picture

_WIDTH, _BAR = 80, 20
_MOST = 15


def lines(picture: Picture, comparison: Comparison | None) -> Iterator[str]:
    """Yield the lines, each with its line ending."""
    for line in _lines(picture, comparison):
        yield f"{visible(line).rstrip()}\n"


def summary(picture: Picture) -> list[str]:
    """Return the sentences that say most about an image."""
    own = picture.size - picture.base_size
    names = " = ".join(picture.bases)
    base = {PROVED: f"base {names}, by its layers", GUESSED: "base by the history, which proves nothing"}
    known = base.get(picture.proof, "base unknown")
    texts = [f"{size(picture.size)}: {size(picture.base_size)} in the base, {size(own)} above ({known})."]
    edited = [layer.number for layer in picture.layers if layer.edited]
    if edited:
        which = f"layer {edited[0]}" if len(edited) == 1 else f"layers {edited[0]} to {edited[-1]}"
        texts.append(f"An edit of {picture.code} pushes {which}, at most {size(picture.edit_size)} before compression.")
    return texts


def changes(comparison: Comparison) -> list[str]:
    """Return the sentences that say most about what changed."""
    numbers = ", ".join(map(str, comparison.layers)) or "none"
    texts = [f"Since {comparison.old}: new layers {numbers}, {size(comparison.size)} before compression."]
    counts = [f"{sum(row.kind == kind for row in comparison.files)} {kind}" for kind in ("added", "removed", "changed")]
    texts.append(f"Files: {', '.join(counts)}.")
    if comparison.settings:
        texts.append(f"Settings that differ: {', '.join(comparison.settings)}.")
    return texts


def _lines(picture: Picture, comparison: Comparison | None) -> Iterator[str]:
    yield f"{picture.image} ({picture.platform})"
    yield from summary(picture)
    yield ""
    yield "Layers"
    most = max((layer.size for layer in picture.layers), default=0)
    for layer in picture.layers:
        yield _layer(layer, most)
    for title, rows in (("Largest above the base", picture.own), ("Largest in the base", picture.inherited)):
        if rows:
            yield from ("", title, *_contents(rows))
    if comparison:
        yield ""
        yield from changes(comparison)
        for row in comparison.files[:_MOST]:
            sizes = " → ".join(size(number) for number in (row.old, row.new) if number is not None)
            yield f"  {row.kind:8} {sizes:>22}  {row.path}"
        if len(comparison.files) > _MOST:
            yield f"  … and {len(comparison.files) - _MOST} more"


def _layer(layer: LayerRow, most: int) -> str:
    mark = "base" if layer.base else "edit" if layer.edited else "own"
    return f"  {layer.number:>2} {mark:4} {size(layer.size):>10} {_bar(layer.size, most)} {layer.step}"[: _WIDTH + 20]


def _contents(rows: Sequence[Content]) -> Iterator[str]:
    most = rows[0].size
    return (f"  {size(row.size):>10} {_bar(row.size, most)} {row.path}" for row in rows)


def _bar(number: int, most: int) -> str:
    return ("█" * round(_BAR * number / most) if most else "").ljust(_BAR)
