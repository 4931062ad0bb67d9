"""Checks hand-written Dockerfiles against the standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.dockerfile import discover, grammar
from scaffold.dockerfile import judge as dockerfile_judge
from scaffold.errors import ExitCode
from scaffold.fleet.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.dockerfile.discover import DockerfileSearch
    from scaffold.findings.finding import Finding
    from scaffold.standards.facts import PlannedImage
    from scaffold.standards.model import Standards


def judge(
    paths: Sequence[Path], standards: Standards, today: date, planned: Sequence[PlannedImage] = ()
) -> list[Finding]:
    """Return everything wrong with the Dockerfiles under these paths on this day (UTC).

    `planned` are the images of a plan to which the rules have been applied already.
    """
    return judge_found(discover.find(paths), standards, today, planned)


def judge_found(
    found: DockerfileSearch, standards: Standards, today: date, planned: Sequence[PlannedImage] = ()
) -> list[Finding]:
    """Return everything wrong with the Dockerfiles that were found."""
    result = list(found.findings)
    for path, data in found.dockerfiles.items():
        result += dockerfile_judge.findings(grammar.parse(data, file=str(path)), standards, today, planned)
    return sorted(result)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return the exit status of a run with these findings."""
    outcome = Outcome()
    outcome.add(findings, ExitCode.FINDINGS)
    return ExitCode(outcome.code)
