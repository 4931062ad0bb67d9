"""Whether a spec may describe a base image of its own: `inline_base`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import PlannedImage, Violation, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images of a spec's own unless the standards allow them."""
    for used in facts.images:
        if isinstance(used, PlannedImage) and used.own and facts.standards.rules["inline_base"] != "allowed":
            from scaffold.standards import advice

            yield Violation(
                code="base-not-allowed",
                message=f"the standards of {facts.standards.organisation} do not allow an image of your own",
                fix=advice.alternatives(used, facts),
                about=about(used),
            )
