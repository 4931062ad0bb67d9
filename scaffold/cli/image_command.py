"""`scaffold image check`: what images are, what they stand on, and whether that is what it should be."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffold.errors import InvalidInputError
from scaffold.findings.source import visible
from scaffold.fleet.outcome import outcome_of
from scaffold.gates.image import _Judge, _Judgement
from scaffold.oci import inspect
from scaffold.progress import map_concurrently
from scaffold.project.answers import SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.reports import formats
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.gates.image_findings import BaseMatch
    from scaffold.oci.image import ImageFacts
    from scaffold.rendering.plan import Plan


_NO_TIME = "1980-01-02"  # what reproducible builds say: the epoch, or the first day that zip can write


def check(options: argparse.Namespace) -> int:
    """Say what images stand on and what is wrong with them."""
    engine = Engine()
    plan = _plan(options.project, engine) if options.project else None
    references = _references(options, plan)
    where = inspect.LOCAL if options.local else inspect.REMOTE if options.remote else ""
    judge = _Judge(
        standards=load(options.standards, engine),
        platforms=engine.platforms,
        where=where,
        plan=plan,
        today=datetime.now(UTC).date(),
        megabytes=engine.table("lambda")["image_megabytes"],
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
        files=options.files,
    )
    judgements = dict(zip(references, map_concurrently(judge, references, "images"), strict=True))
    return _tell(judgements, options.format)


def _plan(root: Path, engine: Engine) -> Plan:
    path = root if root.name == SPEC else root / SPEC
    if not path.is_file():
        raise InvalidInputError(f"{root}: there is no {SPEC} in it")
    plan, found = validation.plan(path, engine)
    if plan is None:
        raise InvalidInputError(f"the spec is not valid\n{formats.render(found, format='text')}".rstrip())
    return plan


def _references(options: argparse.Namespace, plan: Plan | None) -> list[str]:
    """The images asked for, each once: words, lines of a file, or else what the project's scripts/build makes."""
    words = list(options.images)
    if options.file:
        try:
            text = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise InvalidInputError(f"{options.file}: cannot be read: {reason}") from error
        lines = (line.strip() for line in text.split("\n"))
        words += [line for line in lines if line and not line.startswith("#")]
    if not words and plan and not options.file:
        words = [f"{plan['name']}:latest"]
    if not words:
        where = f"{options.file} names none" if options.file else "give IMAGE, --file or --project"
        raise InvalidInputError(f"no image is named: {where}")
    return list(dict.fromkeys(words))


def _tell(judgements: Mapping[str, _Judgement], format: str) -> int:  # noqa: A002 - the word the command line uses
    outcome = outcome_of(row for judgement in judgements.values() for row in judgement.findings)
    text = outcome.report(format)
    if format == "json":
        images = [_row(facts, match) for judged in judgements.values() for facts, match in judged.images]
        text = json.dumps(json.loads(text) | {"images": images}, indent=2) + "\n"
    elif format == "text":
        lines = [_line(facts, match) for judged in judgements.values() for facts, match in judged.images]
        text = "".join(f"{visible(line)}\n" for line in lines) + text
    sys.stdout.write(text)
    return outcome.code


def _line(facts: ImageFacts, match: BaseMatch) -> str:
    made = f"; made {facts.created[:10]}" if facts.created > _NO_TIME else ""
    return f"{facts.reference} ({facts.platform}) {_stands_on(match)}{made}"


def _stands_on(match: BaseMatch) -> str:
    if not match.bases:
        return "stands on a base that cannot be told" if match.unpinned else "stands on no base of the standards"
    base = match.bases[0]
    until = f", supported until {base.supported_until}" if base.supported_until else ""
    newer = f", replaced by {base.replaced_by}" if base.replaced_by else ""
    then = f" as it was until {match.superseded}" if match.superseded else f" ({base.image}:{base.tag})"
    return f"stands on {' = '.join(match.names)}{then}, {base.tier}{until}{newer}"


def _row(facts: ImageFacts, match: BaseMatch) -> dict[str, Any]:
    base = match.bases[0] if match.bases else None
    return {
        "image": facts.reference,
        "digest": facts.digest,
        "platform": facts.platform,
        "created": facts.created or None,
        "size": facts.size,
        "bases": list(match.names),
        "base_image": f"{base.image}:{base.tag}" if base else None,
        "base_digest": base.digests.get(match.architecture) if base and not match.superseded else None,
        "superseded": str(match.superseded) if match.superseded else None,
        "tier": base.tier if base else None,
        "supported_until": str(base.supported_until) if base and base.supported_until else None,
        "replaced_by": (base.replaced_by or None) if base else None,
        "decided": bool(base) or not match.unpinned,
    }
