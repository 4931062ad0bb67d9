"""`scaffold image show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_format, add_place, add_standards, place_of
from scaffold.cli.output import print_results
from scaffold.errors import CannotDecideError, ExitCode
from scaffold.gates.picture import changes, facts, page, text
from scaffold.gates.preflight import table
from scaffold.gates.preflight.reader import Reader
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Show what is in an image: its layers and largest contents, what is its base's,
and which layers a code edit pushes. An image in a registry is pulled for it,
and removed afterwards."""

EXAMPLE = "scaffold image show --compare search:1.3.0 --html picture.html search:latest"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("image", metavar="IMAGE", help="the image")
    add_standards(parser)
    add_format(parser)
    parser.add_argument("--compare", metavar="OLD", help="also show what changed since this image")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one HTML page, which requests nothing")
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """Show the image."""
    engine = Engine()
    reader = Reader(
        standards=load(options.standards, engine),
        platforms=engine.platforms,
        where=place_of(options),
        table=table.load(engine),
    )
    new = reader.one(options.image)
    picture = facts.of(new.subject, new.match)
    comparison = changes.compare(reader.one(options.compare).subject, new.subject, picture) if options.compare else None
    if options.html:
        try:
            options.html.write_text(page.page(picture, comparison), encoding="utf-8")
        except OSError as error:
            raise CannotDecideError(f"{options.html}: cannot be written: {error.strerror}") from error
    result = {"image": picture.as_json(), "changes": comparison.as_json() if comparison else None}
    print_results(options.format, result, text.lines(picture, comparison))
    return ExitCode.CLEAN
