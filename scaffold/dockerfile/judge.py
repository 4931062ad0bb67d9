"""Checks the images that a Dockerfile uses against the standards: only exact references pass.

References are compared as bytes and never normalised: how a builder reads another spelling depends on its settings
(https://github.com/distribution/reference). Normal forms only serve to guess which image was meant.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from scaffold.dockerfile import last_stage
from scaffold.dockerfile.lines import MAX_FINDINGS
from scaffold.dockerfile.parsed import NATIVE, PLATFORMS, Dockerfile, Reference, Stage, Use
from scaffold.oci.names import SCRATCH, hub_name
from scaffold.standards import advice
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import Facts, UsedImage, WrittenImage
from scaffold.standards.model import Base, Builder, Foundation, Image
from scaffold.standards.references import AcceptedReference, exact_references, resemblance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from scaffold.findings.finding import Finding
    from scaffold.findings.source import Position
    from scaffold.standards.facts import PlannedImage, Role
    from scaffold.standards.model import Standards


def findings(
    dockerfile: Dockerfile, standards: Standards, today: date, planned: Sequence[PlannedImage] = ()
) -> list[Finding]:
    """Return everything wrong with a Dockerfile on this day (UTC): its syntax, and the images that it uses.

    `planned` are the images of a plan to which the rules have been applied already.
    """
    found = _Stages(dockerfile, standards, today, planned).findings()
    return sorted([*dockerfile.findings, *islice(found, MAX_FINDINGS)])


class _Stages:
    """The stages of one Dockerfile, checked in order."""

    def __init__(
        self, dockerfile: Dockerfile, standards: Standards, today: date, planned: Sequence[PlannedImage]
    ) -> None:
        self.dockerfile, self.standards, self.today = dockerfile, standards, today
        self.planned = {image.reference: image for image in planned if image.reference != SCRATCH}
        known = dict(exact_references(standards))
        self.scratch = known.pop(SCRATCH, [])
        self.known = known | {text: [_accepted(row)] for text, row in self.planned.items()}
        self.images = list(standards.images.values())
        self.roots: list[list[AcceptedReference]] = []
        self.empty: set[int] = set()
        self.taken = {*(name for _, name in standards.images), *(hub_name(image.image) for image in self.images)}

    def findings(self) -> Iterator[Finding]:
        """Check all stages."""
        for number, stage in enumerate(self.dockerfile.stages):
            for reference in stage.taken:
                yield from self._reference(reference, stage)
            if stage.base and not self._holds_files(stage):
                yield from self._reference(stage.base, stage)
            yield from self._name(stage)
            self.roots.append(self._root(stage))
            if stage.base and (stage.base.text == SCRATCH or stage.base.stage in self.empty):
                self.empty.add(number)
        if self.dockerfile.stages:
            yield from self._final(self.dockerfile.stages[-1])

    def _root(self, stage: Stage) -> list[AcceptedReference]:
        """Return the image below a stage, in its accepted spellings; empty if the standards do not have it."""
        if not stage.base:
            return []
        if stage.base.stage is not None:
            return self.roots[stage.base.stage]
        if stage.base.text == SCRATCH:
            return self.scratch if self._is_assembled(stage) else []
        return self.known.get(stage.base.text, [])

    def _holds_files(self, stage: Stage) -> bool:
        """Return whether a stage from `scratch` only copies files from earlier stages.

        It may not be the last stage, and no FROM may name it.
        """
        return (
            bool(stage.base and stage.base.text == SCRATCH and stage.keywords)
            and stage is not self.dockerfile.stages[-1]
            and set(stage.keywords) == {"COPY"}
            and len(stage.taken) == len(stage.keywords)
            and all(reference.stage is not None for reference in stage.taken)
        )

    @staticmethod
    def _is_assembled(stage: Stage) -> bool:
        """Return whether everything in a stage without a system comes from other stages and images, by COPY --from."""
        keywords = stage.keywords
        return not {"ADD", "RUN"} & set(keywords) and keywords.count("COPY") == len(stage.taken)

    def _name(self, stage: Stage) -> Iterator[Finding]:
        if stage.name.lower() in self.taken:
            message, fix = f"{stage.name} is also the name of an image in the standards", "Give the stage another name."
            yield self.finding(stage.position, "ambiguous-stage", message, fix)

    def _final(self, stage: Stage) -> Iterator[Finding]:
        root = self._root(stage)
        is_base = any(isinstance(written.image, Base) or self._is_planned_base(written.text) for written in root)
        bases = [written.image for written in root if isinstance(written.image, Base)]
        yield from last_stage.findings(self.dockerfile, bases)
        if root and not is_base:
            builder = any(isinstance(written.image, Builder) for written in root)
            what = "a builder" if builder else "an image that may only be copied from"
            message = f"the last stage is built on {what}, not on a base"
            yield self.finding(stage.position, "no-base", message, self._other_base())

    def _is_planned_base(self, text: str) -> bool:
        return text in self.planned and self.planned[text].role == "base"

    def _reference(self, reference: Reference, stage: Stage) -> Iterator[Finding]:
        """Check one named image or stage."""
        if reference.stage is not None:
            approved = self.roots[reference.stage] and self._is_assembled(stage)
            if reference.use is Use.BASE and reference.stage in self.empty and not approved:
                message = "this stage is not built on a base"
                yield self.finding(reference.position, "no-base", message, self._other_base())
            return
        if reference.text in self.planned:
            return
        written = self.known.get(reference.text, [])
        if reference.use is Use.BASE and reference.text == SCRATCH and self._is_assembled(stage):
            written = self.scratch
        for violation in violations(self._facts(self._used(reference, written))):
            yield self.finding(reference.position, violation.code, violation.message, violation.fix)
        native = reference.platform == NATIVE
        if native and written and not any(isinstance(row.image, Builder) for row in written):
            message = "only a builder may be one for the machine that builds, not for the image"
            yield self.finding(reference.position, "unfit-platform", message, "Remove --platform.")
        architecture = PLATFORMS.get(reference.platform, "")
        if (
            architecture
            and written
            and not any(architecture in (row.architectures or [architecture]) for row in written)
        ):
            image = written[0].image
            fix = (
                advice.use(image, self._facts(), architecture)
                if architecture in image.digests
                else "Remove --platform."
            )
            message = f"the digest is not the image for {reference.platform}"
            yield self.finding(reference.position, "unfit-platform", message, fix)

    def _used(self, reference: Reference, written: Sequence[AcceptedReference]) -> WrittenImage:
        role: Role = "base" if reference.use is Use.BASE else "image"
        if written:
            images = [row.image for row in written]
            # Of several entries for one image, one that is usable is enough.
            image = next(
                (image for image in images if not isinstance(image, Foundation) or image.usable(self.today)), images[0]
            )
            return WrittenImage(role=role, name=reference.text, row=image, likeness="exact", meant=image)
        likeness, meant = resemblance(reference.text, self.images, self.standards.mirrors)
        return WrittenImage(role=role, name=reference.text, row=None, likeness=likeness, meant=meant)

    def _facts(self, *images: UsedImage) -> Facts:
        return Facts(standards=self.standards, today=self.today, subject="Dockerfile", images=images)

    def _other_base(self) -> str:
        return advice.alternatives(UsedImage(role="base", name="", row=None), self._facts())

    def finding(self, place: Position, code: str, message: str, fix: str) -> Finding:
        """Create a finding at a position in the file."""
        return self.dockerfile.source.finding_at(place, code, message, fix=fix)


def _accepted(planned: PlannedImage) -> AcceptedReference:
    image = planned.row or Image(image=planned.image, tag=planned.tag)
    return AcceptedReference(text=planned.reference, image=image, architectures=())
