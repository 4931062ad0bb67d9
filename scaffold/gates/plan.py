"""Evaluates the rules of the standards against a plan, and locates their violations in the spec."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from scaffold.findings.finding import Edit
from scaffold.oci.names import repositories
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import SECTION_OF, Facts, PlannedImage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.rendering.plan import Image as PlanImage
    from scaffold.rendering.plan import Plan
    from scaffold.standards.facts import Role, UsedImage, Violation
    from scaffold.standards.model import Base, Image, Standards


def findings(
    plan: Plan, document: Document, standards: Standards, today: date, images: Sequence[UsedImage] | None = None
) -> list[Finding]:
    """Return violations of the standards by a plan on a day (UTC), located in its spec.

    `images` are the images in use if they differ from the plan's.
    """
    facts = Facts(
        standards=standards,
        today=today,
        subject="project",
        architecture=plan["architecture"]["name"],
        runtime=plan["runtime"]["name"],
        deprecation=plan["runtime"],
        images=tuple(planned_images(plan, standards) if images is None else images),
        labels=plan["labels"],
        deploy=plan["deploy"],
        stages=tuple(plan["stages"]),
        models=tuple(row["from"] for row in plan["models"] if row["source"] != "project"),
        timeouts=_timeouts(document),
    )
    return sorted(_located(violation, document) for violation in violations(facts))


def _timeouts(document: Document) -> dict[str, int]:
    """Return the timeouts in a spec by the name of their function; unlike those of a plan, none is a default."""
    spec: Any = document.value if isinstance(document.value, dict) else {}
    functions = spec.get("functions")
    listed = functions if isinstance(functions, list) else []
    rows = {"": spec} | {
        row["name"]: row for row in listed if isinstance(row, dict) and isinstance(row.get("name"), str)
    }
    settings = {name: row.get("lambda") for name, row in rows.items()}
    found = {name: row.get("timeout") for name, row in settings.items() if isinstance(row, dict)}
    return {name: seconds for name, seconds in found.items() if isinstance(seconds, int)}


def planned_images(plan: Plan, standards: Standards) -> list[PlannedImage]:
    """Return the images of a plan that its Dockerfile names."""
    return [planned_image(image, plan, standards, image) for image in named_images(plan)]


def named_images(plan: Plan) -> list[PlanImage]:
    """Return the images of a plan that its Dockerfile names: its scripts pull the emulator."""
    return [image for image in plan["images"] if image["role"] != "emulator"]


def planned_image(image: PlanImage, plan: Plan, standards: Standards, written: Mapping[str, Any]) -> PlannedImage:
    """Return an image of a plan, with the reference that is `written` in its Dockerfile."""
    name, role = image["name"], cast("Role", image["role"])
    row: Image | None = standards.images.get((SECTION_OF[role], name)) if name else None
    if role == "image":
        row = _source_at(written, standards)
    elif not name:
        row = _base_at(written, plan["architecture"]["name"], standards)
    return PlannedImage(
        role=role,
        name=name or (_written(image) if role == "image" else ""),
        row=row,
        reference=written["reference"],
        image=written["image"],
        tag=written["tag"],
        digest=written["digest"] or "",
        own=name is None,
    )


def _base_at(written: Mapping[str, Any], architecture: str, standards: Standards) -> Base | None:
    """Return the base in the standards that equals an image described in a spec, or None."""
    for base in standards.bases.values():
        digest = base.digests.get(architecture)
        same = written["digest"] in {digest, base.index or digest} if digest else written["tag"] == base.tag
        if same and written["image"] in repositories(base.image, standards.mirrors):
            return base
    return None


def _source_at(written: Mapping[str, Any], standards: Standards) -> Image | None:
    """Return the image in the standards that has the digest of one that files are copied from, or None."""
    for image in standards.images.values():
        if written["digest"] in image.all_digests and written["image"] in repositories(image.image, standards.mirrors):
            return image
    return None


def _written(image: Mapping[str, Any]) -> str:
    """Return the whole reference of an image that a spec describes, without its mirror."""
    return f"{image.get('image')}:{image.get('tag')}@{image.get('digest')}"


def _located(violation: Violation, document: Document) -> Finding:
    spec: Any = document.value if isinstance(document.value, dict) else {}
    path = _path(violation.about, spec)
    message, at_key, fix = f"{path[0]}: {violation.message}", path == ("labels",), violation.fix
    edits: tuple[Edit, ...] = ()
    if violation.code == "stale-base" and path == ("base",) and isinstance(spec["base"], dict):
        name = spec["base"].get("name", "")
        fix = f"Write `base: {name}` without a digest, because the standards pin it."
        edits = (Edit(path, name),) if name else ()
    found = document.finding(violation.code, message, path=path, key=at_key, fix=fix)
    return replace(found, severity=violation.severity, edits=edits)


def _path(about: tuple[str, ...], spec: Mapping[str, Any]) -> KeyPath:
    match about:
        case ("base",) | ("build", "base"):
            holder = spec if about == ("base",) else spec.get("build", {})
            return about if "base" in holder else ("runtime",)
        case ("extensions", name) if name in spec.get("extensions", []):
            return ("extensions", spec["extensions"].index(name))
        case ("timeouts", ""):
            return ("lambda", "timeout")
        case ("timeouts", name):
            names = [row.get("name") if isinstance(row, dict) else None for row in spec["functions"]]
            return ("functions", names.index(name), "lambda", "timeout")
        case ("images" | "model_files" as key, name):
            found = [index for index, row in enumerate(spec.get(key, [])) if name in {row.get("from"), _written(row)}]
            last = ("from",) if key == "model_files" else ()
            return (key, found[0], *last) if found else (key,)
    return about[:1]
