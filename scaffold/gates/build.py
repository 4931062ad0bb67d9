"""The images that builds may read, for BuildKit's source policy, which identifies them by digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings.finding import Finding, Severity
from scaffold.gates.plan import planned_images
from scaffold.project.answers import SPEC
from scaffold.project.find import find
from scaffold.rendering import validation
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import Facts, PlannedImage
from scaffold.standards.model import Base, Image
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.rendering.engine import Engine, Plan
    from scaffold.standards.model import Extension, Standards


Results: TypeAlias = "list[tuple[ExitCode, Finding]]"
"""Findings, each with the exit code that it causes."""


def plans_of(paths: Sequence[Path], engine: Engine, results: Results) -> dict[Path, Plan]:
    """The plan of every project under the paths; the findings of those with an invalid spec are added."""
    plans: dict[Path, Plan] = {}
    for root in find(paths):
        plan, found = validation.plan(root / SPEC, engine)
        results += [(ExitCode.INVALID, finding) for finding in found]
        if plan is not None:
            plans[root] = plan
    if not plans and not results:
        raise InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}")
    return plans


def readable_images(root: Path, plan: Plan, standards: Standards, today: date) -> tuple[list[Image], list[Finding]]:
    """The images of these standards that the build of a project may read, and what is wrong with the others."""
    images: list[Image] = []
    findings: list[Finding] = []
    architecture = plan["architecture"]["name"]
    for planned in planned_images(plan, standards):
        used = _as_in_standards(planned, architecture, standards)
        facts = Facts(
            standards=standards,
            today=today,
            subject="build",
            architecture=architecture,
            runtime=plan["runtime"]["name"],
            images=(used,),
        )
        found = [
            Finding(code=row.code, message=row.message, fix=row.fix, file=str(root / SPEC)) for row in violations(facts)
        ]
        findings += found
        if not found:
            own = Image(image=used.image, tag=used.tag, digests={architecture: used.digest})
            images.append(own if used.row is None or used.own else used.row)
    return images, findings


def _as_in_standards(planned: PlannedImage, architecture: str, standards: Standards) -> PlannedImage:
    """An image of a plan as these standards have it: the policy allows that one, whatever the project says."""
    row = planned.row
    if row is None or planned.own:
        return replace(planned, digest_needed=True)
    return replace(
        planned,
        reference=reference(row, architecture, standards.mirrors),
        image=row.image,
        tag=row.tag,
        digest=row.digests.get(architecture, ""),
        digest_needed=True,
    )


def unpinned(images: Iterable[Base | Extension], standards: Standards, today: date) -> list[Finding]:
    """Images that no build can read, because they have no digest: errors if the rules require one."""
    findings = []
    for image in images:
        if not image.digests:
            path = ("bases" if isinstance(image, Base) else "extensions", image.name)
            facts = Facts(standards=standards, today=today, subject="standards", images=(_without_digest(image),))
            for row in violations(facts):
                message = f"{'.'.join(path)}: {row.message}"
                found = standards.document.finding(row.code, message, path=path, key=True, fix=row.fix)
                findings.append(found if standards.digest_required else replace(found, severity=Severity.WARNING))
    return findings


def _without_digest(image: Base | Extension) -> PlannedImage:
    return PlannedImage(
        role="base" if isinstance(image, Base) else "extension",
        name=image.name,
        row=image,
        reference=f"{image.image}:{image.tag}",
        image=image.image,
        tag=image.tag,
        digest="",
        digest_needed=True,
    )
