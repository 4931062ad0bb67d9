"""`scaffold schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.output import write
from scaffold.errors import ExitCode
from scaffold.locations import template_root

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Print the JSON Schema of lambda-image.yaml, with which editors complete its keys
and check its values, offline too. It is the one of this version."""

EXAMPLE = "scaffold schema --path"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--path", action="store_true", help="print the path of the schema in this package instead")


def run(options: argparse.Namespace) -> int:
    """Print the schema of the spec, or its path."""
    path = template_root() / "schema/lambda-image.schema.json"
    write(f"{path}\n" if options.path else path.read_text(encoding="utf-8"))
    return ExitCode.CLEAN
