"""`scaffold doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_format
from scaffold.cli.output import print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.findings.source import visible
from scaffold.fleet.outcome import Outcome
from scaffold.machine.checks import State, checks
from scaffold.project.answers import SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse

    from scaffold.machine.checks import Check
    from scaffold.rendering.plan import Plan

DESCRIPTION = """\
Check that this machine has what the scripts of a project need: programs, the
engine and its platforms, the registries of the project's images, credentials of
AWS. Without a project in PATH, check for a function with default settings.
Exit status 1 if something is missing without which nothing is built or run; a
warning is about something that only some targets need."""

EXAMPLE = "scaffold doctor my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path(), metavar="PATH", help="a project (default: the current directory)"
    )
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Report what is missing on this machine."""
    engine, outcome = Engine(), Outcome()
    found = list(checks(_plan(options.path, engine, outcome)))
    print_findings(outcome)
    missing = any(check.state == State.MISSING for check in found)
    rows = [{"name": row.name, "state": row.state, "detail": row.detail, "fix": row.fix} for row in found]
    print_results(options.format, {"checks": rows}, map(_line, found))
    return max(outcome.code, ExitCode.FINDINGS if missing else ExitCode.CLEAN)


def _line(check: Check) -> str:
    return f"{check.state:8} {check.name}: {visible(check.detail)}{f'. {check.fix}' if check.fix else ''}\n"


def _plan(root: Path, engine: Engine, outcome: Outcome) -> Plan:
    if (root / SPEC).is_file():
        plan, found = validation.plan(root / SPEC, engine)
        if plan is not None:
            return plan
        outcome.add(found, ExitCode.INVALID)
    return engine.plan(engine.smallest)
