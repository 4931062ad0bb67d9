"""The report formats, by name.

Messages, file names and excerpts may contain untrusted text: no format lets through a character that a terminal obeys,
and none lets a value start a line of its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from scaffold.errors import InvalidInputError
from scaffold.findings.source import visible
from scaffold.findings.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaffold.findings.finding import Finding

FORMATS = {"text": "text", "json": "json_rows", "sarif": "sarif", "github": "github", "junit": "junit"}
"""Each format's module in this package; its function `render` takes sorted findings, and those of each project."""


def render(
    findings: Iterable[Finding],
    *,
    format: str,  # noqa: A002 - the word the command line uses
    projects: Mapping[str, Sequence[Finding]] | None = None,
) -> str:
    """Return a report on these findings in a format; it ends with a line end.

    `projects` maps each project that was judged to its own findings. Raises InvalidInputError for an unknown format.
    """
    if format not in FORMATS:
        message = f'there is no format "{visible(format)}". {did_you_mean(format, FORMATS)}'
        raise InvalidInputError(message)
    report: str = import_module(f"scaffold.reports.{FORMATS[format]}").render(sorted(findings), projects or {})
    return report
