"""Checks hand-written Dockerfiles against the standards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from scaffold.dockerfile import discover, grammar
from scaffold.dockerfile import judge as dockerfile_judge
from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding
from scaffold.fleet.outcome import Outcome
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.dockerfile.discover import DockerfileSearch
    from scaffold.rendering.plan import Stage
    from scaffold.standards.facts import PlannedImage
    from scaffold.standards.model import Standards


_FIXES = {
    "deploy-not-allowed": "Deploy the function as the standards say.",
    "missing-boundary": "Set PermissionsBoundary.",
    "missing-tag": "Add it to Tags.",
    "missing-vpc": "Add VpcConfig.",
    "public-url": "Set AuthType: AWS_IAM, or name an API.",
}
"""What helps in a template, where a spec would have other keys."""


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
    for path, stack in found.stacks:
        result += _by_rules(path, stack, standards, today)
    return sorted(dict.fromkeys(result))


def _by_rules(path: Path, stack: Mapping[str, Any], standards: Standards, today: date) -> Iterator[Finding]:
    """Apply the rules for stacks to a template that no spec describes."""
    facts = Facts(
        standards=standards, today=today, subject="Dockerfile", deploy="stack", stages=(cast("Stage", stack),)
    )
    for found in violations(facts):
        fix = _FIXES.get(found.code, found.fix)
        yield Finding(code=found.code, message=found.message, fix=fix, file=str(path), severity=found.severity)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """Return the exit status of a run with these findings."""
    outcome = Outcome()
    outcome.add(findings, ExitCode.FINDINGS)
    return ExitCode(outcome.code)
