"""The first gate: judges Dockerfiles that were written by hand against standards."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffold import buildfiles, dockerfile, report, sources, standards, waivers
from scaffold.engine import Engine
from scaffold.errors import ExitCode, InvalidInputError
from scaffold.project import SPEC

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.findings import Finding

UNDECIDED_CODES = frozenset({"build-override", "not-understood", "undecided"})


def check(options: argparse.Namespace) -> int:
    """Judge the Dockerfiles that `--dockerfile` names, print the findings, give the exit code.

    Raises InvalidInputError for standards that are none.
    """
    if [path for path in options.paths if str(path) != "."]:
        raise InvalidInputError(
            f"--dockerfile judges Dockerfiles alone: leave out PATH, or leave {SPEC} to another run"
        )
    rules, today = standards.load(options.standards, Engine()), datetime.now(UTC).date()
    scope = waivers.Scope.of(options.repository, options.dockerfiles)
    found = waivers.apply(judge(options.dockerfiles, rules, today), rules.waivers, today, scope)
    found += waivers.about(rules, found, today, scope)
    sys.stdout.write(report.render(found, format=options.format))
    return exit_code(found)


def judge(paths: Sequence[Path], rules: standards.Standards, today: date) -> list[Finding]:
    """Everything wrong with the Dockerfiles under these paths on this day (UTC)."""
    found = buildfiles.find(paths)
    result = list(found.findings)
    for path, data in found.dockerfiles.items():
        result += sources.findings(dockerfile.parse(data, file=str(path)), rules, today)
    return sorted(result)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """What a run with these findings ends with: whatever could not be decided outweighs what is wrong."""
    errors = [finding.code for finding in findings if finding.weight == "error"]
    if any(code in UNDECIDED_CODES for code in errors):
        return ExitCode.UNDECIDED
    return ExitCode.FINDINGS if errors else ExitCode.CLEAN
