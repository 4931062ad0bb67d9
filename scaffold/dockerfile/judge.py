"""What a Dockerfile stands on and takes from, against the standards → findings: only exact references pass.

References are compared as bytes and never normalised: what a builder makes of another spelling changes with its
settings (https://github.com/distribution/reference). Normal forms serve only to say what was meant.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from scaffold.dockerfile.grammar import PLATFORMS, Dockerfile, Reference, Stage, Use
from scaffold.dockerfile.lines import MAX_FINDINGS
from scaffold.findings.suggest import nearest
from scaffold.oci.names import hub_name, mirrored, parts, plain, repositories, short
from scaffold.standards.model import Base, Image
from scaffold.standards.references import AcceptedReference, exact_references

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scaffold.findings.finding import Finding
    from scaffold.findings.source import Position
    from scaffold.standards.model import Standards


def findings(dockerfile: Dockerfile, standards: Standards, today: date) -> list[Finding]:
    """Everything wrong with a Dockerfile on this day (UTC): what is not understood, and what it stands on."""
    judge = _Judge(dockerfile, standards, today)
    return sorted([*dockerfile.findings, *islice(judge.stages(), MAX_FINDINGS)])


class _Judge:
    """Judges the stages of one Dockerfile, from the first to the last."""

    def __init__(self, dockerfile: Dockerfile, standards: Standards, today: date) -> None:
        self.dockerfile, self.standards, self.today = dockerfile, standards, today
        self.known = exact_references(standards)
        self.images = [*standards.bases.values(), *standards.extensions.values()]
        self.roots: dict[str, list[AcceptedReference]] = {}
        self.empty: set[str] = set()
        self.taken = {*standards.bases, *standards.extensions, *(hub_name(image.image) for image in self.images)}

    def stages(self) -> Iterator[Finding]:
        for stage in self.dockerfile.stages:
            for reference in stage.taken:
                yield from self._reference(reference)
            if stage.base and not self._holds_files(stage):
                yield from self._reference(stage.base)
            yield from self._name(stage)
            self.roots[stage.name] = self._root(stage)
            if stage.base and stage.base.text == "scratch":
                self.empty.add(stage.name)
        if self.dockerfile.stages:
            yield from self._final(self.dockerfile.stages[-1])

    def _root(self, stage: Stage) -> list[AcceptedReference]:
        """What a stage stands on in the end: the ways to write an image of the standards, none if it is none."""
        if not stage.base:
            return []
        return self.roots.get(stage.base.text) or self.known.get(stage.base.text, [])

    def _holds_files(self, stage: Stage) -> bool:
        """Whether a stage is only for what earlier stages made: as little an image as a folder is.

        Nothing stands on it, since it is not the last one and a FROM of it is refused.
        """
        return (
            bool(stage.base and stage.base.text == "scratch" and stage.keywords)
            and stage is not self.dockerfile.stages[-1]
            and set(stage.keywords) == {"COPY"}
            and len(stage.taken) == len(stage.keywords)
            and all(reference.text in self.roots for reference in stage.taken)
        )

    def _name(self, stage: Stage) -> Iterator[Finding]:
        if stage.name in self.taken:
            message, fix = f"the standards know an image by the name {stage.name}", "Give the stage another name."
            yield self.finding(stage.position, "ambiguous-stage", message, fix)

    def _final(self, stage: Stage) -> Iterator[Finding]:
        root = self._root(stage)
        if root and not any(isinstance(written.image, Base) for written in root):
            message = "the last stage stands on an image that is copied from, and on no base"
            yield self.finding(stage.position, "no-base", message, self._offer(""))

    def _reference(self, reference: Reference) -> Iterator[Finding]:
        """Judge one image or stage that is named."""
        if reference.text in self.roots:
            if reference.use is Use.BASE and reference.text in self.empty:
                yield self.finding(reference.position, "no-base", "this stage stands on no base", self._offer(""))
            return
        written = self.known.get(reference.text)
        if not written:
            yield self._unknown(reference)
            return
        if all(_ended(row.image, self.today) for row in written):
            yield from (self._closed(reference, row.image) for row in written[:1] if isinstance(row.image, Base))
        architecture = PLATFORMS.get(reference.platform, "")
        if architecture and not any(architecture in (row.architectures or [architecture]) for row in written):
            message = f"the digest is not the image for {reference.platform}"
            other = self._exact(written[0].image, architecture)
            fix = f"Write {other}." if architecture in written[0].image.digests else "Remove --platform."
            yield self.finding(reference.position, "unfit-platform", message, fix)

    def _closed(self, reference: Reference, base: Base) -> Finding:
        code, ended = "expired-base", f"was supported until {base.supported_until}"
        if base.withdrawn:
            code, ended = "withdrawn-base", "is withdrawn"
        message = f"the base {base.name} {ended}"
        successor = self.standards.bases.get(base.replaced_by)
        fix = f"Write {self._exact(successor)}." if successor else self._offer(reference.text)
        return self.finding(reference.position, code, message, fix)

    def _unknown(self, reference: Reference) -> Finding:
        """Say why a reference is none of the standards, in the order of what is most likely meant."""
        text = reference.text
        repository, tag, digest = parts(text)
        same = [image for image in self.images if repository in repositories(image.image, self.standards.mirrors)]
        if text == "scratch":
            return self._none(reference, "scratch is an empty image, and no base")
        if not same:
            return self._other_spelling(reference, repository) or self._none(
                reference, f"{text[:200]} is no image of the standards and no earlier stage"
            )
        digests = {value: image for image in same for value in image.digests.values()}
        if digest in digests:
            message = f"the tag {tag} is not the one of this digest: builders do not look at it"
            fix = f"Write {self._with_repository(digests[digest], repository, digest)}."
            return self.finding(reference.position, "wrong-tag", message, fix)
        if digest:
            message = "the standards have no such digest of this image"
            return self.finding(reference.position, "uncatalogued-digest", message, self._offer(text, reference.use))
        if any(image.tag == tag for image in same):
            image = next(image for image in same if image.tag == tag)
            return self._unpinned(reference, image)
        return self._none(reference, f"the standards have no tag {tag or 'latest'} of this image")

    def _unpinned(self, reference: Reference, image: Image) -> Finding:
        message = "without its digest, the tag may be another image tomorrow"
        fix = f"Write {self._exact(image)}." if image.digests else "Ask who keeps the standards for its digest."
        return self.finding(reference.position, "unpinned-base", message, fix)

    def _none(self, reference: Reference, message: str) -> Finding:
        code = "uncatalogued-base" if reference.use is Use.BASE else "uncatalogued-source"
        return self.finding(reference.position, code, message, self._offer(reference.text, reference.use))

    def _other_spelling(self, reference: Reference, repository: str) -> Finding | None:
        """An image of the standards, if that is what another spelling of its name means."""
        meant = plain(repository)
        image = next((image for image in self.images if plain(image.image) == meant), None)
        if not image:
            return None
        message, fix = f"another spelling of {image.image}", f"Write {self._exact(image)}."
        return self.finding(reference.position, "unnormalised-name", message, fix)

    def _offer(self, text: str, use: Use = Use.BASE) -> str:
        """The sentence that names the reference that comes nearest, of what may still be used so."""
        open_ = [
            row for row in self.images if not _ended(row, self.today) and (isinstance(row, Base) or use != Use.BASE)
        ]
        by_name = {f"{short(row.image)}:{row.tag}": row for row in open_}
        best = by_name.get(nearest(short(text.split("@", maxsplit=1)[0]), by_name) or "") if text else None
        defaults = [row for row in open_ if isinstance(row, Base) and row.default]
        chosen = best or next(iter(defaults[-1:] + open_), None)
        if not chosen:
            return "Ask who keeps the standards: no base is left."
        return f"Write {self._exact(chosen)}, or another {'base' if use is Use.BASE else 'image'} of the standards."

    def _exact(self, image: Image, architecture: str = "") -> str:
        digest = image.digests.get(architecture) or next(iter(image.digests.values()), "")
        return self._with_repository(image, mirrored(image.image, self.standards.mirrors), digest)

    @staticmethod
    def _with_repository(image: Image, repository: str, digest: str) -> str:
        return f"{repository}:{image.tag}{'@' + digest if digest else ''}"

    def finding(self, place: Position, code: str, message: str, fix: str) -> Finding:
        """Make a finding about a place in the file."""
        return self.dockerfile.source.finding_at(place, code, message, fix=fix)


def _ended(image: Image, today: date) -> bool:
    """Whether an image is a base that may no longer be stood on."""
    return isinstance(image, Base) and not image.usable(today)
