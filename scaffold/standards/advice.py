"""The way out of a violation, in terms of what the owner of the subject edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scaffold.findings.suggest import did_you_mean, nearest
from scaffold.oci.names import short
from scaffold.standards.model import Base

if TYPE_CHECKING:
    from scaffold.standards.facts import Facts, UsedImage
    from scaffold.standards.model import Image

UPDATE = "Run `scaffold update`, which moves the project to the template with these standards."
PIN = "Whoever keeps the standards runs `scaffold standards pin`."


def successor(base: Base, used: UsedImage, facts: Facts) -> str:
    """How to move to the base that replaces this one, or else to another."""
    following = facts.standards.bases.get(base.replaced_by)
    return use(following, facts) if following else alternatives(used, facts)


def use(image: Image, facts: Facts, architecture: str = "") -> str:
    """How to move to this image, for the architecture if the standards have one for it."""
    if facts.subject == "Dockerfile":
        from scaffold.standards.references import pinned_reference

        return f"Write {pinned_reference(image, architecture, facts.standards.mirrors)}."
    base = cast("Base", image)
    if facts.subject == "image":
        return f"Build it on {base.name}."
    moves = facts.runtime and facts.runtime not in base.runtimes
    runtime = f" and `runtime: {base.runtimes[0]}`" if moves else ""
    return f"Say `base: {base.name}`{runtime}, then run `scaffold render`."


def alternatives(used: UsedImage, facts: Facts, *, misspelt: bool = False) -> str:
    """The images that could be used instead; the most similar name alone if this one is likely `misspelt`."""
    match facts.subject:
        case "Dockerfile":
            return _nearest(used, facts)
        case "image":
            return "Build it on a base of the standards (`scaffold standards show`)."
    if used.role != "base":
        return did_you_mean(used.name, facts.standards.extensions) or "Remove it, or ask for it."
    rows = facts.standards.bases.values()
    names = [row.name for row in rows if facts.runtime in row.runtimes and row.usable(facts.today)]
    if not names:
        return f"The standards have no base for {facts.runtime}: ask for one, or move to another runtime."
    return (misspelt and did_you_mean(used.name, names)) or f"Use one of: {', '.join(names)}."


def _nearest(used: UsedImage, facts: Facts) -> str:
    """The reference most similar to the one in use, of the images that may be used in its place."""
    standards = facts.standards
    usable: list[Image] = [base for base in standards.bases.values() if base.usable(facts.today)]
    if used.role != "base":
        usable += standards.extensions.values()
    by_name = {f"{short(image.image)}:{image.tag}": image for image in usable}
    best = by_name.get(nearest(short(used.name.split("@", maxsplit=1)[0]), by_name) or "") if used.name else None
    defaults = [image for image in usable if isinstance(image, Base) and image.default]
    chosen = best or next(iter(defaults[-1:] + usable), None)
    if not chosen:
        return "Ask whoever keeps the standards: no base is left."
    return f"{use(chosen, facts).removesuffix('.')}, or another {used.role} of the standards."
