"""The findings and the exit code of a command over all projects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.errors import ExitCode
from scaffold.reports import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scaffold.findings.finding import Finding


@dataclass(kw_only=True)
class Outcome:
    """What a command has found so far, over all projects; the highest exit code wins.

    `projects` holds the findings of each project that was looked at, by its path, also where there are none.
    """

    code: int = ExitCode.CLEAN
    findings: list[Finding] = field(default_factory=list)
    projects: dict[str, list[Finding]] = field(default_factory=dict)

    def add(self, found: Sequence[Finding], code: ExitCode) -> None:
        """Add findings. An error that is not waived raises the exit status to `code`, or to UNDECIDED if its code is.

        A higher exit status stays.
        """
        self.findings += found
        if any(finding.weight == "error" for finding in found):
            undecided = any(finding.undecided for finding in found)
            self.code = max(self.code, ExitCode.UNDECIDED if undecided else code)

    def take(self, root: Path, of_project: Outcome) -> None:
        """Add what was found in one project."""
        self.findings += of_project.findings
        self.code = max(self.code, of_project.code)
        self.projects[str(root)] = of_project.findings

    def report(self, format: str) -> str:  # noqa: A002 - the word the command line uses
        """All of it in a format of `scaffold.report`."""
        return formats.render(self.findings, format=format, projects=self.projects)


def outcome_of(rows: Iterable[tuple[ExitCode, Finding]]) -> Outcome:
    """What findings come to of which each has an exit code of its own."""
    outcome = Outcome()
    for code, finding in rows:
        outcome.add([finding], code)
    return outcome
