"""`scaffold diff`."""

from __future__ import annotations

import difflib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_format, add_paths
from scaffold.cli.changes import renderable
from scaffold.cli.output import change_rows, print_findings, print_results
from scaffold.errors import ExitCode
from scaffold.findings.source import visible
from scaffold.fleet.runner import for_each_project
from scaffold.project import overrides, state
from scaffold.project.answers import SPEC
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change

DESCRIPTION = """\
Show, as a patch, what `scaffold render` would change. With --set, show what it
would change if the spec had other values; with another runtime, its default
base takes the place of a pinned one, and what moves with it comes first: base,
system, C library, locks, files that name the version. Nothing is written."""

EXAMPLE = "scaffold diff --set runtime=python3.14"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_format(parser)
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="assume this value in the spec: --set runtime=python3.14",
    )


def run(options: argparse.Namespace) -> int:
    """Show what a render would change."""
    engine, settings = Engine(), overrides.parse(options.settings)
    shown: list[tuple[Path, Sequence[Change]]] = []
    moves: dict[str, list[tuple[str, str]]] = {}

    def compare(root: Path, outcome: Outcome) -> None:
        now = renderable(state.read(root, engine, settings=settings), outcome)
        if now and now.changes:
            shown.append((root, now.changes))
            outcome.code = max(outcome.code, ExitCode.FINDINGS)
        if now and ("runtime",) in settings:
            moves[str(root)] = list(_moves(state.read(root, engine), now, engine))

    outcome = for_each_project(options.paths, compare)
    print_findings(outcome)
    patches = (_unified(root, change) for root, changes in shown for change in changes)
    heads = (_head(root, rows) for root, rows in moves.items() if rows)
    result = change_rows(shown)
    if moves:
        result["moves"] = [
            {"project": root, "about": about, "text": text} for root, rows in moves.items() for about, text in rows
        ]
    print_results(options.format, result, chain(heads, patches))
    return outcome.code


def _moves(before: state.State, now: state.NotRendered | state.Rendered, engine: Engine) -> Iterator[tuple[str, str]]:
    """Yield what moves with the runtime, and is not a change of a generated file."""
    from scaffold.rendering import moves

    if isinstance(before, state.NotRendered | state.Rendered) and before.plan["runtime"] != now.plan["runtime"]:
        runtimes = list(engine.table("runtimes"))
        yield from moves.between(before.plan, now.plan, engine.versions["moves"], runtimes)
        for row in now.problems:
            if row.code == "other-version":
                said = row.message.partition(", and ")[0]
                yield "version", f"{visible(row.file)}:{row.line}: {said}"


def _head(root: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return what moves with a runtime, as lines before the patch, which tools that apply patches skip."""
    title = f"{visible(str(Path(root) / SPEC))}: these move with the runtime\n"
    return title + "".join(f"  {about}: {text}\n" for about, text in rows)


def _unified(root: Path, change: Change) -> str:
    """Return one change as a unified diff, from the current file to the render; modes and links are described."""
    path = visible(str(root / change.path))
    if change.before == change.after:
        return f"mode {'+x' if change.executable else '-x'} {path}\n"
    old, new = _lines(change.before), _lines(change.after)
    names = [path if content is not None else "/dev/null" for content in (change.before, change.after)]
    return "".join(difflib.unified_diff(old, new, names[0], names[1])) or f"{change.kind} {path}\n"


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode(errors="backslashreplace")
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended
