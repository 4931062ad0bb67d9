"""Checks projects of another template version, by the spec they recorded and the images their Dockerfile uses.

The grammar for hand-written Dockerfiles parses it. Anything that no render would write is undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffold.dockerfile import grammar
from scaffold.dockerfile.grammar import Use
from scaffold.findings.finding import Finding, Severity
from scaffold.gates import plan as gate
from scaffold.oci.names import parts, short
from scaffold.project import drift, observation
from scaffold.project.answers import SPEC
from scaffold.standards.facts import PlannedImage, UnknownImage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from scaffold.dockerfile.grammar import Dockerfile, Reference
    from scaffold.project.state import OtherVersion
    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.standards.facts import UsedImage
    from scaffold.standards.model import Standards

_FILE = "Dockerfile"
_BASE = "base"
"""The name of the first stage in a generated Dockerfile, on which the last one is built."""


@dataclass(frozen=True, kw_only=True)
class _Images:
    """The images that a Dockerfile pulls. `doubt` is the reason why some are unknown, or empty."""

    base: str = ""
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
    data = observation.content(root, _FILE)
    if data is None:
        return _Images(doubt=f"there is no readable {_FILE}")
    dockerfile = grammar.parse(data, file=_FILE)
    if dockerfile.findings:
        problem = dockerfile.findings[0]
        return _Images(doubt=f"{_FILE}:{problem.line}: {problem.message}")
    first = dockerfile.stages[0]
    if first.name != _BASE or not first.base or not _is_built_on_first(dockerfile):
        return _Images(doubt=f"the last stage of the {_FILE} is not built on a first stage named `{_BASE}`")
    others = [image for image in _pulled(dockerfile) if image is not first.base]
    copied = [image.text for image in others if image.use is Use.COPY]
    foreign = [image.text for image in others if image.use is not Use.COPY]
    doubt = f"no render would write {foreign[0][:200]} in the {_FILE}" if foreign else ""
    return _Images(base=first.base.text, copied=tuple(dict.fromkeys(copied)), doubt=doubt)


def _pulled(dockerfile: Dockerfile) -> Iterator[Reference]:
    """Yield every image that is not an earlier stage and that builders therefore pull from a registry."""
    earlier: set[str] = set()
    for stage in dockerfile.stages:
        for image in (stage.base, *stage.taken):
            empty = image is stage.base and image is not None and image.text == "scratch"
            if image and not empty and image.text not in earlier:
                yield image
        earlier.add(stage.name)


def _is_built_on_first(dockerfile: Dockerfile) -> bool:
    """Return whether the last stage is the first one, or built on it directly or through other stages."""
    first, *others = dockerfile.stages
    on_first = {first.name: True}
    for stage in others:
        on_first[stage.name] = bool(stage.base and on_first.get(stage.base.text))
    return on_first[dockerfile.stages[-1].name]


def _used(plan: Plan, images: _Images, standards: Standards) -> Iterator[UsedImage]:
    name = plan["base"]["name"]
    if images.base:
        yield gate.planned_base(plan, standards, _written(images.base))
    elif name:
        yield UnknownImage(role="base", name=name, row=standards.bases.get(name))
    else:
        yield gate.planned_base(plan, standards, plan["base"])
    for row in plan["extensions"]:
        candidates = [text for text in images.copied if _last_name(text) == short(row["image"])]
        if len(candidates) == 1:
            yield gate.planned_extension(row, standards, _written(candidates[0]))
        else:
            extension = standards.extensions.get(row["name"])
            yield UnknownImage(role="extension", name=row["name"], row=extension)


def _doubt(used: list[UsedImage], images: _Images) -> str:
    """Return why the extensions of a Dockerfile are unknown; empty if they are known."""
    unknown = [image.name for image in used if isinstance(image, UnknownImage)]
    if unknown:
        return f"the {_FILE} does not copy {unknown[0]} from exactly one image"
    known = {image.reference for image in used if isinstance(image, PlannedImage)}
    foreign = [text for text in images.copied if text not in known]
    return f"the {_FILE} copies from {foreign[0][:200]}, which is not one of the extensions" if foreign else ""


def _last_name(reference: str) -> str:
    return short(parts(reference)[0])


def _written(reference: str) -> dict[str, str]:
    image, tag, digest = parts(reference)
    return {"reference": reference, "image": image, "tag": tag, "digest": digest}
