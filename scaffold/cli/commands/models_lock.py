"""`scaffold models lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_format, add_paths
from scaffold.cli.output import print_findings, print_results
from scaffold.fleet.runner import for_each_project
from scaffold.model_files.lock import lock_project
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome

DESCRIPTION = """\
Download every model file that has no sha256 yet, and write its sha256 and size
into the spec. Failed downloads are reported; the others are recorded."""

EXAMPLE = "scaffold models lock --update my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument("--update", action="store_true", help="also refresh files that already have a sha256")


def run(options: argparse.Namespace) -> int:
    """Lock the model files of every project, and print them."""
    engine = Engine()
    locked: list[tuple[Path, list[dict[str, Any]]]] = []

    def lock(root: Path, outcome: Outcome) -> None:
        files, found = lock_project(root, engine, update=options.update)
        if files is not None:
            locked.append((root, files))
        outcome.extend(found)

    outcome = for_each_project(options.paths, lock)
    print_findings(outcome)
    rows = [row for _, files in locked for row in files]
    lines = [*(f"{row['sha256']} {row['size']} {row['from']}\n" for row in rows), f"{len(rows)} locked\n"]
    projects = [{"project": str(root), "files": files} for root, files in locked]
    print_results(options.format, {"projects": projects}, lines)
    return outcome.code
