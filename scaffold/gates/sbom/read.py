"""Reads an image and its project for a bill of materials."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scaffold.gates.sbom import inventory
from scaffold.gates.sbom.document import Bill
from scaffold.oci.content import Look
from scaffold.project import observation
from scaffold.project.code.looks import on_disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.gates.preflight.reader import Reader
    from scaffold.rendering.plan import Plan

_BASE = "org.opencontainers.image.base"


def bill(reference: str, reader: Reader, identity: Mapping[str, str], plan: Plan | None, root: Path | None) -> Bill:
    """Return the bill of materials of one image, with what the lock files of a project add.

    `identity` is that of the template. Raises CannotDecideError if the image is an index, or cannot be read.
    """
    rows = reader.table.rows
    known = inventory.records(rows["records"])
    look = Look(marks=lambda _path, _first: (), kept=partial(inventory.is_record, known))
    subject = replace(reader, look=look).one(reference).subject
    facts = subject.facts
    own = inventory.of_project(_texts(root, plan), rows["compiled"]) if plan and root else []
    return Bill(
        name=reference,
        digest=facts.digest,
        created=facts.created,
        platform=facts.platform,
        tool=f"{identity['name']}-{identity['version']}",
        components=[*inventory.of_image(subject.files, known, subject.base), *own],
        base=(facts.labels.get(f"{_BASE}.name", ""), facts.labels.get(f"{_BASE}.digest", "")),
    )


def _texts(root: Path, plan: Plan) -> dict[str, str]:
    paths = [on_disk(plan, path) for path in plan["dependencies"]["files"]]
    found = {path: observation.content(root, path) for path in paths}
    return {path: content.decode(errors="replace") for path, content in found.items() if content}
