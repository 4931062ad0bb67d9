"""Names of images as text: hosts, repositories, tags, digests, mirrors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


SCRATCH = "scratch"
"""The empty image. Builders know it by this name alone: it has no tag, no digest and no layers."""

_PARTS = re.compile(r"(?P<repository>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.*))?")
_HUB = re.compile(r"(?:(?:registry-1\.|index\.|www\.)?docker\.io/)?(?:library/)?")


def repositories(image: str, mirrors: Mapping[str, str]) -> list[str]:
    """Return the repositories of an image: the one in the standards, and the one in its registry's mirror."""
    return list(dict.fromkeys((image, mirrored(image, mirrors))))


def mirrored(name: str, mirrors: Mapping[str, str]) -> str:
    """Return a repository or a reference in the mirror of its registry, or unchanged if there is none."""
    registry, _, path = in_full(name).partition("/")
    return f"{mirrors[registry]}/{path}" if registry in mirrors else name


def in_full(name: str) -> str:
    """Return a repository or a reference with the default registry and path that Docker adds.

    https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed
    """
    first, _, rest = name.partition("/")
    if not has_host(name):
        first, rest = "docker.io", name
    if first in {"docker.io", "index.docker.io"}:
        first, rest = "docker.io", rest if "/" in rest else f"library/{rest}"
    return f"{first}/{rest}"


def has_host(name: str) -> bool:
    """Return whether a repository or a reference starts with a registry host, by Docker's own rule."""
    first, slash, _ = name.partition("/")
    return bool(slash) and (first == "localhost" or "." in first or ":" in first)


def short(name: str) -> str:
    """Return the last part of a reference."""
    return name.rpartition("/")[2]


def parts(text: str) -> tuple[str, str, str]:
    """Return the repository, the tag and the digest of a reference; empty if absent."""
    found = _PARTS.fullmatch(text)
    return (found["repository"], found["tag"] or "", found["digest"] or "") if found else (text, "", "")


def hub_name(repository: str) -> str:
    """Return the short name of a Docker Hub image; any other repository unchanged."""
    return _HUB.sub("", repository, count=1)


def plain(repository: str) -> str:
    """Return a repository without the parts that do not distinguish images; for messages, never for decisions."""
    host, slash, path = repository.lower().partition("/")
    if not slash or not re.search(r"[.:]", host):
        return hub_name(repository.lower())
    host = re.sub(r":[0-9]*$", "", host).rstrip(".")
    return hub_name(f"{host}/{path}")
