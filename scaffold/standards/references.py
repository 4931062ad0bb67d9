"""Accepted spellings of the standards' images, and a best guess at what any other spelling meant.

The template computes its own FROM lines from its own standards: template/plan/images.jinja.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from scaffold.oci.names import mirrored, parts, plain, repositories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.standards.model import Image, Standards


Likeness: TypeAlias = Literal[
    "exact",
    "no digest",
    "other tag of digest",
    "earlier digest",
    "other digest",
    "other tag",
    "other spelling",
    "scratch",
    "none",
]
"""How a reference as written compares with the images in the standards."""


@dataclass(frozen=True, kw_only=True)
class AcceptedReference:
    """An accepted spelling of an image, and its architectures: empty, without a digest, means all of them."""

    text: str
    image: Image
    architectures: tuple[str, ...]


def exact_references(standards: Standards) -> Mapping[str, list[AcceptedReference]]:
    """Return every accepted reference of the standards' images, with the images that it may stand for.

    With a digest, that of an image or of the index that holds it, `image:tag@digest` and `image@digest`; if the
    standards neither have nor require a digest, `image:tag`. Each is also accepted with its registry's mirror in
    `mirrors`. The empty image is only ever `scratch`.
    """
    known: dict[str, list[AcceptedReference]] = {}
    for image in standards.images.values():
        for written in _spellings(image, standards):
            known.setdefault(written.text, []).append(written)
    return known


def _spellings(image: Image, standards: Standards) -> Iterator[AcceptedReference]:
    if image.empty:
        yield AcceptedReference(text=image.image, image=image, architectures=())
        return
    for repository in repositories(image.image, standards.mirrors):
        by_digest: dict[str, list[str]] = {}
        for architecture, digest in image.digests.items():
            by_digest.setdefault(digest, []).append(architecture)
        if image.index:
            by_digest.setdefault(image.index, list(image.digests))
        for digest, architectures in by_digest.items():
            for text in (f"{repository}:{image.tag}@{digest}", f"{repository}@{digest}"):
                yield AcceptedReference(text=text, image=image, architectures=tuple(architectures))
        if not image.digests and not standards.digest_required:
            yield AcceptedReference(text=f"{repository}:{image.tag}", image=image, architectures=())


def resemblance(text: str, images: Sequence[Image], mirrors: Mapping[str, str]) -> tuple[Likeness, Image | None]:
    """Return how a reference that is not accepted resembles one of these images, the likeliest guess first."""
    if text == "scratch":
        return "scratch", None
    repository, tag, digest = parts(text)
    same = [image for image in images if repository in repositories(image.image, mirrors)]
    if not same:
        meant = next((image for image in images if plain(image.image) == plain(repository)), None)
        return ("other spelling", meant) if meant else ("none", None)
    if digest:
        owner = next((image for image in reversed(same) if digest in image.all_digests), None)
        if owner:
            return "other tag of digest", owner
        earlier = next((image for image in reversed(same) if image.last_day(digest)), None)
        return ("earlier digest", earlier) if earlier else ("other digest", None)
    tagged = next((image for image in same if image.tag == tag), None)
    return ("no digest", tagged) if tagged else ("other tag", None)


def reference(image: Image, architecture: str, mirrors: Mapping[str, str]) -> str:
    """Return the reference for FROM and COPY --from: with the digest for the architecture, if there is one."""
    if image.empty:
        return image.image
    return mirrored(with_digest(image.image, image, image.digests.get(architecture, "")), mirrors)


def pinned_reference(image: Image, architecture: str, mirrors: Mapping[str, str]) -> str:
    """Return a reference with the digest for the architecture or, failing that, with any digest of the image."""
    if image.empty:
        return image.image
    digest = image.digests.get(architecture) or next(iter(image.digests.values()), "")
    return with_digest(mirrored(image.image, mirrors), image, digest)


def with_digest(repository: str, image: Image, digest: str) -> str:
    """Return the reference of an image in this repository, with a digest if given."""
    return f"{repository}:{image.tag}{'@' + digest if digest else ''}"
