"""Whether the images in use are named by digest: `base_digest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import PlannedImage, Violation, WrittenImage, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts, UsedImage


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse bases without a digest if the standards require one, and other images if the subject needs one."""
    for used in facts.images:
        if reference := _unpinned(used, facts):
            message = f"{reference} has no digest: its tag may refer to another image tomorrow"
            yield Violation(code="unpinned-base", message=message, fix=_fix(used, facts), about=about(used))


def _unpinned(used: UsedImage, facts: Facts) -> str:
    """Return the reference that lacks a required digest; empty if none does."""
    if isinstance(used, PlannedImage) and not used.digest:
        required = used.role == "base" and facts.standards.digest_required
        return used.reference if required or used.digest_needed else ""
    return used.name if isinstance(used, WrittenImage) and used.likeness == "no digest" else ""


def _fix(used: UsedImage, facts: Facts) -> str:
    from scaffold.standards import advice

    if isinstance(used, WrittenImage) and used.meant and used.meant.digests:
        return advice.use(used.meant, facts)
    if isinstance(used, PlannedImage) and used.own and not used.row:
        return "Give `base` a `digest`."
    return advice.UPDATE if used.row and facts.architecture in used.row.digests else advice.PIN
