"""The images that builds may read, for BuildKit's source policy, which identifies them by digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding, Severity
from scaffold.gates.plan import planned_images
from scaffold.project.answers import SPEC
from scaffold.project.find import find, none_in
from scaffold.rendering import validation
from scaffold.standards import source_policy
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import SECTION_OF, Facts, PlannedImage
from scaffold.standards.model import Base, Builder, Image
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.standards.facts import Role
    from scaffold.standards.model import Extension, Standards


Results: TypeAlias = "list[tuple[ExitCode, Finding]]"
"""Findings, each with the exit status that it causes."""


def plans_of(paths: Sequence[Path], engine: Engine, results: Results) -> dict[Path, Plan]:
    """Return the plan of every project under the paths; the findings of invalid specs go to `results`."""
    plans: dict[Path, Plan] = {}
    for root in find(paths):
        plan, found = validation.plan(root / SPEC, engine)
        results += [(ExitCode.INVALID, finding) for finding in found]
        if plan is not None:
            plans[root] = plan
    if not plans and not results:
        raise none_in(paths)
    return plans


def images_of_projects(
    paths: Sequence[Path], engine: Engine, standards: Standards, today: date
) -> tuple[list[Image], Results]:
    """Return the images of the standards that builds of these projects need, and findings about all other images."""
    results: Results = []
    images: list[Image] = []
    for root, plan in plans_of(paths, engine, results).items():
        for used in planned_images(plan, standards):
            needed = _as_in_standards(used, plan["architecture"]["name"], standards)
            found = list(violations(_facts(needed, plan, standards, today)))
            if not found and not (needed.row and needed.row.empty):
                images.append(_image(needed, plan["architecture"]["name"]))
            file = str(root / SPEC)
            rows = [Finding(code=row.code, message=row.message, fix=row.fix, file=file) for row in found]
            results += [(ExitCode.FINDINGS, finding) for finding in rows]
    return images, results


def _facts(used: PlannedImage, plan: Plan, standards: Standards, today: date) -> Facts:
    return Facts(
        standards=standards,
        today=today,
        subject="build",
        architecture=plan["architecture"]["name"],
        runtime=plan["runtime"]["name"],
        images=(used,),
    )


def _image(used: PlannedImage, architecture: str) -> Image:
    if used.row and not used.own and used.row.digests:
        return used.row
    return Image(image=used.image, tag=used.tag, digests={architecture: used.digest})


def _as_in_standards(planned: PlannedImage, architecture: str, standards: Standards) -> PlannedImage:
    """Return a plan's image as these standards have it, which is the only version that the policy allows."""
    row = planned.row
    if row is None or planned.own or (planned.below_stages and not row.digests):
        return replace(planned, digest_needed=True)
    return replace(
        planned,
        reference=reference(row, architecture, standards.mirrors),
        image=row.image,
        tag=row.tag,
        digest=row.digests.get(architecture, ""),
        digest_needed=True,
    )


def images_of_standards(standards: Standards, today: date) -> tuple[list[Image], Results]:
    """Return the images of the standards that builds may read, and a finding about each that lacks a digest.

    No build can read an image without a digest. The finding is a warning unless the rules require digests.
    """
    results: Results = []
    images = source_policy.catalogue(standards, today)
    for image in images:
        if not image.digests:
            used = _without_digest(image)
            path = (SECTION_OF[used.role], image.name)
            facts = Facts(standards=standards, today=today, subject="standards", images=(used,))
            for row in violations(facts):
                message = f"{'.'.join(path)}: {row.message}"
                found = standards.document.finding(row.code, message, path=path, key=True, fix=row.fix)
                found = found if standards.digest_required else replace(found, severity=Severity.WARNING)
                results.append((ExitCode.FINDINGS, found))
    return list(images), results


def _without_digest(image: Base | Builder | Extension) -> PlannedImage:
    builds: Role = "builder" if isinstance(image, Builder) else "extension"
    return PlannedImage(
        role="base" if isinstance(image, Base) else builds,
        name=image.name,
        row=image,
        reference=image.tagged,
        image=image.image,
        tag=image.tag,
        digest="",
        digest_needed=True,
    )
