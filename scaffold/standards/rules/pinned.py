"""Whether the images in use are named by digest: `base_digest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import PlannedImage, Violation, WrittenImage, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts, UsedImage


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images of the standards without a digest if they require one, others if the subject needs one.

    Where nothing requires it, a note says that an image of a project has none.
    """
    for used in facts.images:
        if reference := _unpinned(used, facts):
            severity = Severity.ERROR if _needed(used, facts) else Severity.NOTE
            message = f"{reference} has no digest{_where(used)}: its tag may refer to another image tomorrow"
            yield Violation("unpinned-base", message, _fix(used, facts), about(used), severity)


def _unpinned(used: UsedImage, facts: Facts) -> str:
    """Return the reference that lacks a digest; empty if it has one, cannot have one, or if nothing asks for it."""
    if used.row and used.row.empty:
        return ""
    if isinstance(used, PlannedImage):
        if used.digest:
            return used.reference if _is_approved_by_tag_alone(used, facts) else ""
        noted = used.role != "image" and facts.subject == "project" and not _is_stale(used, facts)
        return used.reference if noted or _needed(used, facts) else ""
    return used.name if isinstance(used, WrittenImage) and used.likeness == "no digest" else ""


def _is_stale(used: PlannedImage, facts: Facts) -> bool:
    """Return whether another rule reports the image, and with it how to get the digest."""
    from scaffold.standards.rules.current import is_same

    return bool(used.row and not used.own and not is_same(used, used.row, facts))


def _is_approved_by_tag_alone(used: PlannedImage, facts: Facts) -> bool:
    """Return whether only the project has a digest, although the standards must approve one."""
    row = used.row if used.below_stages and not used.own else None
    return bool(row and not row.digests and facts.standards.digest_required)


def _where(used: UsedImage) -> str:
    return " in the standards" if isinstance(used, PlannedImage) and used.digest else ""


def _needed(used: UsedImage, facts: Facts) -> bool:
    if not isinstance(used, PlannedImage):
        return True
    return used.digest_needed or (used.role != "image" and facts.standards.digest_required)


def _fix(used: UsedImage, facts: Facts) -> str:
    from scaffold.standards import advice

    if isinstance(used, WrittenImage) and used.meant and used.meant.digests:
        return advice.use(used.meant, facts)
    if isinstance(used, PlannedImage) and used.own and not used.row:
        return "Give `base` a `digest`. `scaffold base pin` finds and writes it."
    if used.row and facts.architecture in used.row.digests:
        return advice.UPDATE
    required = used.role != "base" or facts.standards.digest_required or facts.subject == "standards"
    return advice.PIN if required else "Run `scaffold base pin`."
