"""`scaffold standards pin`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_format, add_names, add_projects, add_standards, chosen_images
from scaffold.cli.output import print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.findings.source import visible
from scaffold.fleet.outcome import Outcome
from scaffold.gates.build import plans_of
from scaffold.gates.pins import affected_projects, compare_images
from scaffold.project.apply import replace
from scaffold.rendering.engine import Engine
from scaffold.reports.json_rows import as_rows
from scaffold.standards import pins
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from scaffold.standards.pins import PinChange

DESCRIPTION = """\
Write the digests and layers of the standards' images, as found in their
registries, into the standards file; change nothing else in it. With --projects,
also list the projects whose base image or extension changes."""

EXAMPLE = "scaffold standards pin --check --projects functions"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_names(parser)
    add_standards(parser)
    add_format(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if something would change")
    add_projects(parser, "also list which of these projects get a different base or extension")


def run(options: argparse.Namespace) -> int:
    """Write the registries' digests and layers into the standards."""
    engine = Engine()
    standards = load(options.standards, engine)
    chosen = chosen_images(standards, options.names)
    changes, findings = compare_images(chosen, standards, engine.platforms)
    plans = plans_of(options.projects, engine, findings) if options.projects else {}
    projects = affected_projects(plans, changes, chosen, standards.mirrors)
    written = bool(changes) and not options.check
    if written:
        document = standards.document
        text = pins.rewritten(document, changes, datetime.now(UTC).date())
        replace(Path(document.file), before=document.text.encode(), after=text.encode())
    outcome = Outcome.of(findings)
    result = {"written": written, "moves": list(map(_row, changes)), "projects": projects}
    lines = _lines(changes, projects, check=options.check, complete=not findings)
    print_results(
        options.format, result | {"findings": as_rows(outcome.findings)}, (f"{visible(line)}\n" for line in lines)
    )
    if options.format == "text":
        print_findings(outcome)
    return max(outcome.code, ExitCode.FINDINGS if options.check and changes else ExitCode.CLEAN)


def _lines(
    changes: Sequence[PinChange], projects: Sequence[Mapping[str, str]], *, check: bool, complete: bool
) -> list[str]:
    lines = [
        f"{change.name} {change.architecture or change.key}: {_text(change.old)} → {_text(change.new)}"
        for change in changes
    ]
    lines += [f"{row['project']}: {row['before']} → {row['after']}" for row in projects]
    if not changes and complete:
        return ["The standards match the registries."]
    return [*lines, f"{len(changes)} would change" if check else f"{len(changes)} changed"]


def _text(value: pins.Pinned | None) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else f"{len(value)} layers, chain ID {pins.one_digest(value)}"


def _row(change: PinChange) -> dict[str, Any]:
    keys = ("section", "name", "key", "architecture", "old", "new")
    return {key: getattr(change, key) for key in keys}
