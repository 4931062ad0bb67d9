"""The ways to write an image of the standards; and, for messages, what another spelling was meant to be.

What the template's own standards make of FROM is in template/parts/images.jinja.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.standards import Image, Standards

_PARTS = re.compile(r"(?P<repository>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.*))?")
_HUB = re.compile(r"(?:(?:registry-1\.|index\.|www\.)?docker\.io/)?(?:library/)?")


@dataclass(frozen=True, kw_only=True)
class Written:
    """One way to write an image of the standards; `architectures` are those it is for, all of them without a digest."""

    text: str
    image: Image
    architectures: tuple[str, ...]


def exact_references(standards: Standards) -> Mapping[str, list[Written]]:
    """Every text that a Dockerfile may write for an image of the standards, with whose it is.

    With a digest, `image:tag@digest` and `image@digest`; where the standards have no digest for it and demand none,
    `image:tag`. Each also with the registry that `mirrors` has for it.
    """
    known: dict[str, list[Written]] = {}
    for image in [*standards.bases.values(), *standards.extensions.values()]:
        for written in _ways_to_write(image, standards):
            known.setdefault(written.text, []).append(written)
    return known


def _ways_to_write(image: Image, standards: Standards) -> Iterator[Written]:
    for repository in repositories(image.image, standards.mirrors):
        by_digest: dict[str, list[str]] = {}
        for architecture, digest in image.digests.items():
            by_digest.setdefault(digest, []).append(architecture)
        for digest, architectures in by_digest.items():
            for text in (f"{repository}:{image.tag}@{digest}", f"{repository}@{digest}"):
                yield Written(text=text, image=image, architectures=tuple(architectures))
        if not image.digests and standards.rules.base_digest != "required":
            yield Written(text=f"{repository}:{image.tag}", image=image, architectures=())


def reference(image: Image, architecture: str, mirrors: Mapping[str, str]) -> str:
    """What FROM and COPY --from say for an image: a digest decides where there is one."""
    digest = image.digests.get(architecture)
    return mirrored(f"{image.image}:{image.tag}" + (f"@{digest}" if digest else ""), mirrors)


def repositories(image: str, mirrors: Mapping[str, str]) -> list[str]:
    """Where an image lies: the repository that the standards name, and the one in the mirror of its registry."""
    return list(dict.fromkeys((image, mirrored(image, mirrors))))


def mirrored(name: str, mirrors: Mapping[str, str]) -> str:
    """A repository or a reference in the mirror of its registry; itself where there is none."""
    registry, _, path = in_full(name).partition("/")
    return f"{mirrors[registry]}/{path}" if registry in mirrors else name


def in_full(name: str) -> str:
    """A repository or a reference with the registry and the folder that Docker adds where they are left out.

    https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed
    """
    first, _, rest = name.partition("/")
    if not has_host(name):
        first, rest = "docker.io", name
    if first in {"docker.io", "index.docker.io"}:
        first, rest = "docker.io", rest if "/" in rest else f"library/{rest}"
    return f"{first}/{rest}"


def has_host(name: str) -> bool:
    """Whether a repository or a reference names the host of a registry: docker's own rule."""
    first, slash, _ = name.partition("/")
    return bool(slash) and (first == "localhost" or "." in first or ":" in first)


def short(name: str) -> str:
    """The last part of a reference, which people remember."""
    return name.rpartition("/")[2]


def parts(text: str) -> tuple[str, str, str]:
    """The repository, the tag and the digest of a reference; empty where there is none."""
    found = _PARTS.fullmatch(text)
    return (found["repository"], found["tag"] or "", found["digest"] or "") if found else (text, "", "")


def hub_name(repository: str) -> str:
    """The short name of an image of Docker Hub; any other repository as it is."""
    return _HUB.sub("", repository, count=1)


def plain(repository: str) -> str:
    """A repository with what does not tell images apart removed: for messages, never for a verdict."""
    host, slash, path = repository.lower().partition("/")
    if not slash or not re.search(r"[.:]", host):
        return hub_name(repository.lower())
    host = re.sub(r":[0-9]*$", "", host).rstrip(".")
    return hub_name(f"{host}/{path}")
