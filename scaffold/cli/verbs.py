"""What each verb does to each project: calls the stages, prints results to standard output, gives an exit code."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffold.cli.output import print_findings, print_json
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError
from scaffold.findings.finding import Finding, Severity
from scaffold.fleet.runner import each
from scaffold.gates.project import Check, Validation
from scaffold.project import drift, state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards import waivers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change


def new(options: argparse.Namespace) -> int:
    """Make a project in DEST: from the spec that lies there, or from answers."""
    from scaffold.project import copier_runner

    if not (options.dest / SPEC).exists():
        copier_runner.answer(options.dest, data=options.data, data_file=options.data_file, defaults=options.defaults)
        print(f"create {options.dest / SPEC}")
    elif options.data or options.data_file:
        raise InvalidInputError(f"{options.dest / SPEC} is there already, and answers do not change it: edit it")
    options.paths, options.format, options.force = [options.dest], "text", False
    return render(options)


def plan(options: argparse.Namespace) -> int:
    """Print the plan of one project, or of several by their paths."""
    engine, plans = Engine(), {}

    def decide(root: Path, outcome: Outcome) -> None:
        decided, found = validation.plan(root / SPEC, engine)
        outcome.add(found, ExitCode.INVALID)
        if decided is not None:
            plans[str(root)] = decided

    outcome = each(options.paths, decide)
    print_findings(outcome)
    if plans:
        one = len(plans) == 1 and not outcome.findings
        print_json(next(iter(plans.values())) if one else plans)
    return outcome.code


def diff(options: argparse.Namespace) -> int:
    """Show what a render would change, or would change if the spec said what --set says."""
    from scaffold.project import diff, overrides

    engine, settings = Engine(), overrides.parse(options.settings)
    shown: list[tuple[Path, list[Change]]] = []

    def compare(root: Path, outcome: Outcome) -> None:
        now = _renderable(state.read(root, engine, settings=settings), outcome)
        if now and now.changes:
            shown.append((root, now.changes))
            outcome.code = max(outcome.code, ExitCode.FINDINGS)

    outcome = each(options.paths, compare)
    print_findings(outcome)
    if options.format == "json":
        _print_changes(shown)
    else:
        sys.stdout.writelines(diff.unified(root, change) for root, changes in shown for change in changes)
    return outcome.code


def render(options: argparse.Namespace) -> int:
    """Write what follows from the specs."""
    engine = Engine()
    made: list[tuple[Path, list[Change]]] = []

    def write(root: Path, outcome: Outcome) -> None:
        now = _renderable(state.read(root, engine), outcome)
        if now:
            apply(root, now.changes, force=options.force)
            made.append((root, now.changes))

    outcome = each(options.paths, write)
    print_findings(outcome)
    if options.format == "json":
        _print_changes(made)
    else:
        lines = [f"{change.kind} {root / change.path}\n" for root, changes in made for change in changes]
        sys.stdout.writelines([*lines, f"{len(lines)} changed\n"] if made else lines)
    return outcome.code


def lock_models(options: argparse.Namespace) -> int:
    """Find out what model files from outside the project are, and write it into the specs."""
    from scaffold.model_files import lock as locking

    engine = Engine()
    locked: list[tuple[Path, list[dict[str, Any]]]] = []

    def lock(root: Path, outcome: Outcome) -> None:
        document = validation.read(root / SPEC)
        found = validation.findings(document, engine)
        other = [finding for finding in found if finding.code not in locking.LOCKABLE]
        outcome.add(other, ExitCode.INVALID)
        if not any(finding.severity is Severity.ERROR for finding in other):
            files, failed = locking.lock(root, document, locking.unlocked(document, found, update=options.update))
            locked.append((root, files))
            outcome.add(failed, ExitCode.UNDECIDED)
            outcome.add(
                validation.findings(validation.read(root / SPEC), engine) if not failed else [], ExitCode.INVALID
            )

    outcome = each(options.paths, lock)
    print_findings(outcome)
    if options.format == "json":
        print_json({"version": 1, "projects": [{"project": str(root), "files": files} for root, files in locked]})
    else:
        rows = [row for _, files in locked for row in files]
        sys.stdout.writelines(
            [*(f"{row['sha256']} {row['size']} {row['from']}\n" for row in rows), f"{len(rows)} locked\n"]
        )
    return outcome.code


def update(options: argparse.Namespace) -> int:
    """Move projects to a newer template, and tell what that changed."""
    from scaffold.project import copier_runner

    moved: list[tuple[Path, copier_runner.Update]] = []

    def move(root: Path, outcome: Outcome) -> None:
        done = copier_runner.update(root, version=options.to)
        moved.append((root, done))
        outcome.add([_unmerged(root / path) for path in done.unmerged], ExitCode.UNDECIDED)

    outcome = each(options.paths, move)
    print_findings(outcome)
    if options.format == "json":
        print_json({"version": 1, "projects": [done.row(root) for root, done in moved]})
    else:
        sys.stdout.writelines(done.text(root) for root, done in moved)
    return outcome.code


def _unmerged(path: Path) -> Finding:
    message = "the update and what was changed here could not be merged"
    return Finding(code="unmerged", message=message, fix="Edit it, or undo the update with git.", file=str(path))


def _renderable(now: state.State, outcome: Outcome) -> state.NotRendered | state.Rendered | None:
    match now:
        case state.OtherVersion():
            raise CannotDecideError(f"{drift.outdated(now)}. {drift.help_for_other_version(now)}")
        case state.InvalidSpec():
            outcome.add(now.findings, ExitCode.INVALID)
            return None
    return now


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
    print_json({"version": 1, "projects": rows})


def check(options: argparse.Namespace) -> int:
    """Say what is wrong with specs and files, and what the standards have against them."""
    if options.dockerfiles:
        from scaffold.cli import dockerfile_check

        return dockerfile_check.check(options)
    job = Check(today=datetime.now(UTC).date(), standards_file=options.standards, scope=_scope(options))
    if options.standards:
        _ = job.standards  # a file that holds no standards ends the command before anything is judged by it
    outcome = each(options.paths, job, processes=options.jobs)
    outcome.add(job.about_waivers(outcome.findings), ExitCode.FINDINGS)
    sys.stdout.write(outcome.report(options.format))
    return outcome.code


def validate_specs(options: argparse.Namespace) -> int:
    """Say what is wrong with specs."""
    outcome = each(options.paths, Validation(), processes=options.jobs)
    sys.stdout.write(outcome.report(options.format))
    return outcome.code


def _scope(options: argparse.Namespace) -> waivers.Scope:
    return waivers.Scope.of(options.repository, [path.parent if path.name == SPEC else path for path in options.paths])


VERBS = {
    "new": new,
    "validate": validate_specs,
    "plan": plan,
    "diff": diff,
    "render": render,
    "check": check,
    "update": update,
    "models lock": lock_models,
}
