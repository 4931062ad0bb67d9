"""The report formats, by name.

Messages, file names and excerpts may contain untrusted text: every format escapes the control characters of terminals,
and none lets a value start its own line.
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
    format: str,  # noqa: A002 - the name of the option
    projects: Mapping[str, Sequence[Finding]] | None = None,
    colour: bool = False,
) -> str:
    """Return a report on these findings in a format; it ends with a line ending.

    `projects` maps each checked project to its own findings. With `colour`, text has the escape sequences of terminals.
    Raises InvalidInputError for an unknown format.
    """
    if format not in FORMATS:
        message = f'unknown format "{visible(format)}". {did_you_mean(format, FORMATS)}'
        raise InvalidInputError(message)
    options = {"colour": True} if colour and format == "text" else {}
    module = import_module(f"scaffold.reports.{FORMATS[format]}")
    report: str = module.render(sorted(findings), projects or {}, **options)
    return report
