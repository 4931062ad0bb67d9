"""Results as a Markdown table and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = ("What", "Compared with", "Ratio", "Ours", "Theirs", "Bound")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison of two figures; `form` is how they are printed, `bound` the maximum acceptable ratio, if any."""

    name: str
    against: str
    ours: float
    theirs: float
    bound: float | None = None
    form: str = "{:.1f} CPU ms"

    @property
    def ratio(self) -> float:
        """Ours over theirs, to two decimals: the precision that is printed and compared with the bound."""
        if self.theirs:
            return round(self.ours / self.theirs, 2)
        return inf if self.ours else 1.0


def markdown(rows: Iterable[Row]) -> str:
    lines = [_HEAD, ("---", "---", "--:", "--:", "--:", "--:"), *map(_cells, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.ratio:.2f}"
    if row.bound is not None and row.ratio > row.bound:
        ratio = f"**{ratio}**"
    bound = "–" if row.bound is None else f"≤ {row.bound:g}"  # noqa: RUF001 - a typographic dash
    return (row.name, row.against, ratio, row.form.format(row.ours), row.form.format(row.theirs), bound)


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [asdict(row) | {"ratio": row.ratio} for row in rows]
