"""Findings as workflow commands, which GitHub Actions shows as annotations of the source lines.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; the escaping follows
`packages/core/src/command.ts` of https://github.com/actions/toolkit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold import repository
from scaffold.findings.source import visible
from scaffold.reports.text import summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffold.findings.finding import Finding

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice", "waived": "notice"}


def render(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> str:
    """Return one command on one line for each finding, then the summary. Paths are relative to the repository."""
    root = repository.top(Path())
    return "\n".join([*(_command(finding, root) for finding in findings), summary(findings, projects)]) + "\n"


def _command(finding: Finding, root: Path) -> str:
    properties: dict[str, str | int] = {}
    if finding.file:
        properties["file"] = repository.relative(finding.file, root) or finding.file
    if finding.line:
        properties["line"] = finding.line
    if finding.column:
        properties["col"] = finding.column
    properties["title"] = finding.code
    words = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    waiver = [str(finding.waiver)] if finding.waiver else []
    message = ". ".join([finding.message, *waiver, *([finding.fix] if finding.fix else [])])
    return f"::{_COMMANDS[finding.weight]} {words}::{_data(message)}"


def _data(text: str) -> str:
    # Workflow commands have their own escape for line endings, and a file name may contain one.
    shown = "".join(c if c in "\r\n" else visible(c) for c in text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
