"""Checks projects of another template version, by the spec they recorded and the images their Dockerfile uses.

The grammar for hand-written Dockerfiles parses it. Anything that no render would write is undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from scaffold.dockerfile import grammar
from scaffold.dockerfile.parsed import Use
from scaffold.findings.finding import Finding, Severity
from scaffold.gates import plan as gate
from scaffold.oci.names import SCRATCH, parts, short
from scaffold.project import drift, observation
from scaffold.project.answers import DOCKERFILE, SPEC
from scaffold.standards.facts import SECTION_OF, PlannedImage, UnknownImage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from scaffold.dockerfile.parsed import Dockerfile, Reference
    from scaffold.project.state import OtherVersion
    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.standards.facts import Role, UsedImage
    from scaffold.standards.model import Standards

_BASE = "base"
"""The name of the first stage in a generated Dockerfile, on which the last one is built."""


@dataclass(frozen=True, kw_only=True)
class _Images:
    """The images that a Dockerfile pulls: `built_on` are those of stages that the last one is not built on.

    `doubt` is the reason why some are unknown, or empty.
    """

    base: str = ""
    built_on: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    doubt: str = ""


def findings(project: OtherVersion, engine: Engine, standards: Standards, today: date) -> list[Finding]:
    """Return violations of the standards by a project of another version, and what could not be decided about it.

    Notes are left to the project's own version.
    """
    spec: Any = project.answers.get("spec")
    if not engine.has_known(spec):
        return [_undecided(project, "no rule was applied: this version does not support the recorded spec")]
    plan, images = engine.plan(spec), _images(project.root)
    used = list(_used(plan, images, standards))
    doubt = images.doubt or _doubt(used, images)
    found = [_undecided(project, f"cannot determine the images in use: {doubt}")] if doubt else []
    by_rules = gate.findings(plan, project.document, standards, today, images=used)
    return [*found, *(finding for finding in by_rules if finding.severity is not Severity.NOTE)]


def _undecided(project: OtherVersion, message: str) -> Finding:
    fix = drift.help_for_other_version(project)
    return Finding(code="undecided", message=message, fix=fix, file=str(project.root / SPEC))


def _images(root: Path) -> _Images:
    """Return the images in the Dockerfile of a project."""
    data = observation.content(root, DOCKERFILE)
    if data is None:
        return _Images(doubt=f"there is no readable {DOCKERFILE}")
    dockerfile = grammar.parse(data, file=DOCKERFILE)
    if dockerfile.findings:
        problem = dockerfile.findings[0]
        return _Images(doubt=f"{DOCKERFILE}:{problem.line}: {problem.message}")
    first = dockerfile.stages[0]
    if first.name != _BASE or not first.base or not _is_built_on_first(dockerfile):
        return _Images(doubt=f"the last stage of the {DOCKERFILE} is not built on a first stage named `{_BASE}`")
    others = [image for image in _pulled(dockerfile) if image is not first.base]
    # A mount gives files of an image, as a copy does: those of the web adapter.
    copied = [image.text for image in others if image.use is not Use.BASE]
    built_on = [image.text for image in others if image.use is Use.BASE]
    once = (tuple(dict.fromkeys(texts)) for texts in (built_on, copied))
    return _Images(base=first.base.text, built_on=next(once), copied=next(once))


def _pulled(dockerfile: Dockerfile) -> Iterator[Reference]:
    """Yield every image that is not an earlier stage and that builders therefore pull from a registry."""
    for stage in dockerfile.stages:
        for image in (stage.base, *stage.taken):
            empty = image is stage.base and image is not None and image.text == SCRATCH
            if image and not empty and image.stage is None:
                yield image


def _is_built_on_first(dockerfile: Dockerfile) -> bool:
    """Return whether the last stage is the first one, or built on it directly or through other stages."""
    number = len(dockerfile.stages) - 1
    while number:
        base = dockerfile.stages[number].base
        if not base or base.stage is None:
            return False
        number = base.stage
    return True


def _used(plan: Plan, images: _Images, standards: Standards) -> Iterator[UsedImage]:
    """Yield the images of a plan, with the references that the Dockerfile has for them."""
    for image in gate.named_images(plan):
        role, name = cast("Role", image["role"]), image["name"]
        pulled = images.copied if role == "extension" else images.built_on
        candidates = [text for text in pulled if _last_name(text) == short(image["image"])]
        if role == "base":
            candidates = [images.base] if images.base else []
        if len(candidates) == 1:
            yield gate.planned_image(image, plan, standards, _written(candidates[0]))
        elif name is None:
            yield gate.planned_image(image, plan, standards, image)
        else:
            yield UnknownImage(role=role, name=name, row=standards.images.get((SECTION_OF[role], name)))


def _doubt(used: list[UsedImage], images: _Images) -> str:
    """Return why the images of a Dockerfile are unknown; empty if they are known."""
    for image in used:
        if isinstance(image, UnknownImage):
            does = "build on" if image.below_stages else "copy"
            return (
                f"the {DOCKERFILE} does not {does} {image.name}{' from' if does == 'copy' else ' as'} exactly one image"
            )
    known = {image.reference for image in used if isinstance(image, PlannedImage)}
    for texts, does, kind in (
        (images.built_on, "builds on", "the builder"),
        (images.copied, "copies from", "one of the extensions"),
    ):
        foreign = [text for text in texts if text not in known]
        if foreign:
            return f"the {DOCKERFILE} {does} {foreign[0][:200]}, which is not {kind}"
    return ""


def _last_name(reference: str) -> str:
    return short(parts(reference)[0])


def _written(reference: str) -> dict[str, str]:
    image, tag, digest = parts(reference)
    return {"reference": reference, "image": image, "tag": tag, "digest": digest}
