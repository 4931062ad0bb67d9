"""`scaffold render`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli import changes
from scaffold.cli.arguments import add_format, add_paths

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Write the generated files of every project under PATH, and remove those that its
spec no longer produces. A file with an edit that git does not hold is refused,
unless --force is given."""

EXAMPLE = "scaffold render my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument("--force", action="store_true", help="also overwrite edited files; each is kept as PATH.orig")
    parser.add_argument(
        "--starters", action="store_true", help="also create the starter of each handler that has no file, in any case"
    )


def run(options: argparse.Namespace) -> int:
    """Write the generated files of the projects."""
    return changes.render(options.paths, force=options.force, format=options.format, starters=options.starters)
