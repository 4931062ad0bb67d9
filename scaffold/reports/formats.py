"""Findings → text for people; JSON, SARIF, JUnit and GitHub's annotations for machines.

A format is one function in `FORMATS`. Messages, file names and excerpts may hold text of strangers: no format lets
through a character that a terminal obeys, and none lets a value start a line of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scaffold.errors import InvalidInputError
from scaffold.findings.finding import Finding, Severity
from scaffold.findings.source import visible
from scaffold.findings.suggest import did_you_mean

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


def counted(findings: Sequence[Finding]) -> dict[str, Any]:
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
    return "\n".join(map(_defused, lines))


def _defused(line: str) -> str:
    """A line that GitHub's runner takes for no command: it reads any output, leading blanks or not.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    if line.lstrip().startswith("::"):
        line = line.replace("::", r"\x3a:", 1)
    return line.replace("##[", r"#\x23[")


def _json(findings: Sequence[Finding], projects: Projects) -> str:
    import json

    fields = ("code", "severity", "message", "fix", "file", "line", "column")
    rows = [
        {field: getattr(finding, field) for field in fields} | {"waiver": finding.waiver and asdict(finding.waiver)}
        for finding in findings
    ]
    concerned = [{"project": name} | counted(found) for name, found in projects.items() if found]
    total = counted(findings) | {"projects": len(projects), "clean": len(projects) - len(concerned)}
    report = {"version": 1, "findings": rows, "projects": concerned, "summary": total}
    return json.dumps(report, indent=2) + "\n"


def _sarif(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold.reports import sarif

    return sarif.render(findings, projects)


def _github(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold.reports import github

    return github.render(findings, summary(findings, projects))


def _junit(findings: Sequence[Finding], projects: Projects) -> str:
    from scaffold.reports import junit

    return junit.render(findings, projects)


FORMATS: dict[str, Callable[[Sequence[Finding], Projects], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "junit": _junit,
}
