"""`scaffold diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_format, add_paths
from scaffold.cli.changes import renderable
from scaffold.cli.output import change_rows, print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.fleet.runner import for_each_project
from scaffold.project import diff, overrides, state
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change

DESCRIPTION = """\
Show, as a patch, what `scaffold render` would change. With --set, show what it
would change if the spec had other values. Nothing is written."""

EXAMPLE = "scaffold diff --set runtime=python3.14"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="assume this value in the spec: --set runtime=python3.14",
    )


def run(options: argparse.Namespace) -> int:
    """Show what a render would change."""
    engine, settings = Engine(), overrides.parse(options.settings)
    shown: list[tuple[Path, Sequence[Change]]] = []

    def compare(root: Path, outcome: Outcome) -> None:
        now = renderable(state.read(root, engine, settings=settings), outcome)
        if now and now.changes:
            shown.append((root, now.changes))
            outcome.code = max(outcome.code, ExitCode.FINDINGS)

    outcome = for_each_project(options.paths, compare)
    print_findings(outcome)
    patches = (diff.unified(root, change) for root, changes in shown for change in changes)
    print_results(options.format, change_rows(shown), patches)
    return outcome.code
