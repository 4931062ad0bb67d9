"""Packages in an image that write where Lambda lets no one write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.writers.table import Writer


def check(subject: Subject) -> Iterator[Finding]:
    """Lambda lets no one write below a home directory, and a library asks for models that the image has."""
    from scaffold.gates.writers.table import homeless

    variables = subject.facts.environment
    found = [row for row in subject.table.writers if _is_there(subject, row)]
    lines = {row.name: f"{row.variable}: {row.value}" for row in found if not row.is_set(variables)}
    if lines and homeless(variables):
        message = f"these write where Lambda lets no one write: {', '.join(lines)}"
        fix = f"Set variables, in a spec below `environment`: {'; '.join(lines.values())}."
        yield subject.finding("unwritable-cache", message, fix, Severity.WARNING)
    for row in found:
        if row.offline and row.wants_offline(variables, subject.own):
            message = f"the image has models, and {row.name} asks their hub for them at each cold start"
            fix = f'Set {row.offline[0]}: "{row.offline[1]}", in a spec below `environment`.'
            yield subject.finding("not-offline", message, fix, Severity.WARNING)


def _is_there(subject: Subject, row: Writer) -> bool:
    words = [*subject.facts.entrypoint, *subject.facts.command]
    return row.starts(words) or any(path.endswith(tuple(row.files)) for path in subject.own)
