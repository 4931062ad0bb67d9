"""The images that builds of projects may read, for BuildKit's source policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings.finding import Finding
from scaffold.project.answers import SPEC
from scaffold.project.find import find
from scaffold.rendering import validation
from scaffold.standards import model
from scaffold.standards.model import Base

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Image, Standards


Told: TypeAlias = "list[tuple[ExitCode, Finding]]"


def plans_of(paths: Sequence[Path], engine: Engine, findings: Told) -> dict[Path, Plan]:
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


def _needed(plan: Plan, told: Standards, today: date, findings: Told) -> list[Image]:
    """The images that the build of one plan reads, as far as they are allowed."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    base: Image | None = told.bases.get(row["name"] or "")
    if isinstance(base, Base) and not base.usable(today):
        base = None
    if row["name"] is None and told.rules.inline_base == "allowed":
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


def _copied(plan: Plan, told: Standards, findings: Told) -> list[Image]:
    """The extensions that the build of one plan copies from, as far as these standards have them."""
    found: list[Image] = []
    for row in plan["extensions"]:
        extension = told.extensions.get(row["name"])
        if extension and plan["architecture"]["name"] in extension.digests:
            found.append(extension)
        else:
            message = f"{plan['name']}: its extension {row['reference']} is not pinned in these standards"
            fix = "Name a pinned extension of the standards."
            findings.append((ExitCode.FINDINGS, Finding(code="unknown-extension", message=message, fix=fix)))
    return found


def _unpinned(image: Image, told: Standards) -> Finding:
    section = "bases" if isinstance(image, Base) else "extensions"
    name = getattr(image, "name", "")
    message = f"{section}.{name}: it has no digest, so builds under this policy cannot use it"
    return told.document.finding(
        "unpinned-base", message, path=(section, name), key=True, fix="Run `scaffold standards pin`."
    )
