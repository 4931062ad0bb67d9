"""`scaffold image attach`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.output import print_error, write
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError
from scaffold.gates.sbom import attachments
from scaffold.oci.referrers import attach

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Store the SBOMs of a pushed image beside it in its registry, as artifacts that
refer to it: the image and its manifest stay as they are. A registry that does
not list referrers gets the tag that lists them, which is written once, since
tags may not move. `make push` does it if `make sbom` wrote them."""

EXAMPLE = "scaffold image attach --project ."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "image", nargs="?", metavar="IMAGE", help="REPOSITORY@DIGEST (default: what scripts/push of --project pushed)"
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="SBOMs (default: those of --project)")
    parser.add_argument("--project", type=Path, metavar="PATH", help="the project whose image was pushed")


def run(options: argparse.Namespace) -> int:
    """Attach the files, and print the digest of each artifact."""
    if not options.project and not (options.image and options.files):
        raise InvalidInputError("nothing to attach: give --project, or IMAGE and FILE")
    folder = (options.project or Path()) / ".image"
    reference = options.image or attachments.pushed(folder, os.environ.get("STAGE", ""))
    found = attachments.of_files(options.files) if options.files else attachments.of_project(folder)
    done = attach(reference, found)
    if not done.listed:
        print_error("The tag that lists them exists and may not move, so they are found by their digests only.")
    for artifact, digest in zip(found, done.digests, strict=True):
        write(f"{artifact.name} {digest}\n")
    return ExitCode.CLEAN if done.listed else CannotDecideError.exit_code
