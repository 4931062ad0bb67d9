"""Evaluates the rules of the standards against a plan, and locates their violations in the spec."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffold.oci.names import repositories
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import Facts, PlannedImage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
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
    )
    return sorted(_located(violation, document) for violation in violations(facts))


def planned_images(plan: Plan, standards: Standards) -> list[PlannedImage]:
    """Return the base and the extensions of a plan."""
    return [
        planned_base(plan, standards, plan["base"]),
        *(planned_extension(row, standards, row) for row in plan["extensions"]),
    ]


def planned_base(plan: Plan, standards: Standards, written: Mapping[str, Any]) -> PlannedImage:
    """Return the base of a plan, with the reference that is `written` in its Dockerfile."""
    name, architecture = plan["base"]["name"], plan["architecture"]["name"]
    row = standards.bases.get(name) if name else _base_at(written, architecture, standards)
    return _planned("base", name, row, written)


def planned_extension(row: Mapping[str, Any], standards: Standards, written: Mapping[str, Any]) -> PlannedImage:
    """Return an extension of a plan, with the reference that is `written` in its Dockerfile."""
    name = row["name"]
    return _planned("extension", name, standards.extensions.get(name), written)


def _planned(role: Role, name: str | None, row: Image | None, written: Mapping[str, Any]) -> PlannedImage:
    return PlannedImage(
        role=role,
        name=name or "",
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
        same = written["digest"] == digest if digest else written["tag"] == base.tag
        if same and written["image"] in repositories(base.image, standards.mirrors):
            return base
    return None


def _located(violation: Violation, document: Document) -> Finding:
    spec: Any = document.value if isinstance(document.value, dict) else {}
    path = _path(violation.about, spec)
    message, at_key = f"{path[0]}: {violation.message}", path == ("labels",)
    found = document.finding(violation.code, message, path=path, key=at_key, fix=violation.fix)
    return found if violation.severity is found.severity else replace(found, severity=violation.severity)


def _path(about: tuple[str, ...], spec: Mapping[str, Any]) -> KeyPath:
    match about:
        case ("base",):
            return ("base",) if "base" in spec else ("runtime",)
        case ("extensions", name) if name in spec.get("extensions", []):
            return ("extensions", spec["extensions"].index(name))
        case ("model_files", address):
            rows = spec.get("model_files", [])
            index = next((index for index, row in enumerate(rows) if row.get("from") == address), None)
            return ("model_files",) if index is None else ("model_files", index, "from")
    return about[:1]
