"""Findings as JSON: as values for commands whose JSON holds more, and as a whole report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scaffold.reports.text import counted, is_clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaffold.findings.finding import Finding

_FIELDS = ("code", "severity", "message", "fix", "file", "line", "column")


def as_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return the findings, sorted, as JSON values."""
    return [
        {field: getattr(finding, field) for field in _FIELDS}
        | {"waiver": finding.waiver and finding.waiver._asdict(), "edits": [edit._asdict() for edit in finding.edits]}
        for finding in sorted(findings)
    ]


def as_report(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    """Return the whole report as a JSON value: the rows, the projects with findings, and the totals."""
    concerned = [{"project": name} | counted(found) for name, found in projects.items() if not is_clean(found)]
    total = counted(findings) | {"projects": len(projects), "clean": len(projects) - len(concerned)}
    return {"version": 1, "findings": as_rows(findings), "projects": concerned, "summary": total}


def render(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> str:
    """Return the whole report as text."""
    return json.dumps(as_report(findings, projects), indent=2) + "\n"
