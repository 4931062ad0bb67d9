"""Validates a spec file: the findings of its YAML, the schema and the template, with positions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffold import reading
from scaffold.documents.document import Document, parse
from scaffold.errors import InvalidInputError
from scaffold.findings.finding import Edit
from scaffold.findings.source import MAX_BYTES
from scaffold.findings.suggest import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from scaffold.findings.finding import Finding
    from scaffold.rendering.engine import Engine, Problem
    from scaffold.rendering.plan import Plan

_MOST_SUGGESTED = 100


def read(path: Path) -> Document:
    """Return the document in a file. Raises InvalidInputError if it cannot be read."""
    try:
        return parse(reading.read(path, MAX_BYTES), file=str(path))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InvalidInputError(f"{path}: not a file") from error
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror}") from error


def findings(document: Document, engine: Engine) -> list[Finding]:
    """Return everything wrong with a spec, in file order; values that could not be parsed are skipped."""
    found = list(document.findings)
    if document.value is not None:
        taken = {(finding.line, finding.column) for finding in found}
        problems = engine.problems(document.value)
        # A suggestion compares a word with every name, and nobody reads thousands of them.
        located = [locate(row, document) for row in problems[:_MOST_SUGGESTED]]
        located += [locate(replace(row, choices=()), document) for row in problems[_MOST_SUGGESTED:]]
        found += [finding for finding in located if (finding.line, finding.column) not in taken]
    return sorted(found)


def plan(path: Path, engine: Engine) -> tuple[Plan | None, list[Finding]]:
    """Return the plan of the spec in a file, or None, and its findings. Raises InvalidInputError like `read`."""
    document = read(path)
    found = findings(document, engine)
    spec: Any = document.value
    return None if found else engine.plan(spec), found


def locate(problem: Problem, document: Document) -> Finding:
    """Return a problem as a finding, with its position in the document and the nearest valid name."""
    fix = " ".join(filter(None, [problem.fix, did_you_mean(_word(problem, document), problem.choices)]))
    edits = problem.edits
    if problem.code == "wrong-type" and problem.path in document.sources and "Put it in quotes." in fix:
        written = document.sources[problem.path]
        fix = fix.replace("Put it in quotes.", f'Put it in quotes: "{written}".')
        edits = (Edit(problem.path, written),)
    place = dotted(problem.path[:-1] if problem.at_key else problem.path)
    finding = document.finding(
        problem.code,
        f"{place}: {problem.message}" if place else problem.message,
        path=problem.path,
        key=problem.at_key or problem.code == "missing-key",
        fix=fix,
    )
    # The excerpt would repeat the secret, and reports are kept longer than files.
    return replace(finding, edits=edits, excerpt="" if problem.code == "secret-variable" else finding.excerpt)


def dotted(path: tuple[str | int, ...]) -> str:
    """Return a path in the form `model_files[0].from`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _word(problem: Problem, document: Document) -> str:
    if problem.at_key:
        return str(problem.path[-1])
    value: Any = document.value
    for part in problem.path:
        value = value[part]
    return str(value)
