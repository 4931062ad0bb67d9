"""`scaffold new`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.changes import render
from scaffold.cli.output import write
from scaffold.errors import InvalidInputError
from scaffold.project.answers import SPEC

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Create a project in the directory DEST. If DEST has no lambda-image.yaml, ask
the template's questions and write the answers there; otherwise use it and ask
nothing. Then render the project."""

EXAMPLE = "scaffold new --defaults --data name=image-search image-search"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("dest", metavar="DEST", type=Path, help="the project's directory; created if it does not exist")
    parser.add_argument(
        "-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="an answer, or any key of the spec"
    )
    parser.add_argument("--data-file", type=Path, metavar="FILE", help="a YAML file of answers")
    parser.add_argument("-l", "--defaults", action="store_true", help="ask nothing and use the defaults")


def run(options: argparse.Namespace) -> int:
    """Create a project from the spec in DEST, or from answers."""
    spec: Path = options.dest / SPEC
    if not spec.exists():
        from scaffold.project import copier_runner

        copier_runner.answer(options.dest, data=options.data, data_file=options.data_file, defaults=options.defaults)
        write(f"create {spec}\n")
    elif options.data or options.data_file:
        raise InvalidInputError(f"{spec} exists and answers do not change it: edit it")
    return render([options.dest], force=False, format="text")
