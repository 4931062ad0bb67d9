"""Whether the images in use are in the standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.oci.names import parts
from scaffold.standards.facts import LayeredImage, PlannedImage, UsedImage, Violation, WrittenImage, about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

_UNAPPROVED = {"scratch", "other tag", "none"}


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images that the standards do not have, unless the spec describes its own."""
    for used in facts.images:
        own = isinstance(used, PlannedImage) and used.own
        known = isinstance(used, WrittenImage) and used.likeness not in _UNAPPROVED
        if used.row is None and not own and not known:
            from scaffold.standards import advice

            message, fix = _message(used, facts), advice.alternatives(used, facts, misspelt=True)
            code = "uncatalogued-source" if used.role == "image" else "uncatalogued-base"
            code = "uncatalogued-extension" if used.role == "extension" else code
            yield Violation(code=code, message=message, fix=fix, about=about(used))


def _message(used: UsedImage, facts: Facts) -> str:
    standards = f"the standards of {facts.standards.organisation}"
    article = "a" if used.below_stages else "an"
    if isinstance(used, LayeredImage) and used.name:
        return f"it is built on {used.name}, a builder, whose toolchain no function needs"
    if isinstance(used, LayeredImage):
        return f"its lowest layers are not those of a base in {standards}"
    if isinstance(used, WrittenImage):
        if used.likeness == "scratch":
            return f"scratch is an empty image, and not {article} {used.role} in {standards}"
        if used.likeness == "other tag":
            return f"{standards} do not have the tag {parts(used.name)[1] or 'latest'} of this image"
        return f"{used.name[:200]} is not {article} {used.role} in {standards}, nor an earlier stage"
    return f"{used.name} is not {article} {used.role} in {standards}"
