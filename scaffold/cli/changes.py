"""Renders projects, and computes what a render would change, for the commands that do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.output import change_rows, print_findings, print_results
from scaffold.errors import CannotDecideError, ExitCode
from scaffold.fleet.runner import for_each_project
from scaffold.project import answers, drift, state
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change


def render(paths: Sequence[Path], *, force: bool, format: str) -> int:  # noqa: A002 - the option's name
    """Write the generated files of these projects, print the changes and return the exit status."""
    engine = Engine()
    done: list[tuple[Path, Sequence[Change]]] = []

    def write(root: Path, outcome: Outcome) -> None:
        now = renderable(state.read(root, engine), outcome)
        if now:
            apply(root, now.changes, force=force)
            answers.renew(root)
            done.append((root, now.changes))

    outcome = for_each_project(paths, write)
    print_findings(outcome)
    lines = [f"{change.kind} {root / change.path}\n" for root, changes in done for change in changes]
    print_results(format, change_rows(done), [*lines, f"{len(lines)} changed\n"] if done else [])
    return outcome.code


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
