"""What every verb shares that works on many projects: what was found, what went wrong, how it is told."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from scaffold import report
from scaffold.errors import ExitCode, InvalidInputError, RefusedError, ScaffoldError
from scaffold.findings import Finding
from scaffold.project import SPEC, find

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

_ABREAST = 8
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_REPORT = "This is a mistake in scaffold: please report it with the project's lambda-image.yaml."


@dataclass(kw_only=True)
class Outcome:
    """What a command has found so far, over all projects; the highest exit code wins.

    `projects` holds the findings of each project that was looked at, by its path, also where there are none.
    """

    code: int = ExitCode.CLEAN
    findings: list[Finding] = field(default_factory=list)
    projects: dict[str, list[Finding]] = field(default_factory=dict)

    def add(self, found: Sequence[Finding], code: ExitCode) -> None:
        """Add findings; an error that is not waived makes this the exit code, unless a higher one is there."""
        self.findings += found
        if any(finding.weight == "error" for finding in found):
            self.code = max(self.code, code)

    def take(self, root: Path, of_project: Outcome) -> None:
        """Add what was found in one project."""
        self.findings += of_project.findings
        self.code = max(self.code, of_project.code)
        self.projects[str(root)] = of_project.findings

    def report(self, format: str) -> str:  # noqa: A002 - the word the command line uses
        """All of it in a format of `scaffold.report`."""
        return report.render(self.findings, format=format, projects=self.projects)


def outcome_of(rows: Iterable[tuple[ExitCode, Finding]]) -> Outcome:
    """What findings come to of which each has an exit code of its own."""
    outcome = Outcome()
    for code, finding in rows:
        outcome.add([finding], code)
    return outcome


def each(paths: Sequence[Path], act: Callable[[Path, Outcome], None], *, processes: int = 1) -> Outcome:
    """Do one thing to every project: what goes wrong in one, a crash included, is told, and hides no other.

    With more `processes` than one, or 0 for as many as there are processors, projects are shared out where that is
    quicker. Then nothing of what `act` does comes back but its outcome, and `act` must be able to travel.
    """
    outcome = Outcome()

    def unreadable(error: OSError) -> None:
        message = f"cannot search this folder: {error.strerror}"
        found = Finding(code="undecided", message=message, file=str(error.filename))
        outcome.add([found], ExitCode.UNDECIDED)

    roots = list(find(paths, unreadable=unreadable))
    if not roots and not outcome.findings:
        raise InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}")
    results = dict(progress(_attempts(roots, act, processes), len(roots), "projects"))
    for root in roots:
        outcome.take(root, results[root] or _lost(root))
    return outcome


def _attempts(
    roots: Sequence[Path], act: Callable[[Path, Outcome], None], processes: int
) -> Iterator[tuple[Path, Outcome | None]]:
    attempt = partial(_attempt, act)
    if processes != 1 and len(roots) > 1:
        from scaffold import workers

        processes = min(processes or workers.cores(), workers.worthwhile(len(roots)))
    if processes > 1:
        # The first one fills what later ones share: a forked process starts with compiled templates and read tables.
        yield roots[0], attempt(roots[0])
        yield from workers.run(attempt, roots[1:], processes)
    else:
        yield from ((root, attempt(root)) for root in roots)


def _attempt(act: Callable[[Path, Outcome], None], root: Path) -> Outcome:
    outcome = Outcome()
    try:
        act(root, outcome)
    except ScaffoldError as error:
        outcome.add(_findings(root, error), ExitCode(error.exit_code))
    except Exception as error:  # noqa: BLE001 - one project's fault, whatever it is, must not end the others
        outcome.add([_crash(root, error)], ExitCode.UNDECIDED)
    return outcome


def _crash(root: Path, error: Exception) -> Finding:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    message = f"{type(error).__name__}: {error}{place}"
    if isinstance(error, RecursionError):  # where it strikes depends on who called
        message = "something in it is nested too deeply to be judged"
    return Finding(code="undecided", message=message, fix=_REPORT, file=str(root))


def _lost(root: Path) -> Outcome:
    lost = Outcome()
    message = "the process that looked at this project died"
    lost.add([Finding(code="undecided", message=message, fix=_REPORT, file=str(root))], ExitCode.UNDECIDED)
    return lost


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


def abreast(act: Callable[[_Item], _Result], items: Collection[_Item], what: str) -> list[_Result]:
    """What `act` gives for each item, in their order, several at a time: for work that waits for registries."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_ABREAST) as pool:
        return list(progress(pool.map(act, items), len(items), what))


def progress(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """The items, counted on a terminal from the second on; `what` they are, such as projects."""
    shown = sys.stderr.isatty()
    for number, item in enumerate(items, start=1):
        if shown and number > 1:
            print(f"\r{number} of {total} {what}", end="", file=sys.stderr, flush=True)
        yield item
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def complain(outcome: Outcome) -> None:
    """Tell findings where standard output carries something else."""
    if outcome.findings:
        sys.stderr.write(outcome.report("text"))


def print_json(value: object) -> None:
    """Print a result for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
