"""`scaffold standards show` and `policy`: explain them, and make BuildKit's source policy of them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffold.cli.output import print_findings, print_json
from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings.source import visible
from scaffold.findings.suggest import did_you_mean
from scaffold.fleet.outcome import outcome_of
from scaffold.gates.build import images_of_projects, images_of_standards
from scaffold.rendering.engine import Engine
from scaffold.standards import source_policy
from scaffold.standards.load import load
from scaffold.standards.model import Base

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from scaffold.standards.model import Image, Standards


def show(options: argparse.Namespace) -> int:
    """Explain the images of the standards."""
    _, told = standards_of(options)
    rows = {key: _row(*key, image) for key, image in chosen_of(told, options.names).items()}
    if options.format == "json":
        print_json({"version": 1, "organisation": told.organisation, "images": list(rows.values())})
    else:
        sys.stdout.write("\n".join(map(_shown, rows.values())))
    return ExitCode.CLEAN


def policy(options: argparse.Namespace) -> int:
    """Print the source policy that allows the images of the standards, or of some projects, alone."""
    engine, told = standards_of(options)
    today = datetime.now(UTC).date()
    if options.projects:
        images, findings = images_of_projects(options.projects, engine, told, today)
    else:
        images, findings = images_of_standards(told, today)
    print_json(source_policy.policy(images, told.mirrors))
    outcome = outcome_of(findings)
    print_findings(outcome)
    return outcome.code


def standards_of(options: argparse.Namespace) -> tuple[Engine, Standards]:
    """The template, and the standards that the options name; raises InvalidInputError if these are none."""
    engine = Engine()
    return engine, load(options.standards, engine)


def chosen_of(told: Standards, names: Sequence[str]) -> dict[tuple[str, str], Image]:
    """The images with these names, or all; raises InvalidInputError for a name that none has."""
    images: dict[tuple[str, str], Image] = {("bases", name): base for name, base in told.bases.items()}
    images |= {("extensions", name): extension for name, extension in told.extensions.items()}
    known = [name for _, name in images]
    for name in names:
        if name not in known:
            message = f"the standards have no image named {visible(name)}. {did_you_mean(name, known)}"
            raise InvalidInputError(message.rstrip())
    return {key: image for key, image in images.items() if not names or key[1] in names}


def _row(section: str, name: str, image: Image) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": section.removesuffix("s"), "name": name, "image": f"{image.image}:{image.tag}"}
    row |= {"digests": dict(image.digests), "owner": image.owner or None}
    if isinstance(image, Base):
        layers = {architecture: len(ids) for architecture, ids in image.diff_ids.items()}
        until = str(image.supported_until) if image.supported_until else None
        row |= {"runtimes": list(image.runtimes), "default": image.default, "system": image.system, "layers": layers}
        row |= {"superseded": {architecture: len(chains) for architecture, chains in image.superseded.items()} or None}
        row |= {"runtime_client": image.runtime_client, "tier": image.tier, "supported_until": until}
        row |= {"replaced_by": image.replaced_by or None}
    return row


def _shown(row: Mapping[str, Any]) -> str:
    """One image for people: its name, then a line for everything that is known of it."""
    words = {"default": {True: "yes", False: None}.get(row.get("default", False))}
    words |= {key: ", ".join(row[key]) for key in ("runtimes",) if key in row}
    words |= {
        key: ", ".join(f"{name} {text}" for name, text in row[key].items())
        for key in ("digests", "layers", "superseded")
        if row.get(key)
    }
    lines = [
        f"  {key}: {text}"
        for key, value in row.items()
        if key not in {"kind", "name"} and (text := words.get(key, value))
    ]
    lines += [] if row["digests"] else ["  digests: none; `scaffold standards pin` reads them"]
    return "".join(f"{visible(line)}\n" for line in (f"{row['name']} ({row['kind']})", *lines))
