"""Labels that every image must have: `labels`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse subjects that lack a required label."""
    if facts.labels is None:
        return
    for label in facts.standards.rules.get("labels", {}).get("required", ()):
        if label not in facts.labels:
            message = f"the standards of {facts.standards.organisation} require the label {label}"
            yield Violation(code="missing-label", message=message, fix=f"Add `{label}` to `labels`.", about=("labels",))
