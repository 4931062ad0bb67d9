"""Findings → text for people; JSON, SARIF, JUnit and GitHub's annotations for machines.

A format is one function in `FORMATS`. Messages, file names and excerpts may hold text of strangers: no format lets
through a character that a terminal obeys, and none lets a value start a line of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from scaffold.errors import InvalidInputError
from scaffold.findings import Finding, Severity, did_you_mean, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Projects = Mapping[str, Sequence[Finding]]


def render(findings: Iterable[Finding], *, format: str, projects: Projects | None = None) -> str:  # noqa: A002 - the word the command line uses
    """Report on these findings, in order, as text that ends in a line end.

    `projects` are all that were looked at, each with those of the findings that are about it.
    Raises InvalidInputError for a format that does not exist.
    """
    if format not in FORMATS:
        message = f'there is no format "{visible(format)}". {did_you_mean(format, FORMATS)}'
        raise InvalidInputError(message)
    return FORMATS[format](sorted(findings), projects or {})


def summary(findings: Sequence[Finding], projects: Projects) -> str:
    """One line: how many findings of which weight, and of several projects how many are clean."""
    counts = [(count, word) for word, count in counted(findings).items() if count]
    words = [f"{count} {word.removesuffix('s') if count == 1 else word}" for count, word in counts]
    if len(projects) < 2:
        return ", ".join(words) or "No problems found."
    clean = sum(not found for found in projects.values())
    rest = f", {len(projects) - clean} with findings" if clean < len(projects) else ""
    return f"{len(projects)} projects: {clean} clean{rest}" + (f" ({', '.join(words)})" if words else "")


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings have which weight."""
    weights = Counter(finding.weight for finding in findings)
    return {"errors": weights["error"], "warnings": weights["warning"], "waived": weights["waived"]}


def _text(findings: Sequence[Finding], projects: Projects) -> str:
    return "\n".join([*map(_text_of, findings), summary(findings, projects)]) + "\n"


def _text_of(finding: Finding) -> str:
    place = [finding.file, *(str(number) for number in (finding.line, finding.column) if number)]
    lead = f"{visible(':'.join(place))}: " if finding.file else ""
    weight = "" if finding.weight == Severity.ERROR else f"{finding.weight}: "
    lines = [f"{lead}{finding.code} {weight}{visible(finding.message)}"]
    if finding.excerpt:
        lines += [f"    {visible(line)}" for line in finding.excerpt.split("\n")]
    if finding.waiver:
        lines.append(f"  {visible(str(finding.waiver))}")
    if finding.fix:
        lines.append(f"  fix: {visible(finding.fix)}")
    return "\n".join(lines)


def _json(findings: Sequence[Finding], projects: Projects) -> str:
    import json

    fields = ("code", "severity", "message", "fix", "file", "line", "column")
    rows = [
        {field: getattr(finding, field) for field in fields} | {"waiver": finding.waiver and asdict(finding.waiver)}
        for finding in findings
    ]
    clean = sum(not found for found in projects.values())
    total = counted(findings) | {"projects": len(projects), "clean": clean}
    return json.dumps({"version": 1, "findings": rows, "summary": total}, indent=2) + "\n"


def _sarif(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold import sarif

    return sarif.render(findings, projects)


def _github(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold import annotations

    return annotations.render(findings, summary(findings, projects))


def _junit(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold import junit

    return junit.render(findings, projects)


FORMATS: dict[str, Callable[[Sequence[Finding], Projects], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "junit": _junit,
}
