"""What every verb shares that works on many projects: what was found, what went wrong, how it is told."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold import report
from scaffold.errors import ExitCode, InvalidInputError, RefusedError, ScaffoldError
from scaffold.findings import Finding, Severity
from scaffold.project import SPEC, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


@dataclass(kw_only=True)
class Outcome:
    """What a command has found so far, over all projects; the highest exit code wins."""

    code: int = ExitCode.CLEAN
    findings: list[Finding] = field(default_factory=list)

    def add(self, found: Sequence[Finding], code: ExitCode) -> None:
        """Add findings; an error among them makes this the exit code, unless a higher one is there."""
        self.findings += found
        if any(finding.severity is Severity.ERROR for finding in found):
            self.code = max(self.code, code)


def each(paths: Sequence[Path], act: Callable[[Path, Outcome], None]) -> Outcome:
    """Do one thing to every project: what goes wrong in one is told, and hides no other."""
    outcome, any_found = Outcome(), False
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


def complain(outcome: Outcome) -> None:
    """Tell findings where standard output carries something else."""
    if outcome.findings:
        sys.stderr.write(report.render(outcome.findings, format="text"))


def print_json(value: object) -> None:
    """Print a result for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
