"""Names of images as text: hosts, repositories, tags, digests, mirrors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


_PARTS = re.compile(r"(?P<repository>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.*))?")
_HUB = re.compile(r"(?:(?:registry-1\.|index\.|www\.)?docker\.io/)?(?:library/)?")


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
