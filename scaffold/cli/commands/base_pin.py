"""`scaffold base pin`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.cli.arguments import add_format, add_paths
from scaffold.cli.output import print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.findings.source import visible
from scaffold.fleet.runner import for_each_project
from scaffold.gates.base_pin import Pin, pin
from scaffold.oci.names import SCRATCH
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome

DESCRIPTION = """\
Write the digest that the base image has in its registry into the spec of every
project under PATH; change nothing else in it. A base that the standards pin
needs no digest in the spec. Render afterwards."""

EXAMPLE = "scaffold base pin my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if something would change")


def run(options: argparse.Namespace) -> int:
    """Write the digests of the projects' bases into their specs."""
    engine = Engine()
    pins: list[tuple[Path, Pin]] = []

    def act(root: Path, outcome: Outcome) -> None:
        found = pin(root, engine, outcome, write=not options.check)
        if found:
            pins.append((root, found))

    outcome = for_each_project(options.paths, act)
    print_findings(outcome)
    changed = sum(found.changes for _, found in pins)
    result = {"written": bool(changed) and not options.check, "projects": [_row(*pair) for pair in pins]}
    advice = "" if options.check or not changed else ": run `scaffold render`"
    last = f"{changed} would change" if options.check else f"{changed} changed{advice}"
    print_results(options.format, result, [*(f"{visible(_line(*pair))}\n" for pair in pins), f"{last}\n"])
    return max(outcome.code, ExitCode.FINDINGS if options.check and changed else ExitCode.CLEAN)


def _row(root: Path, found: Pin) -> dict[str, Any]:
    digests = {"old": found.before or None, "new": found.after or None}
    return {"project": str(root), "reference": found.reference, **digests, "by_standards": found.by_standards}


def _line(root: Path, found: Pin) -> str:
    if found.reference == SCRATCH:
        return f"{root}: {found.reference} is empty and has no digest"
    if found.by_standards:
        return f"{root}: {found.reference} is pinned by the standards"
    moves = f"{found.before or 'none'} → {found.after}" if found.changes else f"{found.after}, unchanged"
    return f"{root}: {found.reference} {moves}"
