"""`scaffold image sbom`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_place, add_standards, place_of, plan_of
from scaffold.cli.output import print_error, write
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError
from scaffold.gates.image_facts import own_layers
from scaffold.gates.preflight import table
from scaffold.gates.preflight.reader import Reader
from scaffold.gates.sbom import cyclonedx, read, spdx
from scaffold.project.find import root_of
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Write the software bill of materials of an image, as SPDX and CycloneDX: what
the records of package managers in it say, which of it is its base's, and with
--project what the lock files say is compiled into its programs. The same
image gives the same files. They belong beside an image, never into its
manifest, which Lambda would reject."""

EXAMPLE = "scaffold image sbom --project ."

_FORMATS = {"spdx": spdx, "cyclonedx": cyclonedx}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="the image (default: the one that --project built)")
    parser.add_argument("--project", type=Path, metavar="PATH", help="also read this project's lock files")
    parser.add_argument(
        "--format", choices=tuple(_FORMATS), help="print this format instead of writing files into --output"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="the directory of the files (default: .image)")
    add_standards(parser)
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """Write or print the bill of materials."""
    engine = Engine()
    root = root_of(options.project) if options.project else None
    plan = plan_of(root, engine) if root else None
    reference = options.image or (f"{plan['name']}:latest" if plan else "")
    if not reference:
        raise InvalidInputError("no image to read: give IMAGE or --project")
    reader = Reader(
        standards=load(options.standards, engine),
        platforms=engine.platforms,
        where=place_of(options),
        table=table.load(engine),
        own=own_layers(plan) if plan else None,
    )
    bill = read.bill(reference, reader, engine.identity, plan, root)
    if options.format:
        write(_text(_FORMATS[options.format].render(bill)))
        return ExitCode.CLEAN
    folder = options.output or (root or Path()) / ".image"
    for kind in (spdx, cyclonedx):
        path = folder / kind.NAME
        try:
            folder.mkdir(exist_ok=True)
            path.write_text(_text(kind.render(bill)), encoding="utf-8")
        except OSError as error:
            raise CannotDecideError(f"{path}: cannot be written: {error.strerror}") from error
        print_error(f"{path}: {len(bill.components)} components")
    return ExitCode.CLEAN


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
