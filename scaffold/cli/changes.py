"""Renders projects, and computes what a render would change, for the commands that do so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scaffold.cli.output import change_rows, print_findings, print_results
from scaffold.errors import CannotDecideError, ExitCode
from scaffold.fleet.runner import for_each_project
from scaffold.project import answers, drift, state
from scaffold.project.apply import apply
from scaffold.project.changes import Cause
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change


def render(paths: Sequence[Path], *, force: bool, format: str, starters: bool = False) -> int:  # noqa: A002 - the option
    """Write the generated files of these projects, print the changes and problems, and return the exit status."""
    outcome, done = write(paths, Engine(), force=force, starters=starters)
    print_findings(outcome)
    lines = [f"{change.kind} {root / change.path}\n" for root, changes in done for change in changes]
    print_results(format, change_rows(done), [*lines, f"{len(lines)} changed\n"] if done else [])
    return outcome.code


def write(
    paths: Sequence[Path], engine: Engine, *, force: bool, starters: bool = False
) -> tuple[Outcome, list[tuple[Path, Sequence[Change]]]]:
    """Write the generated files of these projects; return the outcome, and the changes of each that was written."""
    done: list[tuple[Path, Sequence[Change]]] = []

    def act(root: Path, outcome: Outcome) -> None:
        now = renderable(state.read(root, engine, starters=starters), outcome)
        if now:
            first = isinstance(now, state.NotRendered)
            changes = [_of_others(change) for change in now.changes] if first else now.changes
            apply(root, changes, force=force)
            answers.renew(root)
            outcome.add(now.problems, ExitCode.FINDINGS)
            done.append((root, changes))

    return for_each_project(paths, act), done


def _of_others(change: Change) -> Change:
    """Return a change of a first render, which may find files of other origin, but none of an earlier render."""
    if change.cause is not Cause.EDITED or not change.refusal:
        return change
    return replace(change, refusal="it was here before, and git does not hold it")


def renderable(project: state.State, outcome: Outcome) -> state.NotRendered | state.Rendered | None:
    """Return the project if it can be rendered; otherwise None, with its findings in the outcome.

    Raises CannotDecideError if another version of the template rendered the project.
    """
    match project:
        case state.OtherVersion():
            raise CannotDecideError(f"{drift.outdated(project)}. {drift.help_for_other_version(project)}")
        case state.InvalidSpec():
            outcome.add(project.findings, ExitCode.INVALID)
            return None
    return project
