"""The verbs about a subject other than a project: `scaffold image check`, `scaffold standards pin`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.parser import EXIT_CODES, Parser
from scaffold.reports.formats import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable


def add_image(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add `image` and what it can do to these commands."""
    image = verbs.add_parser("image", help="judge images", epilog=EXIT_CODES)
    parts = image.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = _part(
        parts,
        "check",
        "prove what images stand on, and that Lambda takes them: no layer is read without --files",
        "image",
        formats=FORMATS,
    )
    check.add_argument(
        "images", nargs="*", metavar="IMAGE", help="images (default: what scripts/build of --project made)"
    )
    check.add_argument(
        "--file", type=Path, metavar="FILE", help='a file with one image per line; "-" is standard input'
    )
    check.add_argument("--project", type=Path, metavar="PATH", help="compare them with this project's plan too")
    check.add_argument(
        "--files", action="store_true", help="read the layers, too: tell which files of its base an image changes"
    )
    where = check.add_mutually_exclusive_group()
    where.add_argument("--local", action="store_true", help="look all images up in the engine")
    where.add_argument(
        "--remote",
        action="store_true",
        help="look all images up in their registries (default: those whose name starts with a registry's host)",
    )


def add_standards(verbs: argparse._SubParsersAction[Parser]) -> None:
    """Add `standards` and what it can do to these commands."""
    standards = verbs.add_parser("standards", help="show standards, pin their images, enforce them", epilog=EXIT_CODES)
    parts = standards.add_subparsers(title="commands", metavar="COMMAND", required=True)
    show = _part(parts, "show", "explain the images of the standards", "standards", "show")
    pin = _part(
        parts, "pin", "write the digests and layers that the registries have into the file", "pin", "pin_images"
    )
    for verb in (show, pin):
        verb.add_argument("names", nargs="*", metavar="NAME", help="bases and extensions (default: all)")
    pin.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something would change")
    policy = _part(
        parts, "policy", "print the source policy by which BuildKit refuses everything else", "standards", formats=()
    )
    for verb, purpose in (
        (pin, "tell which of these projects get another base or extension"),
        (policy, "allow only what these need"),
    ):
        verb.add_argument("--projects", nargs="+", type=Path, default=[], metavar="PATH", help=purpose)


def _part(  # noqa: PLR0913, PLR0917 - one call per verb
    parts: argparse._SubParsersAction[Parser],
    name: str,
    purpose: str,
    subject: str,
    function: str = "",
    formats: Iterable[str] = ("text", "json"),
) -> Parser:
    """A verb of a subject: `scaffold SUBJECT NAME`, which a module named after SUBJECT or NAME carries out."""
    verb = parts.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=EXIT_CODES)
    verb.add_argument("--standards", type=Path, metavar="FILE", help="a standards file (default: the template's own)")
    if formats:
        verb.add_argument(
            "--format", choices=formats, default="text", help="how results are written to standard output"
        )

    def command(options: argparse.Namespace) -> int:
        from importlib import import_module

        run: Callable[[argparse.Namespace], int] = getattr(
            import_module(f"scaffold.cli.{subject}_command"), function or name
        )
        return run(options)

    verb.set_defaults(command=command)
    return verb
