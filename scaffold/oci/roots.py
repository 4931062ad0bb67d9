"""Signs that a function does not run on the system of its image, but on another one inside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[A-Za-z0-9_.+/-]+")
_CHANGES_ROOT = frozenset(
    {"bwrap", "chroot", "crun", "fakechroot", "nsenter", "pivot_root", "proot", "runc", "switch_root", "systemd-nspawn"}
    | {"unshare"}
)
_LOADER = re.compile(r"ld(?:-linux|-musl|64)?[a-z0-9_.-]*\.so(?:\.[0-9]+)*")
_SYSTEM = re.compile(r"/(?:usr/)?lib(?:32|64)?/(?:[a-z0-9_-]+-linux-[a-z0-9]+/)?[^/]+")
_RELEASE = ("/etc/os-release", "/usr/lib/os-release")


def other_root(words: Sequence[str]) -> str:
    """Return the program in a command that enters another root, or a loader that replaces the system's; or nothing."""
    tokens = (token.rpartition("/")[2] for word in words for token in _TOKEN.findall(word))
    return next((token for token in tokens if token in _CHANGES_ROOT or _LOADER.fullmatch(token)), "")


def other_systems(paths: Iterable[str]) -> list[str]:
    """Return the loaders and release files among these paths that are not where a system has its own."""
    loaders = (path for path in paths if _is_of_a_system(path))
    return [path for path in loaders if not _SYSTEM.fullmatch(path) and path not in _RELEASE]


def _is_of_a_system(path: str) -> bool:
    return bool(_LOADER.fullmatch(path.rpartition("/")[2])) or path.endswith(_RELEASE)
