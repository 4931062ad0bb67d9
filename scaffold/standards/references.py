"""The ways to write an image of the standards; and, for messages, what another spelling was meant to be.

What the template's own standards make of FROM is in template/plan/images.jinja.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffold.oci.names import mirrored, repositories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.standards.model import Image, Standards


@dataclass(frozen=True, kw_only=True)
class AcceptedReference:
    """One way to write an image of the standards; `architectures` are those it is for, all of them without a digest."""

    text: str
    image: Image
    architectures: tuple[str, ...]


def exact_references(standards: Standards) -> Mapping[str, list[AcceptedReference]]:
    """Every text that a Dockerfile may write for an image of the standards, with whose it is.

    With a digest, `image:tag@digest` and `image@digest`; where the standards have no digest for it and demand none,
    `image:tag`. Each also with the registry that `mirrors` has for it.
    """
    known: dict[str, list[AcceptedReference]] = {}
    for image in [*standards.bases.values(), *standards.extensions.values()]:
        for written in _ways_to_write(image, standards):
            known.setdefault(written.text, []).append(written)
    return known


def _ways_to_write(image: Image, standards: Standards) -> Iterator[AcceptedReference]:
    for repository in repositories(image.image, standards.mirrors):
        by_digest: dict[str, list[str]] = {}
        for architecture, digest in image.digests.items():
            by_digest.setdefault(digest, []).append(architecture)
        for digest, architectures in by_digest.items():
            for text in (f"{repository}:{image.tag}@{digest}", f"{repository}@{digest}"):
                yield AcceptedReference(text=text, image=image, architectures=tuple(architectures))
        if not image.digests and standards.rules.base_digest != "required":
            yield AcceptedReference(text=f"{repository}:{image.tag}", image=image, architectures=())


def reference(image: Image, architecture: str, mirrors: Mapping[str, str]) -> str:
    """What FROM and COPY --from say for an image: a digest decides where there is one."""
    digest = image.digests.get(architecture)
    return mirrored(f"{image.image}:{image.tag}" + (f"@{digest}" if digest else ""), mirrors)
