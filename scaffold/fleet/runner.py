"""Runs a command over many projects, in one process or several."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaffold.errors import ExitCode, InvalidInputError, RefusedError, ScaffoldError
from scaffold.findings.finding import Finding
from scaffold.fleet.outcome import Outcome
from scaffold.progress import progress
from scaffold.project.find import find, none_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


_REPORT = "This is a bug in scaffold: please report it with the project's lambda-image.yaml."


def for_each_project(
    paths: Sequence[Path], act: Callable[[Path, Outcome], None], *, processes: int = 1, installed: bool = False
) -> Outcome:
    """Call `act` for every project under the paths, and return the outcome of all.

    With `installed`, those among installed packages count, too, as far as git tracks them or they are near.

    A failure in one project, even a crash, becomes a finding about it and does not stop the others. With more than one
    of `processes`, or 0 for one per processor, projects are distributed if that is faster. Then only the outcome comes
    back from `act`, which must be picklable. Raises InvalidInputError if there are no projects.
    """
    outcome = Outcome()

    def unreadable(error: OSError) -> None:
        message = f"cannot search this directory: {error.strerror}"
        found = Finding(code="undecided", message=message, file=str(error.filename))
        outcome.add([found], ExitCode.UNDECIDED)

    roots = list(find(paths, unreadable=unreadable, installed=installed))
    if not roots and not outcome.findings:
        raise none_in(paths)
    results = dict(progress(_attempts(roots, act, processes), len(roots), "projects"))
    for root in roots:
        outcome.merge(root, results[root] or _lost(root))
    return outcome


def _attempts(
    roots: Sequence[Path], act: Callable[[Path, Outcome], None], processes: int
) -> Iterator[tuple[Path, Outcome | None]]:
    attempt = partial(_attempt, act)
    if processes != 1 and len(roots) > 1:
        from scaffold.fleet import workers

        processes = min(processes or workers.cores(), workers.worthwhile(len(roots)))
    if processes > 1:
        # The first project fills the caches: a forked process starts with compiled templates and loaded tables.
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
    except Exception as error:  # noqa: BLE001 - no error in one project may end the others
        outcome.add([_crash(root, error)], ExitCode.UNDECIDED)
    return outcome


def _crash(root: Path, error: Exception) -> Finding:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    message = f"{type(error).__name__}: {error}{place}"
    if isinstance(error, RecursionError):  # where it is raised depends on the caller
        message = "it is nested too deeply to be checked"
    return Finding(code="undecided", message=message, fix=_REPORT, file=str(root))


def _lost(root: Path) -> Outcome:
    lost = Outcome()
    message = "the process that checked this project ended without a result"
    lost.add([Finding(code="undecided", message=message, fix=_REPORT, file=str(root))], ExitCode.UNDECIDED)
    return lost


def _findings(root: Path, error: ScaffoldError) -> list[Finding]:
    """Return a failure of a project as findings about it."""
    if isinstance(error, RefusedError):
        fix = "Commit it or move it away. --force keeps an edited file as PATH.orig."
        notes = dict(note.split(": ", 1) for note in getattr(error, "__notes__", []))
        return [
            Finding(code="refused", message=notes.get(path, "would be lost"), fix=fix, file=str(root / path))
            for path in error.paths
        ]
    code = "unreadable" if isinstance(error, InvalidInputError) else "undecided"
    return [Finding(code=code, message=str(error), file=str(root))]
