"""Expected failures: one exception class per exit status, caught in one place, `scaffold.cli.main`.

A problem in a user's file is not an exception but a finding (`scaffold.findings.finding`), so that all problems are
reported at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """The exit status of a command; the highest of several wins."""

    CLEAN = 0
    FINDINGS = 1
    INVALID = 2
    UNDECIDED = 3


class ScaffoldError(Exception):
    """An expected failure. Its text is the whole message, one sentence; no traceback is printed."""

    exit_code: int = ExitCode.UNDECIDED


class InvalidInputError(ScaffoldError):
    """The command line or an input file is invalid, or cannot be read."""

    exit_code = ExitCode.INVALID


class CannotDecideError(ScaffoldError):
    """The command could not decide or could not finish; never to be treated as a pass."""

    exit_code = ExitCode.UNDECIDED


class RefusedError(ScaffoldError):
    """Continuing would overwrite or remove a user's work. `paths` are the affected files, sorted."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(sorted(paths))
        super().__init__(f"these files have changes that would be lost: {', '.join(self.paths)}")
