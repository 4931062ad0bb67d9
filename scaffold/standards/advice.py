"""Fixes for violations, in terms of the files that the subject's owner edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scaffold.findings.suggest import did_you_mean, nearest
from scaffold.oci.names import short
from scaffold.standards.model import Builder, Foundation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffold.standards.facts import Facts, UsedImage
    from scaffold.standards.model import Image

UPDATE = "Run `scaffold update`, which moves the project to the template with these standards."
PIN = "Ask the owner of the standards to run `scaffold standards pin`."


def successor(base: Foundation, used: UsedImage, facts: Facts) -> str:
    """Return how to move to the successor of a base or a builder, or else to another one."""
    rows = facts.standards.builds if isinstance(base, Builder) else facts.standards.bases
    following = rows.get(base.replaced_by)
    return use(following, facts) if following else alternatives(used, facts)


def use(image: Image, facts: Facts, architecture: str = "") -> str:
    """Return how to use this image, for the architecture if the standards have one for it."""
    if facts.subject == "Dockerfile":
        from scaffold.standards.references import pinned_reference

        return f"Write {pinned_reference(image, architecture, facts.standards.mirrors)}."
    base = cast("Foundation", image)
    if isinstance(base, Builder):
        return f"Set `build.base: {base.name}`, then run `scaffold render`."
    if facts.subject == "image":
        return f"Build it on the base {base.name}."
    moves = facts.runtime and facts.runtime not in base.runtimes
    runtime = f" and `runtime: {base.runtimes[0]}`" if moves else ""
    return f"Set `base: {base.name}`{runtime}, then run `scaffold render`."


def alternatives(used: UsedImage, facts: Facts, *, misspelt: bool = False) -> str:
    """Return the images that could be used instead; only the most similar one if the name is likely `misspelt`."""
    match facts.subject:
        case "Dockerfile":
            return _nearest(used, facts)
        case "image":
            return "Build it on a base in the standards (`scaffold standards show`)."
    if not used.below_stages:
        return (
            did_you_mean(used.name, facts.standards.extensions)
            or "Remove it, or request that it be added to the standards."
        )
    rows: Iterable[Foundation] = (facts.standards.builds if used.role == "builder" else facts.standards.bases).values()
    names = [row.name for row in rows if facts.runtime in row.runtimes and row.usable(facts.today)]
    if not names:
        return f"The standards have no {used.role} for {facts.runtime}: request one, or move to another runtime."
    return (misspelt and did_you_mean(used.name, names)) or f"Use one of: {', '.join(names)}."


def _nearest(used: UsedImage, facts: Facts) -> str:
    """Return the usable image whose reference is most similar to the one in use."""
    standards = facts.standards
    usable: list[Image] = [base for base in standards.bases.values() if base.usable(facts.today)]
    if used.role != "base":
        usable += [*standards.builds.values(), *standards.extensions.values()]
    by_name = {short(image.tagged): image for image in usable}
    best = by_name.get(nearest(short(used.name.split("@", maxsplit=1)[0]), by_name) or "") if used.name else None
    defaults = [image for image in usable if isinstance(image, Foundation) and image.default]
    chosen = best or next(iter(defaults[-1:] + usable), None)
    if not chosen:
        return "Ask the owner of the standards: they have no usable base."
    return f"{use(chosen, facts).removesuffix('.')}, or another {used.role} in the standards."
