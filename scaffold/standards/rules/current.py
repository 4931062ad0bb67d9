"""Whether the images in use are the current ones in the standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.oci.names import repositories
from scaffold.standards.facts import LayeredImage, PlannedImage, Violation, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts, UsedImage
    from scaffold.standards.model import Image


def check(facts: Facts) -> Iterator[Violation]:
    """Report images that the standards have since replaced."""
    for used in facts.images:
        if used.row and (difference := _difference(used, used.row, facts)):
            from scaffold.standards.advice import UPDATE

            yield Violation(
                code="stale-base" if used.below_stages else "stale-extension",
                message=f"the {used.role} {used.name} has changed: {difference}",
                fix="Rebuild it on the current base." if isinstance(used, LayeredImage) else UPDATE,
                about=about(used),
            )


def _difference(used: UsedImage, row: Image, facts: Facts) -> str:
    """Return how the image in use differs from the current one; empty if it does not."""
    if isinstance(used, LayeredImage) and used.superseded:
        days = (facts.today - used.superseded).days
        ago = f"{days} day{'' if days == 1 else 's'} ago" if days else "today"
        return f"the image has the layers that the base had until {used.superseded}, {ago}"
    if isinstance(used, PlannedImage) and not used.own and not is_same(used, row, facts):
        from scaffold.standards.references import reference

        now = reference(row, facts.architecture, facts.standards.mirrors)
        return f"the project uses {used.reference}, and the standards have {now}"
    return ""


def is_same(used: PlannedImage, row: Image, facts: Facts) -> bool:
    """Return whether an image in a plan is the one in the standards, from whatever mirror.

    A project may pin a base that the standards have by tag alone.
    """
    own_pin = used.role == "base" and not row.digests and bool(used.digest)
    pinned = (row.digests.get(facts.architecture, ""), row.index or None)
    same = own_pin or used.digest in pinned
    return same and used.tag == row.tag and used.image in repositories(row.image, facts.standards.mirrors)
