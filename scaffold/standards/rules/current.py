"""Whether the images in use are those that the standards have now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.oci.names import repositories
from scaffold.standards.facts import LayeredImage, PlannedImage, Violation, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts, UsedImage
    from scaffold.standards.model import Image


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images of the standards as they were before the standards changed."""
    for used in facts.images:
        if used.row and (difference := _difference(used, used.row, facts)):
            from scaffold.standards.advice import UPDATE

            yield Violation(
                code="stale-base" if used.role == "base" else "stale-extension",
                message=f"the {used.role} {used.name} has changed: {difference}",
                fix="Build it again, on the base as it is now." if isinstance(used, LayeredImage) else UPDATE,
                about=about(used),
            )


def _difference(used: UsedImage, row: Image, facts: Facts) -> str:
    """How the image in use differs from what it is today; empty if it does not."""
    if isinstance(used, LayeredImage) and used.superseded:
        days = (facts.today - used.superseded).days
        ago = f"{days} day{'' if days == 1 else 's'} ago" if days else "today"
        return f"the image has the layers that it had until {used.superseded}, {ago}"
    if isinstance(used, PlannedImage) and not used.own and not is_same(used, row, facts):
        from scaffold.standards.references import reference

        now = reference(row, facts.architecture, facts.standards.mirrors)
        return f"the project uses {used.reference}, and the standards have {now}"
    return ""


def is_same(used: PlannedImage, row: Image, facts: Facts) -> bool:
    """Whether an image of a plan is the one of the standards, whatever mirror it comes from."""
    same = (used.tag, used.digest) == (row.tag, row.digests.get(facts.architecture, ""))
    return same and used.image in repositories(row.image, facts.standards.mirrors)
