"""`scaffold image check`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_place, add_report_format, add_standards, place_of, plan_of
from scaffold.cli.output import has_colours, write
from scaffold.errors import InvalidInputError
from scaffold.findings.source import visible
from scaffold.fleet.outcome import Outcome
from scaffold.gates.image import ImageCheck, built_of
from scaffold.gates.preflight import table
from scaffold.progress import map_concurrently
from scaffold.project.find import root_of
from scaffold.rendering.engine import Engine
from scaffold.reports.json_rows import as_report
from scaffold.standards.load import load

if TYPE_CHECKING:
    from scaffold.gates.image_facts import BaseMatch
    from scaffold.oci.image import ImageFacts
    from scaffold.rendering.plan import Plan

DESCRIPTION = """\
Prove, from the digests of its layers, which base image of the standards each
image is built on, and check that Lambda accepts and can start it, and that it
holds no secrets. With --project, also compare it with the project's plan. The
layers of images in the engine are read, those in a registry only with --files."""

EXAMPLE = "scaffold image check --remote --format json registry.example.com/image-search:1.4.0"

_NO_TIME = "1980-01-02"  # the timestamps of reproducible builds: the epoch, or the earliest day that zip can represent


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "images", nargs="*", metavar="IMAGE", help="images (default: the one built by scripts/build of --project)"
    )
    add_standards(parser)
    add_report_format(parser)
    parser.add_argument(
        "--file", type=Path, metavar="FILE", help='a file with one image per line; "-" is standard input'
    )
    parser.add_argument("--project", type=Path, metavar="PATH", help="also compare them with this project's plan")
    parser.add_argument(
        "--files",
        action=argparse.BooleanOptionalAction,
        help="read the layers (default: of images in the engine, not of those in registries, which are pulled for it)",
    )
    parser.add_argument(
        "--any-base", action="store_true", help="report nothing about bases, only what matters to Lambda"
    )
    add_place(parser)


def run(options: argparse.Namespace) -> int:
    """Report which bases the images are built on, and the findings about them."""
    engine = Engine()
    root = root_of(options.project) if options.project else None
    plan = plan_of(root, engine) if root else None
    references = _references(options, plan)
    built, spec = built_of(root) if root else ({}, "")
    judge = ImageCheck(
        standards=load(options.standards, engine),
        platforms=engine.platforms,
        where=place_of(options),
        plan=plan,
        today=datetime.now(UTC).date(),
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
        files=options.files,
        table=table.load(engine),
        any_base=options.any_base,
        built=built,
        spec=spec,
    )
    judgements = map_concurrently(judge.judge, references, "images")
    outcome = Outcome.of(row for judgement in judgements for row in judgement.findings)
    images = [row for judgement in judgements for row in judgement.images]
    if options.format == "json":
        report = as_report(outcome.findings, outcome.projects)
        text = json.dumps(report | {"images": [_row(*row) for row in images]}, indent=2) + "\n"
    else:
        lines = [f"{visible(_line(*row))}\n" for row in images if options.format == "text"]
        text = "".join(lines) + outcome.report(options.format, colour=has_colours(sys.stdout))
    write(text)
    return outcome.code


def _references(options: argparse.Namespace, plan: Plan | None) -> list[str]:
    """Return each image once: from the arguments and --file, or else the one built by the project's scripts/build."""
    references = list(options.images)
    if options.file:
        try:
            text = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise InvalidInputError(f"{options.file}: cannot be read: {reason}") from error
        lines = (line.strip() for line in text.split("\n"))
        references += [line for line in lines if line and not line.startswith("#")]
    if not references and plan and not options.file:
        references = [f"{plan['name']}:latest"]
    if not references:
        where = f"{options.file} is empty" if options.file else "give IMAGE, --file or --project"
        raise InvalidInputError(f"no image to check: {where}")
    return list(dict.fromkeys(references))


def _line(facts: ImageFacts, match: BaseMatch, read: bool) -> str:  # noqa: FBT001
    created = f"; created {facts.created[:10]}" if facts.created > _NO_TIME else ""
    looked = "" if read else "; no file in it was looked at (--files reads them)"
    return f"{facts.reference} ({facts.platform}) {_base_of(match)}{created}{looked}"


def _base_of(match: BaseMatch) -> str:
    if not match.bases:
        return "base cannot be determined" if match.unpinned else "not built on a base in the standards"
    base = match.bases[0]
    until = f", supported until {base.supported_until}" if base.supported_until else ""
    newer = f", replaced by {base.replaced_by}" if base.replaced_by else ""
    then = f" as it was until {match.superseded}" if match.superseded else f" ({base.tagged})"
    return f"built on {' = '.join(match.names)}{then}, {base.tier}{until}{newer}"


def _row(facts: ImageFacts, match: BaseMatch, read: bool) -> dict[str, Any]:  # noqa: FBT001
    base = match.bases[0] if match.bases else None
    return {
        "image": facts.reference,
        "digest": facts.digest,
        "platform": facts.platform,
        "created": facts.created or None,
        "size": facts.size,
        "bases": list(match.names),
        "base_image": base.tagged if base else None,
        "base_digest": base.digests.get(match.architecture) if base and not match.superseded else None,
        "superseded": str(match.superseded) if match.superseded else None,
        "tier": base.tier if base else None,
        "supported_until": str(base.supported_until) if base and base.supported_until else None,
        "replaced_by": (base.replaced_by or None) if base else None,
        "files_read": read,
        "decided": bool(base) or not match.unpinned,
    }
