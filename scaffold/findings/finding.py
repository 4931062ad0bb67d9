"""A finding: one problem in one file or image. Findings are collected and reported together, never raised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """The severity of a finding: only an error fails the command; a project with nothing but notes is clean."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Exemption(NamedTuple):
    """The waiver that applies to a finding. `expires` is its last day (`YYYY-MM-DD`, UTC, inclusive)."""

    reason: str
    approved_by: str
    expires: str
    ticket: str = ""

    def __str__(self) -> str:
        ticket = f", {self.ticket}" if self.ticket else ""
        return f"waived until {self.expires} by {self.approved_by}{ticket}: {self.reason}"


class Edit(NamedTuple):
    """One change of a spec: the value at a path of keys and indexes, or None to remove that key or item."""

    path: tuple[str | int, ...]
    value: str | int | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem in one file or image.

    `code` is a row of the registry, `scaffold.findings.codes`; `fix` is the solution. `line` and `column` count from 1,
    and 0 means the whole file or line; `column` counts characters. `excerpt` is the source line and, below it, a caret.
    `edits` are the same solution as changes of the spec, if it is so small.
    A finding with a `waiver` appears in every report but fails no command. Findings sort by file, line, column, code
    and message. Raises ValueError for an unregistered code.
    """

    code: str
    message: str
    fix: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR
    excerpt: str = ""
    waiver: Exemption | None = None
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        from scaffold.findings import codes

        if self.code not in codes.CODES:
            message = f"{self.code!r} is not a row of scaffold.findings.codes"
            raise ValueError(message)

    @property
    def weight(self) -> str:
        """The category it is counted in: `error`, `warning`, `note` or `waived`."""
        return "waived" if self.waiver else self.severity.value

    @property
    def undecided(self) -> bool:
        """Whether it ends a run with exit status 3: an error, not waived, with the code of an undecided result."""
        from scaffold.findings import codes

        return self.weight == Severity.ERROR and codes.undecided(self.code)

    def __lt__(self, other: Finding) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, int, int, str, str]:
        return (self.file, self.line, self.column, self.code, self.message)
