"""Arguments that several commands share."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Image, Section, Standards


def add_paths(parser: ArgumentParser) -> None:
    """Add PATH ..., the projects."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="a project, or a directory that contains projects (default: the current directory)",
    )


def add_format(parser: ArgumentParser, formats: Iterable[str] = ("text", "json")) -> None:
    """Add --format."""
    parser.add_argument(
        "--format", choices=tuple(formats), default="text", help="format of the results on standard output"
    )


def add_report_format(parser: ArgumentParser) -> None:
    """Add --format for a command whose result is a report of findings."""
    from scaffold.reports.formats import FORMATS

    add_format(parser, FORMATS)


def add_jobs(parser: ArgumentParser) -> None:
    """Add --jobs."""
    parser.add_argument(
        "-j", "--jobs", type=_count, default=0, metavar="N", help="number of processes (default: one per processor)"
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1000:
        raise ArgumentTypeError(f"{text} is not a number from 1 to 999")
    return int(text)


def add_standards(parser: ArgumentParser) -> None:
    """Add --standards."""
    parser.add_argument("--standards", type=Path, metavar="FILE", help="a standards file (default: the template's own)")


def add_place(parser: ArgumentParser) -> None:
    """Add --local and --remote, which `place_of` reads."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--local", action="store_true", help="look up the images in the engine")
    where.add_argument(
        "--remote",
        action="store_true",
        help="look up the images in their registries (default: those whose name starts with a registry host)",
    )


def place_of(options: Namespace) -> str:
    """Return where to look up images, as `inspect.read` takes it: empty if that follows from their names."""
    from scaffold.oci import inspect

    return inspect.LOCAL if options.local else inspect.REMOTE if options.remote else ""


def plan_of(root: Path, engine: Engine) -> Plan:
    """Return the plan of a project. Raises InvalidInputError if it has no spec, or one that is not valid."""
    from scaffold.project.answers import SPEC
    from scaffold.rendering import validation
    from scaffold.reports import formats

    if not (root / SPEC).is_file():
        raise InvalidInputError(f"{root}: does not contain {SPEC}")
    plan, found = validation.plan(root / SPEC, engine)
    if plan is None:
        raise InvalidInputError(f"the spec is not valid\n{formats.render(found, format='text')}".rstrip())
    return plan


def add_names(parser: ArgumentParser) -> None:
    """Add NAME ..., images of the standards."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="bases, builders and extensions (default: all)")


def add_projects(parser: ArgumentParser, purpose: str) -> None:
    """Add --projects."""
    parser.add_argument("--projects", nargs="+", type=Path, default=[], metavar="PATH", help=purpose)


def chosen_images(standards: Standards, names: Sequence[str]) -> Mapping[tuple[Section, str], Image]:
    """Return the images with these names, or all, by section and name. Raises InvalidInputError for an unknown name."""
    images = standards.images
    _require_known(names, [name for _, name in images])
    return {key: image for key, image in images.items() if not names or key[1] in names}


def _require_known(names: Sequence[str], known: Collection[str]) -> None:
    from scaffold.findings.source import visible
    from scaffold.findings.suggest import did_you_mean

    for name in names:
        if name not in known:
            message = f"the standards have no image named {visible(name)}. {did_you_mean(name, known)}"
            raise InvalidInputError(message.rstrip())
