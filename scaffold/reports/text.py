"""Findings as text for people, who read so many and no more: errors first, then warnings, then notes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.findings.source import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffold.findings.finding import Finding


MOST = 100
"""The findings that are shown."""
_WEIGHTS = ("error", "warning", "note", "waived")


_COLOURS = {"error": 31, "warning": 33, "note": 36, "waived": 2}
"""What selects the colour of a finding's code: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/"""


def render(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]], *, colour: bool = False) -> str:
    """Return a few lines for each finding, of the most important ones if there are many, and the summary."""
    shown, rest = _shown(findings)
    lines = [_lines(finding, colour=colour) for finding in shown]
    return "\n".join([*lines, *rest, summary(findings, projects)]) + "\n"


def _shown(findings: Sequence[Finding]) -> tuple[Sequence[Finding], list[str]]:
    """Return the findings to show, in their order, and a line about the others if there are any."""
    if len(findings) <= MOST:
        return findings, []
    ranked = sorted(range(len(findings)), key=lambda at: _WEIGHTS.index(findings[at].weight))
    errors = sum(findings[at].weight == Severity.ERROR for at in ranked[MOST:])
    rest = f"{len(findings) - MOST} more findings are not shown, {errors} of them errors"
    return [findings[at] for at in sorted(ranked[:MOST])], [f"{rest}: `scaffold check --format json` has all."]


def summary(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> str:
    """Return one line: the number of findings by weight and, for several projects, how many are clean."""
    counts = [(count, word) for word, count in counted(findings).items() if count]
    words = [f"{count} {word.removesuffix('s') if count == 1 else word}" for count, word in counts]
    if len(projects) < 2:
        notes = f" ({', '.join(words)})" if words else ""
        return f"No problems found{notes}." if is_clean(findings) else ", ".join(words)
    clean = sum(map(is_clean, projects.values()))
    rest = f", {len(projects) - clean} with findings" if clean < len(projects) else ""
    return f"{len(projects)} projects: {clean} clean{rest}" + (f" ({', '.join(words)})" if words else "")


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """Return the number of findings by weight."""
    weights = Counter(finding.weight for finding in findings)
    plurals = {"errors": "error", "warnings": "warning", "notes": "note", "waived": "waived"}
    return {plural: weights[weight] for plural, weight in plurals.items()}


def is_clean(findings: Sequence[Finding]) -> bool:
    """Return whether there is nothing to fix: no finding, or only notes."""
    return all(finding.weight == Severity.NOTE for finding in findings)


def _lines(finding: Finding, *, colour: bool) -> str:
    place = [finding.file, *(str(number) for number in (finding.line, finding.column) if number)]
    lead = f"{visible(':'.join(place))}: " if finding.file else ""
    weight = "" if finding.weight == Severity.ERROR else f"{finding.weight}: "
    code = f"\x1b[{_COLOURS[finding.weight]}m{finding.code}\x1b[m" if colour else finding.code
    lines = [f"{lead}{code} {weight}{visible(finding.message)}"]
    if finding.excerpt:
        lines += [f"    {visible(line)}" for line in finding.excerpt.split("\n")]
    if finding.waiver:
        lines.append(f"  {visible(str(finding.waiver))}")
    if finding.fix:
        lines.append(f"  fix: {visible(finding.fix)}")
    return "\n".join(map(_defused, lines))


def _defused(line: str) -> str:
    """Escape what GitHub's runner would read as a command: it parses all output, with or without leading blanks.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    if line.lstrip().startswith("::"):
        line = line.replace("::", r"\x3a:", 1)
    return line.replace("##[", r"#\x23[")
