"""Writes the digest that a project's base has in its registry into the spec."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffold.documents.edit import edit
from scaffold.errors import ExitCode
from scaffold.oci import inspect
from scaffold.oci.docker import PATIENCE
from scaffold.oci.names import SCRATCH, parts
from scaffold.project.answers import SPEC
from scaffold.project.apply import replace as write_file
from scaffold.project.overrides import follow_runtime
from scaffold.rendering import validation

if TYPE_CHECKING:
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.rendering.engine import Engine


@dataclass(frozen=True, kw_only=True)
class Pin:
    """The base of a project: its `reference` without a digest, and its digest in the spec `before` and `after`.

    `by_standards` is true if the standards pin the base, or it is empty: the spec then needs no digest, and keeps its
    own.
    """

    reference: str
    before: str
    after: str
    by_standards: bool = False

    @property
    def changes(self) -> bool:
        """Whether the spec has another digest than the registry."""
        return self.before != self.after


def pin(root: Path, engine: Engine, outcome: Outcome, *, write: bool = True, patience: int = PATIENCE) -> Pin | None:
    """Pin the base of one project, and return it; None, with the findings in `outcome`, if its spec is not valid.

    Raises CannotDecideError if the registry does not answer within `patience` seconds.
    """
    document = validation.read(root / SPEC)
    written: Any = document.value
    spec = follow_runtime(written, engine.standards["bases"])
    if found := validation.findings(replace(document, value=spec), engine):
        outcome.add(found, ExitCode.INVALID)
        return None
    plan = engine.plan(spec)
    base, given = plan["base"], written.get("base")
    before = given.get("digest", "") if isinstance(given, dict) else ""
    repository, tag, _ = parts(base["reference"])
    reference = f"{repository}:{tag}"
    if base["image"] == SCRATCH:
        return Pin(reference=SCRATCH, before=before, after=before, by_standards=True)
    if engine.standards["bases"].get(base["name"], {}).get("digests"):
        if spec != written:
            outcome.add(validation.findings(document, engine), ExitCode.INVALID)
            return None
        return Pin(reference=reference, before=before, after=before, by_standards=True)
    after = inspect.digest_of(reference, plan["architecture"]["platform"], patience=patience)
    name = {"name": base["name"]} if base["name"] else {}
    if write and before != after:
        text = edit(document, {"base": {**name, "digest": after}})
        write_file(root / SPEC, before=document.text.encode(), after=text.encode())
    return Pin(reference=reference, before=before, after=after)
