"""Results as a Markdown table and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = ("What", "Compared with", "Ratio", "Ours, CPU ms", "Theirs, CPU ms", "Bound")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison; `bound` is the maximum acceptable ratio, if there is one."""

    name: str
    against: str
    ours: float
    theirs: float
    bound: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def markdown(rows: Iterable[Row]) -> str:
    lines = [_HEAD, ("---", "---", "--:", "--:", "--:", "--:"), *map(_cells, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.ratio:.2f}"
    if row.bound is not None and row.ratio > row.bound:
        ratio = f"**{ratio}**"
    bound = "–" if row.bound is None else f"≤ {row.bound:g}"  # noqa: RUF001 - a typographic dash
    return (row.name, row.against, ratio, f"{row.ours:.1f}", f"{row.theirs:.1f}", bound)


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [asdict(row) | {"ratio": round(row.ratio, 3)} for row in rows]
