"""What each verb does to each project: calls the stages, prints results to standard output, gives an exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffold import drift, gate_file, report, status, validate
from scaffold.engine import Engine
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError, RefusedError, ScaffoldError
from scaffold.findings import Finding, Severity
from scaffold.project import SPEC, apply, find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from scaffold.project import Change


@dataclass(kw_only=True)
class _Outcome:
    """What a command has found so far, over all projects; the highest exit code wins."""

    code: int = ExitCode.CLEAN
    findings: list[Finding] = field(default_factory=list)

    def add(self, found: Sequence[Finding], code: ExitCode) -> None:
        self.findings += found
        if any(finding.severity is Severity.ERROR for finding in found):
            self.code = max(self.code, code)


def new(options: argparse.Namespace) -> int:
    """Make a project in DEST: from the spec that lies there, or from answers."""
    from scaffold import template_source

    if not (options.dest / SPEC).exists():
        template_source.answer(options.dest, data=options.data, data_file=options.data_file, defaults=options.defaults)
        print(f"create {options.dest / SPEC}")
    elif options.data or options.data_file:
        raise InvalidInputError(f"{options.dest / SPEC} is there already, and answers do not change it: edit it")
    options.paths, options.format, options.force = [options.dest], "text", False
    return render(options)


def check(options: argparse.Namespace) -> int:
    """Say what is wrong with specs and files."""
    engine, today = Engine(), datetime.now(UTC).date()

    def judge(root: Path, outcome: _Outcome) -> None:
        now = status.read(root, engine)
        outcome.add(drift.findings(now, today), ExitCode.INVALID if now.findings else ExitCode.FINDINGS)

    return gate_file.check(options) if gate_file.asked(options) else _judge(options, judge)


def validate_specs(options: argparse.Namespace) -> int:
    """Say what is wrong with specs."""
    engine = Engine()

    def judge(root: Path, outcome: _Outcome) -> None:
        outcome.add(validate.findings(validate.read(root / SPEC), engine), ExitCode.INVALID)

    return _judge(options, judge)


def _judge(options: argparse.Namespace, judge: Callable[[Path, _Outcome], None]) -> int:
    """Run a verb whose findings are its result."""
    outcome = _each(options.paths, judge)
    sys.stdout.write(report.render(outcome.findings, format=options.format))
    return outcome.code


def plan(options: argparse.Namespace) -> int:
    """Print the plan of one project, or of several by their paths."""
    engine, plans = Engine(), {}

    def decide(root: Path, outcome: _Outcome) -> None:
        document = validate.read(root / SPEC)
        found = validate.findings(document, engine)
        outcome.add(found, ExitCode.INVALID)
        if not found:
            plans[str(root)] = engine.plan(_spec(document.value))

    outcome = _each(options.paths, decide)
    _complain(outcome)
    if plans:
        one = len(plans) == 1 and not outcome.findings
        _print_json(next(iter(plans.values())) if one else plans)
    return outcome.code


def diff(options: argparse.Namespace) -> int:
    """Show what a render would change, or would change if the spec said what --set says."""
    from scaffold import differences

    engine, settings = Engine(), differences.parse(options.settings)
    shown: list[tuple[Path, list[Change]]] = []

    def compare(root: Path, outcome: _Outcome) -> None:
        now = _renderable(status.read(root, engine, settings=settings), outcome)
        if now and now.changes:
            shown.append((root, now.changes))
            outcome.code = max(outcome.code, ExitCode.FINDINGS)

    outcome = _each(options.paths, compare)
    _complain(outcome)
    if options.format == "json":
        _print_changes(shown)
    else:
        sys.stdout.writelines(differences.unified(root, change) for root, changes in shown for change in changes)
    return outcome.code


def render(options: argparse.Namespace) -> int:
    """Write what follows from the specs."""
    engine = Engine()
    made: list[tuple[Path, list[Change]]] = []

    def write(root: Path, outcome: _Outcome) -> None:
        now = _renderable(status.read(root, engine), outcome)
        if now:
            apply(root, now.changes, force=options.force)
            made.append((root, now.changes))

    outcome = _each(options.paths, write)
    _complain(outcome)
    if options.format == "json":
        _print_changes(made)
    else:
        lines = [f"{change.kind} {root / change.path}\n" for root, changes in made for change in changes]
        sys.stdout.writelines([*lines, f"{len(lines)} changed\n"] if made else lines)
    return outcome.code


def update(options: argparse.Namespace) -> int:
    """Move projects to a newer template, and tell what that changed."""
    from scaffold import template_source

    moved: list[tuple[Path, template_source.Update]] = []

    def move(root: Path, outcome: _Outcome) -> None:
        done = template_source.update(root, version=options.to)
        moved.append((root, done))
        outcome.add([_unmerged(root / path) for path in done.unmerged], ExitCode.UNDECIDED)

    outcome = _each(options.paths, move)
    _complain(outcome)
    if options.format == "json":
        _print_json({"version": 1, "projects": [done.row(root) for root, done in moved]})
    else:
        sys.stdout.writelines(done.text(root) for root, done in moved)
    return outcome.code


def _unmerged(path: Path) -> Finding:
    message = "the update and what was changed here could not be merged"
    return Finding(code="unmerged", message=message, fix="Edit it, or undo the update with git.", file=str(path))


def _renderable(now: status.Status, outcome: _Outcome) -> status.Status | None:
    if now.foreign:
        raise CannotDecideError(f"{drift.outdated(now)}. {drift.help_for_foreign(now)}")
    outcome.add(now.findings, ExitCode.INVALID)
    return None if now.findings else now


def _each(paths: Sequence[Path], act: Callable[[Path, _Outcome], None]) -> _Outcome:
    """Do one thing to every project: what goes wrong in one is told, and hides no other."""
    outcome, any_found = _Outcome(), False
    for root in _progress(find(paths)):
        any_found = True
        try:
            act(root, outcome)
        except ScaffoldError as error:
            outcome.add(_findings(root, error), ExitCode(error.exit_code))
    if not any_found:
        raise InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}")
    return outcome


def _findings(root: Path, error: ScaffoldError) -> list[Finding]:
    """What went wrong in a project, as findings about it."""
    if isinstance(error, RefusedError):
        fix = "Commit it or move it away. --force keeps an edited file as PATH.orig."
        notes = dict(note.split(": ", 1) for note in getattr(error, "__notes__", []))
        return [
            Finding(code="refused", message=notes.get(path, "would be lost"), fix=fix, file=str(root / path))
            for path in error.paths
        ]
    code = "unreadable" if isinstance(error, InvalidInputError) else "undecided"
    return [Finding(code=code, message=str(error), file=str(root))]


def _progress(roots: Iterator[Path]) -> Iterator[Path]:
    """Count the projects on a terminal, from the second on."""
    shown = sys.stderr.isatty()
    for number, root in enumerate(roots, start=1):
        if shown and number > 1:
            print(f"\r{number} projects", end="", file=sys.stderr, flush=True)
        yield root
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _complain(outcome: _Outcome) -> None:
    """Tell findings where standard output carries something else."""
    if outcome.findings:
        sys.stderr.write(report.render(outcome.findings, format="text"))


def _print_changes(projects: Sequence[tuple[Path, Sequence[Change]]]) -> None:
    rows = [
        {
            "project": str(root),
            "changes": [
                {"path": change.path, "kind": change.kind, "owner": change.owner, "refusal": change.refusal}
                for change in changes
            ],
        }
        for root, changes in projects
    ]
    _print_json({"version": 1, "projects": rows})


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _spec(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("a spec without findings is a mapping")
    return value


VERBS = {
    "new": new,
    "validate": validate_specs,
    "plan": plan,
    "diff": diff,
    "render": render,
    "check": check,
    "update": update,
}
