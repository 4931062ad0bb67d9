"""Reads images with their layers, for the checks and the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.gates.image_facts import match_base
from scaffold.gates.preflight import checks
from scaffold.gates.preflight.subject import Subject, base_by_history, total
from scaffold.oci import inspect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffold.gates.image_facts import BaseMatch
    from scaffold.gates.preflight.table import Table
    from scaffold.oci.content import Look
    from scaffold.oci.image import ImageFacts
    from scaffold.oci.layer import Layer
    from scaffold.standards.model import Standards


@dataclass(frozen=True, kw_only=True)
class ReadImage:
    """An image, its base, and why its layers were not read, if they should have been."""

    subject: Subject
    match: BaseMatch
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Where images are looked up, and what they are read with: `where` selects the engine or the registry.

    `look` replaces what the checks look for in files. Of a plan, `own` is the most layers that it adds to an empty
    base, and `c_library` that of its base.
    """

    standards: Standards
    platforms: Mapping[str, str]
    where: str
    table: Table
    own: int | None = None
    c_library: str = ""
    look: Look | None = None

    def read(self, facts: ImageFacts, *, files: bool | None) -> ReadImage:
        """Return an image with its layers if `files` says so; None means those in the engine."""
        match = match_base(facts, self.standards, self.platforms, self.own)
        remote = inspect.is_remote(facts.reference, self.where)
        layers: Sequence[Layer] = ()
        problem = ""
        if files if files is not None else not remote:
            from scaffold.oci import contents

            try:
                found = contents.read(facts, self.look or checks.look(self.table, facts.command), remote=remote)
            except CannotDecideError as error:
                problem = str(error)
            else:
                layers = found.layers
                facts = replace(facts, history=facts.history or found.history, size=facts.size or total(layers))
        stated = (base.c_library or self.table.c_libraries[base.system] for base in match.bases)
        subject = Subject(
            facts=facts,
            layers=layers,
            table=self.table,
            base=match.layers if match.bases else base_by_history(facts, self.table.entrypoint),
            c_library=self.c_library or next(filter(None, stated), ""),
        )
        return ReadImage(subject=subject, match=match, problem=problem)

    def one(self, reference: str) -> ReadImage:
        """Return one image with its layers. Raises CannotDecideError if it is an index, or they cannot be read."""
        found = inspect.read(reference, where=self.where)
        if len(found) > 1:
            names = ", ".join(facts.platform for facts in found)
            raise CannotDecideError(f"{reference}: the index has images for {names}; name one by its digest")
        read = self.read(found[0], files=True)
        if read.problem:
            raise CannotDecideError(read.problem)
        return read
