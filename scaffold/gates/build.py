"""The images that builds of projects may read, for BuildKit's source policy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings.finding import Finding, Severity
from scaffold.project.answers import SPEC
from scaffold.project.find import find
from scaffold.rendering import validation
from scaffold.standards import model, source_policy
from scaffold.standards.model import Base

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.rendering.engine import Engine, Plan
    from scaffold.standards.model import Image, Standards


Results: TypeAlias = "list[tuple[ExitCode, Finding]]"
"""Findings with their exit codes."""


def plans_of(paths: Sequence[Path], engine: Engine, findings: Results) -> dict[Path, Plan]:
    """The plan of every project under the paths; the findings of those that have none are added."""
    plans: dict[Path, Plan] = {}
    for root in find(paths):
        plan, found = validation.plan(root / SPEC, engine)
        findings += [(ExitCode.INVALID, finding) for finding in found]
        if plan is not None:
            plans[root] = plan
    if not plans and not findings:
        raise InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}")
    return plans


def images_of_projects(
    paths: Sequence[Path], engine: Engine, standards: Standards, today: date
) -> tuple[list[Image], Results]:
    """Return the images of the standards that the builds of these projects need, and what they may not have."""
    findings: Results = []
    plans = plans_of(paths, engine, findings).values()
    images = [image for plan in plans for image in _base_images(plan, standards, today, findings)]
    images += [image for plan in plans for image in _extension_images(plan, standards, findings)]
    return images, findings


def images_of_standards(standards: Standards, today: date) -> tuple[list[Image], Results]:
    """Return the images of the standards, and a finding about each that has no digest, so that no build can use it.

    Where digests are not required, it is a warning.
    """
    images = source_policy.catalogue(standards, today)
    severity = Severity.ERROR if standards.rules.base_digest == "required" else Severity.WARNING
    unpinned = [_unpinned(image, standards) for image in images if not image.digests]
    return images, [(ExitCode.FINDINGS, replace(finding, severity=severity)) for finding in unpinned]


def _base_images(plan: Plan, standards: Standards, today: date, findings: Results) -> list[Image]:
    """The images that the build of one plan reads, as far as they are allowed."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    base: Image | None = standards.bases.get(row["name"] or "")
    if isinstance(base, Base) and not base.usable(today):
        base = None
    if row["name"] is None and standards.rules.inline_base == "allowed":
        base = model.image_of(plan)
    if base and architecture in base.digests:
        return [base]
    if base:
        code, message = "unpinned-base", "has no digest, so no build under this policy can use it"
    else:
        code, message = "uncatalogued-base", "is none that a function may stand on"
    message = f"{plan['name']}: its base {row['reference']} {message}"
    findings.append(
        (ExitCode.FINDINGS, Finding(code=code, message=message, fix="Name a pinned base of the standards."))
    )
    return []


def _extension_images(plan: Plan, standards: Standards, findings: Results) -> list[Image]:
    """The extensions that the build of one plan copies from, as far as these standards have them."""
    found: list[Image] = []
    for row in plan["extensions"]:
        extension = standards.extensions.get(row["name"])
        if extension and plan["architecture"]["name"] in extension.digests:
            found.append(extension)
        else:
            message = f"{plan['name']}: its extension {row['reference']} is not pinned in these standards"
            fix = "Name a pinned extension of the standards."
            findings.append((ExitCode.FINDINGS, Finding(code="unknown-extension", message=message, fix=fix)))
    return found


def _unpinned(image: Image, standards: Standards) -> Finding:
    section = "bases" if isinstance(image, Base) else "extensions"
    name = getattr(image, "name", "")
    message = f"{section}.{name}: it has no digest, so builds under this policy cannot use it"
    return standards.document.finding(
        "unpinned-base", message, path=(section, name), key=True, fix="Run `scaffold standards pin`."
    )
