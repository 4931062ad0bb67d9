"""Whether a spec may describe its own base image: `inline_base`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import PlannedImage, Violation, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images described in a spec unless the standards allow them."""
    for used in facts.images:
        if isinstance(used, PlannedImage) and used.own and facts.standards.rules["inline_base"] != "allowed":
            from scaffold.standards import advice

            if used.role == "image" and used.row:
                continue
            yield Violation(
                code="uncatalogued-source" if used.role == "image" else "base-not-allowed",
                message=f"the standards of {facts.standards.organisation} do not allow an image of your own",
                fix=advice.alternatives(used, facts),
                about=about(used),
            )
