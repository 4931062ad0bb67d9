"""`scaffold standards pin`: what the registries have by now, whom it moves, and the file with it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.cli.output import print_findings, print_json
from scaffold.cli.standards_command import chosen_of, standards_of
from scaffold.errors import ExitCode, ScaffoldError
from scaffold.findings.source import visible
from scaffold.fleet.outcome import outcome_of
from scaffold.gates.build import plans_of
from scaffold.progress import map_concurrently
from scaffold.project.apply import replace as write
from scaffold.standards import pins
from scaffold.standards.references import reference

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from scaffold.gates.build import Told
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Image, Standards
    from scaffold.standards.pins import PinChange


def pin_images(options: argparse.Namespace) -> int:
    """Write into the standards what the registries say of their images."""
    engine, told = standards_of(options)
    chosen = chosen_of(told, options.names)
    moves, findings = _compared(chosen, told, engine.platforms)
    plans = plans_of(options.projects, engine, findings) if options.projects else {}
    projects = _affected(plans, moves, chosen, told.mirrors)
    if moves and not options.check:
        document = told.document
        text = pins.rewritten(document, moves, datetime.now(UTC).date())
        write(Path(document.file), before=document.text.encode(), after=text.encode())
    outcome = outcome_of(findings)
    if options.format == "json":
        rows = [_move(move) for move in moves]
        result = {"version": 1, "written": bool(moves) and not options.check, "moves": rows, "projects": projects}
        print_json(result | {"findings": json.loads(outcome.report("json"))["findings"]})
    else:
        sys.stdout.write(
            "".join(
                f"{visible(line)}\n" for line in _lines(moves, projects, written=not options.check, sure=not findings)
            )
        )
        print_findings(outcome)
    return max(outcome.code, ExitCode.FINDINGS if options.check and moves else ExitCode.CLEAN)


def _compared(
    chosen: Mapping[tuple[str, str], Image], told: Standards, platforms: Mapping[str, str]
) -> tuple[list[PinChange], Told]:
    """What has moved, over all images: one that cannot be read hides no other."""

    def one(key: tuple[str, str]) -> tuple[list[PinChange], Told]:
        section, name = key
        try:
            moves, wrong = pins.compare(section, name, chosen[key], pins.look(chosen[key], told.mirrors), platforms)
        except ScaffoldError as error:
            code = ExitCode(error.exit_code)
            fix = "Does it have this tag, and are you logged in to its registry?"
            message = f"{section}.{name}: {error}"
            return [], [(code, told.document.finding("undecided", message, path=key, key=True, fix=fix))]
        located = [told.document.finding(row.code, row.message, path=key, key=True, fix=row.fix) for row in wrong]
        return moves, [(ExitCode.FINDINGS, finding) for finding in located]

    results = map_concurrently(one, chosen, "images")
    return [move for moves, _ in results for move in moves], [row for _, rows in results for row in rows]


def _affected(
    plans: Mapping[Path, Plan],
    moves: Sequence[PinChange],
    chosen: Mapping[tuple[str, str], Image],
    mirrors: Mapping[str, str],
) -> list[dict[str, str]]:
    """The projects whose base or extensions moved: what they are, and what FROM or COPY say before and after."""
    digests = {(move.section, move.name, move.architecture): move.new for move in moves if move.key == "digests"}
    rows = []
    for root, plan in plans.items():
        architecture = plan["architecture"]["name"]
        used = [("base", plan["base"]), *(("extension", row) for row in plan["extensions"])]
        for kind, row in used:
            key = f"{kind}s", str(row["name"])
            new = digests.get((*key, architecture))
            if isinstance(new, str):
                after = reference(replace(chosen[key], digests={architecture: new}), architecture, mirrors)
                rows.append({"project": str(root), kind: key[1], "before": row["reference"], "after": after})
    return rows


def _lines(
    moves: Sequence[PinChange], projects: Sequence[Mapping[str, str]], *, written: bool, sure: bool
) -> list[str]:
    lines = [f"{move.name} {move.architecture}: {_words(move.old)} → {_words(move.new)}" for move in moves]
    lines += [f"{row['project']}: {row['before']} → {row['after']}" for row in projects]
    if not moves and sure:
        return ["The standards say what the registries have."]
    return [*lines, f"{len(moves)} changed" if written else f"{len(moves)} would change"]


def _words(value: pins.Pinned | None) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else f"{len(value)} layers, together {pins.one_digest(value)}"


def _move(move: PinChange) -> dict[str, Any]:
    keys = ("section", "name", "key", "architecture", "old", "new")
    return {key: getattr(move, key) for key in keys}
