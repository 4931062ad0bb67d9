"""One problem in one file: collected, never raised one by one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error fails the command, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Why a finding does not count for now: who said so, and until which day (`YYYY-MM-DD`, UTC, included)."""

    reason: str
    approved_by: str
    expires: str
    ticket: str = ""

    def __str__(self) -> str:
        ticket = f", {self.ticket}" if self.ticket else ""
        return f"waived until {self.expires} by {self.approved_by}{ticket}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One problem in one file.

    `code` is stable and kebab-case; `fix` says what to do. `line` and `column` count from 1, 0 means the whole file or
    line; `column` counts characters. `excerpt` is the source line and, under it, a caret. A finding with a `waiver` is
    told everywhere and fails nothing. Findings sort by file, line, column and code.
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

    @property
    def weight(self) -> str:
        """What it counts as: `error`, `warning` or `waived`."""
        return "waived" if self.waiver else self.severity.value

    def __lt__(self, other: Finding) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, int, int, str, str]:
        return (self.file, self.line, self.column, self.code, self.message)
