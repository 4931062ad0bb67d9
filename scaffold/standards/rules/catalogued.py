"""Whether the images in use are in the standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.oci.names import parts
from scaffold.standards import advice
from scaffold.standards.facts import LayeredImage, PlannedImage, Role, UsedImage, Violation, WrittenImage, about
from scaffold.standards.references import Likeness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

_STRANGERS = {Likeness.SCRATCH, Likeness.OTHER_TAG, Likeness.NONE}


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images that the standards do not have, unless the spec describes its own."""
    for used in facts.images:
        own = isinstance(used, PlannedImage) and used.own
        known = isinstance(used, WrittenImage) and used.likeness not in _STRANGERS
        if used.row is None and not own and not known:
            message, fix = _message(used, facts), advice.alternatives(used, facts, misspelt=True)
            yield Violation(code=_code(used.role), message=message, fix=fix, about=about(used))


def _code(role: Role) -> str:
    if role is Role.BASE:
        code = "uncatalogued-base"
    else:
        code = "uncatalogued-extension" if role is Role.EXTENSION else "uncatalogued-source"
    return code


def _message(used: UsedImage, facts: Facts) -> str:
    standards = f"the standards of {facts.standards.organisation}"
    article = "a" if used.role is Role.BASE else "an"
    if isinstance(used, LayeredImage):
        return f"its lowest layers are not those of a base of {standards}"
    if isinstance(used, WrittenImage):
        if used.likeness is Likeness.SCRATCH:
            return f"scratch is an empty image, and not {article} {used.role} of {standards}"
        if used.likeness is Likeness.OTHER_TAG:
            return f"{standards} do not have the tag {parts(used.name)[1] or 'latest'} of this image"
        return f"{used.name[:200]} is not {article} {used.role} of {standards}, nor an earlier stage"
    return f"{used.name} is not {article} {used.role} of {standards}"
