"""Whether references of the standards' images are written exactly as the standards write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.oci.names import parts, repositories
from scaffold.standards.facts import Violation, WrittenImage, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse references that builders may resolve to an image in the standards, but that do not match it exactly."""
    for used in facts.images:
        if isinstance(used, WrittenImage):
            yield from _check(used, facts)


def _lacks_index(repository: str, facts: Facts) -> bool:
    """Return whether the standards pin an image of this repository, and do not say which index holds it."""
    images = [*facts.standards.bases.values(), *facts.standards.extensions.values()]
    same = [image for image in images if repository in repositories(image.image, facts.standards.mirrors)]
    return any(image.digests and not image.index for image in same)


def _check(used: WrittenImage, facts: Facts) -> Iterator[Violation]:
    from scaffold.standards import advice
    from scaffold.standards.references import with_digest

    place, meant = about(used), used.meant
    repository, tag, digest = parts(used.name)
    if used.likeness == "other digest":
        message, fix = "this digest is not in the standards", advice.alternatives(used, facts)
        if _lacks_index(repository, facts):
            fix += " If it is that of the tag's index, `scaffold standards pin` approves it too."
        yield Violation(code="uncatalogued-digest", message=message, fix=fix, about=place)
    elif used.likeness == "earlier digest" and meant:
        message = f"the standards have had another digest since {meant.last_day(digest)}"
        code = "stale-base" if used.role == "base" else "stale-extension"
        yield Violation(code=code, message=message, fix=advice.use(meant, facts), about=place)
    elif used.likeness == "other tag of digest" and meant:
        message = f"the tag {tag} does not belong to this digest, and builders do not compare them"
        fix = f"Write {with_digest(repository, meant, digest)}."
        yield Violation(code="wrong-tag", message=message, fix=fix, about=place)
    elif used.likeness == "other spelling" and meant:
        message, fix = f"a different spelling of {meant.image}", advice.use(meant, facts)
        yield Violation(code="unnormalised-name", message=message, fix=fix, about=place)
