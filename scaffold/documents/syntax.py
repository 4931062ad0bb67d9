"""Explains errors of YAML's syntax, on the line on which something is missing; parsers only notice on a later one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scaffold.findings.source import Position

if TYPE_CHECKING:
    import yaml

    from scaffold.findings.source import Source

CHECK = "Check the indentation, quotes and brackets here and on the line before."
_FIXES = {
    "found character '\\t'": "Use spaces instead of the tab.",
    "mapping values are not allowed": 'Quote a value that contains ": ", or correct the indentation.',
    "could not find expected ':'": "Write each entry as key: value, and close every quote and bracket.",
    "that cannot start any token": "Quote the value.",
}
_KEY = re.compile(r"[ \t]*[\w.-]+[ \t]*:")
_COLON = "Write each entry as key: value."
_CLOSING = {"{": "}", "[": "]"}


def explained(source: Source, error: yaml.MarkedYAMLError) -> tuple[Position, str, str]:
    """Return the position, the message and the fix of an error."""
    problem = error.problem or "the file cannot be read"
    mark = error.problem_mark or error.context_mark
    place = position(mark) if mark else Position(line=0, column=0)
    began = position(error.context_mark) if error.context_mark else None
    if missing := _missing_sign(source, problem, place, began):
        return missing
    fix = next((fix for words, fix in _FIXES.items() if words in problem), CHECK)
    if error.context and began:
        problem += f" ({error.context}, which starts on line {began.line})"
    return place, problem, fix


def position(mark: Any) -> Position:
    """Return the position that a parser's mark stands for."""
    return Position(line=mark.line + 1, column=mark.column + 1)


def _missing_sign(
    source: Source, problem: str, noticed: Position, began: Position | None
) -> tuple[Position, str, str] | None:
    """Return the position, the message and the fix of a missing colon, bracket or quote; None for another error.

    `problem` is the parser's message, `noticed` its position, and `began` that of what the parser was reading.
    """
    lines = source.text.split("\n")
    if began and began.line < noticed.line:
        if "could not find expected ':'" in problem:
            return began, "a key without a colon", _COLON
        if "unexpected end of stream" in problem:
            return began, "this quote is not closed", "Close it."
        opening = lines[began.line - 1]
        sign = opening[began.column - 1 : began.column]
        outside = noticed.line > len(lines) or _indentation(lines[noticed.line - 1]) <= _indentation(opening)
        if sign in _CLOSING and outside:
            return began, f"this {sign} is not closed", f"Close it with {_CLOSING[sign]}."
    return _line_above(lines, noticed) if "mapping values are not allowed" in problem else None


def _line_above(lines: list[str], noticed: Position) -> tuple[Position, str, str] | None:
    """Return the line above a key that the parser read as a continuation of it, if that line lacks a colon."""
    here = lines[noticed.line - 1] if noticed.line <= len(lines) else ""
    if not _KEY.fullmatch(here[: noticed.column]):
        return None
    numbers = range(noticed.line - 1, 0, -1)
    above = next((number for number in numbers if lines[number - 1].strip()), 0)
    text = lines[above - 1] if above else ""
    if not above or ":" in text or text.lstrip().startswith("#"):
        return None
    return Position(line=above, column=_indentation(text) + 1), "a key without a colon", _COLON


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
