"""Findings → workflow commands, which GitHub Actions shows beside the lines they are about.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; what is escaped, and how, is in
`packages/core/src/command.ts` of https://github.com/actions/toolkit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scaffold import repository
from scaffold.findings.source import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffold.findings.finding import Finding

_COMMANDS = {"error": "error", "warning": "warning", "waived": "notice"}


def render(findings: Sequence[Finding], summary: str) -> str:
    """One command on one line for each finding, then the summary. Paths are those in the repository."""
    root = repository.top(Path())
    return "\n".join([*(_command(finding, root) for finding in findings), summary]) + "\n"


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
    return _shown(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _shown(text: str) -> str:
    """Without what a terminal obeys, but with line ends: they have an escape of their own, and a name may hold one."""
    return "".join(c if c in "\r\n" else visible(c) for c in text)
