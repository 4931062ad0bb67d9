"""`scaffold update`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_format, add_paths
from scaffold.cli.output import print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding
from scaffold.fleet.runner import for_each_project
from scaffold.project import copier_runner, drift
from scaffold.project.answers import recorded_answers
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome

DESCRIPTION = """\
Move every project under PATH to the newest version of its template, or to the
one given by --to, with Copier's own update. Everything must be committed. A
file in which the update conflicts with an edit is reported."""

EXAMPLE = "scaffold update --to v1.2.0 my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument("--to", default="", metavar="VERSION", help="a version of the template (default: the newest)")


def run(options: argparse.Namespace) -> int:
    """Move projects to a newer template, and print the changes."""
    moved: list[tuple[Path, copier_runner.Update]] = []

    def move(root: Path, outcome: Outcome) -> None:
        done = copier_runner.update(root, version=options.to)
        moved.append((root, done))
        outcome.add([_unmerged(root / path) for path in done.unmerged], ExitCode.UNDECIDED)

    outcome = for_each_project(options.paths, move)
    print_findings(outcome)
    rows = [done.row(root) for root, done in moved]
    lines = [*(done.text(root) for root, done in moved), *_advice([root for root, _ in moved])]
    print_results(options.format, {"projects": rows}, lines)
    return outcome.code


def _advice(roots: Sequence[Path]) -> Iterator[str]:
    """Yield how to go on if the projects are now newer than this package, which would refuse to check them."""
    own = Engine().identity
    if any(drift.is_newer(recorded_answers(root).get("template"), own) for root in roots):
        upgrade = drift.UPGRADE.format(name=own["name"])
        yield f"{upgrade}: what is updated is newer, and only that version checks and renders it.\n"


def _unmerged(path: Path) -> Finding:
    message = "the update conflicts with your changes"
    return Finding(
        code="unmerged", message=message, fix="Resolve the conflict, or undo the update with git.", file=str(path)
    )
