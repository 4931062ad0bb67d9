"""Findings → text for people, JSON for programs.

A format is one function in `_RENDERERS`. Messages, file names and excerpts may hold text of strangers: no format lets
through a character that a terminal obeys, and none lets a value start a line of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.errors import InvalidInputError
from scaffold.findings import Finding, Severity, did_you_mean, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def render(findings: Iterable[Finding], *, format: str) -> str:  # noqa: A002 - the word the command line uses
    """Report on these findings, in order, as text that ends in a line end.

    Raises InvalidInputError for a format that does not exist.
    """
    if format not in _RENDERERS:
        message = f'there is no format "{visible(format)}". {did_you_mean(format, _RENDERERS)}'
        raise InvalidInputError(message)
    return _RENDERERS[format](sorted(findings))


def _text(findings: Sequence[Finding]) -> str:
    return "\n".join([*map(_text_of, findings), _summary(findings)]) + "\n"


def _text_of(finding: Finding) -> str:
    place = [finding.file, *(str(number) for number in (finding.line, finding.column) if number)]
    lead = f"{visible(':'.join(place))}: " if finding.file else ""
    weight = "warning: " if finding.severity is Severity.WARNING else ""
    lines = [f"{lead}{finding.code} {weight}{visible(finding.message)}"]
    if finding.excerpt:
        lines += [f"    {visible(line)}" for line in finding.excerpt.split("\n")]
    if finding.fix:
        lines.append(f"  fix: {visible(finding.fix)}")
    return "\n".join(lines)


def _summary(findings: Sequence[Finding]) -> str:
    if not findings:
        return "No problems found."
    counts = [(count, word) for word, count in _counts(findings).items() if count]
    return ", ".join(f"{count} {word.removesuffix('s') if count == 1 else word}" for count, word in counts)


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    return {"errors": len(findings) - warnings, "warnings": warnings}


def _json(findings: Sequence[Finding]) -> str:
    import json

    fields = ("code", "severity", "message", "fix", "file", "line", "column")
    rows = [{field: getattr(finding, field) for field in fields} for finding in findings]
    return json.dumps({"version": 1, "findings": rows, "summary": _counts(findings)}, indent=2) + "\n"


_RENDERERS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": _text, "json": _json}
FORMATS = tuple(_RENDERERS)
