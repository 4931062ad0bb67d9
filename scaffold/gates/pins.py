"""Compares the standards' images with their registries, and finds the projects that new pins affect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scaffold.errors import ExitCode, ScaffoldError
from scaffold.gates.plan import named_images
from scaffold.progress import map_concurrently
from scaffold.standards import pins
from scaffold.standards.facts import SECTION_OF
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scaffold.gates.build import Results
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Image, Section, Standards
    from scaffold.standards.pins import PinChange


def compare_images(
    images: Mapping[tuple[Section, str], Image], standards: Standards, platforms: Mapping[str, str]
) -> tuple[list[PinChange], Results]:
    """Return the changes and findings for all images; an unreadable one does not hide the others."""

    def compare(key: tuple[Section, str]) -> tuple[list[PinChange], Results]:
        section, name = key
        try:
            found = pins.look(images[key], standards.mirrors)
            changes, wrong = pins.compare(section, name, images[key], found, platforms)
        except ScaffoldError as error:
            code = ExitCode(error.exit_code)
            fix = "Check that it has this tag, and that you are logged in to its registry."
            message = f"{section}.{name}: {error}"
            return [], [(code, standards.document.finding("undecided", message, path=key, key=True, fix=fix))]
        located = [standards.document.finding(row.code, row.message, path=key, key=True, fix=row.fix) for row in wrong]
        return changes, [(ExitCode.FINDINGS, finding) for finding in located]

    results = map_concurrently(compare, images, "images")
    return [change for changes, _ in results for change in changes], [row for _, rows in results for row in rows]


def affected_projects(
    plans: Mapping[Path, Plan],
    changes: Sequence[PinChange],
    images: Mapping[tuple[Section, str], Image],
    mirrors: Mapping[str, str],
) -> list[dict[str, str]]:
    """Return the projects whose images change, with the references of `FROM` or `COPY` before and after."""
    digests = {
        (change.section, change.name, change.architecture): change.new for change in changes if change.key == "digests"
    }
    rows = []
    for root, plan in plans.items():
        architecture = plan["architecture"]["name"]
        for row in named_images(plan):
            key = SECTION_OF[row["role"]], str(row["name"])
            new = digests.get((*key, architecture))
            if isinstance(new, str):
                after = reference(replace(images[key], digests={architecture: new}), architecture, mirrors)
                rows.append({"project": str(root), row["role"]: key[1], "before": row["reference"], "after": after})
    return rows
