"""The findings and the exit status of a command over all projects."""

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
    """The findings of a command so far, over all projects, and its exit status: the highest one wins.

    `projects` maps the path of each checked project to its findings, even if there are none.
    """

    code: int = ExitCode.CLEAN
    findings: list[Finding] = field(default_factory=list)
    projects: dict[str, list[Finding]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[ExitCode, Finding]]) -> Outcome:
        """Return the outcome of findings that each have their own exit status."""
        outcome = cls()
        outcome.extend(rows)
        return outcome

    def add(self, found: Sequence[Finding], code: ExitCode) -> None:
        """Add findings. An error that is not waived raises the exit status to `code`, or to UNDECIDED by its own code.

        A higher exit status stays.
        """
        self.findings += found
        if any(finding.weight == "error" for finding in found):
            undecided = any(finding.undecided for finding in found)
            self.code = max(self.code, ExitCode.UNDECIDED if undecided else code)

    def extend(self, rows: Iterable[tuple[ExitCode, Finding]]) -> None:
        """Add findings that each have their own exit status."""
        for code, finding in rows:
            self.add([finding], code)

    def merge(self, root: Path, project: Outcome) -> None:
        """Add the outcome of one project."""
        self.findings += project.findings
        self.code = max(self.code, project.code)
        self.projects[str(root)] = project.findings

    def report(self, format: str, *, colour: bool = False) -> str:  # noqa: A002 - the name of the option
        """Return a report of all findings, in a format of `scaffold.reports.formats`, text in colour if asked for."""
        return formats.render(self.findings, format=format, projects=self.projects, colour=colour)
