"""What the commands give up with: one class per exit code, caught once, in `scaffold.cli`.

A problem in somebody's file is no exception but a `scaffold.findings.Finding`, so that all of them are told at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """What a command ends with; of several, the highest wins."""

    CLEAN = 0
    FINDINGS = 1
    INVALID = 2
    UNDECIDED = 3


class ScaffoldError(Exception):
    """An expected failure: its text is the whole message, one sentence to a person, without a traceback."""

    exit_code: int = ExitCode.UNDECIDED


class InvalidInputError(ScaffoldError):
    """The command line or an input file is wrong or cannot be read."""

    exit_code = ExitCode.INVALID


class CannotDecideError(ScaffoldError):
    """The question could not be answered, or the work not finished; never to be taken for a pass."""

    exit_code = ExitCode.UNDECIDED


class RefusedError(ScaffoldError):
    """Going on would overwrite or remove somebody's work. `paths` are the files at stake, sorted."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(sorted(paths))
        super().__init__(f"these files hold changes that would be lost: {', '.join(self.paths)}")
