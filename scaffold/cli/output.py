"""Everything that commands print: results on standard output, findings and errors on standard error."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.project.changes import Change


def write(text: str) -> None:
    """Write to standard output. Raises CannotDecideError on failure, since the result is then lost."""
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise _lost(error) from error


def flush() -> None:
    """Flush standard output. Raises CannotDecideError on failure."""
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _lost(error) from error


def _lost(error: OSError) -> CannotDecideError:
    # The process writes any buffered text when it ends, which would fail again, with a traceback.
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CannotDecideError(f"cannot write to standard output: {error.strerror}")


def print_json(value: object) -> None:
    """Print a result as JSON."""
    write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_results(format: str, result: Mapping[str, Any], lines: Iterable[str]) -> None:  # noqa: A002 - the option's name
    """Print a result in the chosen format: as JSON, or as these lines, each with its line ending."""
    if format == "json":
        print_json({"version": 1} | dict(result))
    else:
        write("".join(lines))


def change_rows(projects: Iterable[tuple[Path, Sequence[Change]]]) -> dict[str, Any]:
    """Return the changes of each project as a JSON value."""
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
    return {"projects": rows}


def print_findings(outcome: Outcome) -> None:
    """Print the findings on standard error, because standard output has the command's own result."""
    if outcome.findings:
        print_error(outcome.report("text", colour=has_colours(sys.stderr)).removesuffix("\n"))


def has_colours(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that shows colours, and its user wants them (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_report(outcome: Outcome, format: str) -> None:  # noqa: A002 - the option's name
    """Print the findings on standard output, as the command's result."""
    write(outcome.report(format, colour=has_colours(sys.stdout)))


def print_error(text: str) -> None:
    """Print to standard error; if that fails, only the exit status reports the error."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)
