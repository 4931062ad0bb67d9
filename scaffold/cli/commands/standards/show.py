"""`scaffold standards show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_format, add_names, add_standards, chosen_images
from scaffold.cli.output import print_results
from scaffold.errors import ExitCode
from scaffold.findings.source import visible
from scaffold.rendering.engine import Engine
from scaffold.standards.facts import SECTION_OF
from scaffold.standards.load import load
from scaffold.standards.model import Base, Foundation

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from scaffold.standards.model import Image, Section

DESCRIPTION = """\
Show the base images, builders and extensions of the standards: image and tag,
digests and owner; for a base image or a builder also its runtimes, system,
tier, end of support and successor."""

EXAMPLE = "scaffold standards show --format json"


KINDS = {section: role for role, section in SECTION_OF.items()}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_names(parser)
    add_standards(parser)
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Show the images of the standards."""
    standards = load(options.standards, Engine())
    rows = [_row(*key, image) for key, image in chosen_images(standards, options.names).items()]
    result = {"organisation": standards.organisation, "images": rows}
    print_results(options.format, result, ["\n".join(map(_text, rows))])
    return ExitCode.CLEAN


def _row(section: Section, name: str, image: Image) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": KINDS[section], "name": name, "image": image.tagged}
    row |= {"digests": dict(image.digests), "index": image.index or None, "owner": image.owner or None}
    if isinstance(image, Foundation):
        layers = {architecture: len(ids) for architecture, ids in image.diff_ids.items()}
        until = str(image.supported_until) if image.supported_until else None
        row |= {"runtimes": list(image.runtimes), "default": image.default, "system": image.system, "layers": layers}
        row |= {"superseded": {architecture: len(chains) for architecture, chains in image.superseded.items()} or None}
        row |= {"runtime_client": image.runtime_client} if isinstance(image, Base) else {}
        row |= {"tier": image.tier, "supported_until": until}
        row |= {"replaced_by": image.replaced_by or None}
    return row


def _text(row: Mapping[str, Any]) -> str:
    """Return the text about one image: its name on one line, then one line per known fact."""
    lines = [f"{row['name']} ({row['kind']})"]
    for key, value in row.items():
        if key in {"kind", "name"} or not value:
            continue
        if isinstance(value, dict):
            text = ", ".join(f"{name} {part}" for name, part in value.items())
        elif isinstance(value, list):
            text = ", ".join(value)
        else:
            text = "yes" if value is True else value
        lines.append(f"  {key}: {text}")
    if not row["digests"]:
        lines.append("  digests: none; run `scaffold standards pin`")
    return "".join(f"{visible(line)}\n" for line in lines)
