"""Decides which caches of earlier builds may be read: only those that a build with these rules has written itself.

Steps in a cache take the place of the steps of the Dockerfile, whatever they contain.
https://docs.docker.com/build/cache/backends/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_OWN: Mapping[str, frozenset[str]] = {
    # GitHub keeps a cache for each repository and branch; `url` and `token` would name another server.
    "gha": frozenset({"ignore-error", "mode", "scope", "timeout", "version"}),
    "local": frozenset({"digest", "src", "tag"}),
}
"""The types of caches that others do not write, and their attributes that change nothing about that."""


def is_own(text: str, judged: Sequence[Path]) -> bool:
    """Return whether a cache, as `type=NAME,KEY=VALUE`, is written by nobody else.

    A local one is outside of the directories under check, since anything in them may come from a stranger.
    """
    parts = [part.partition("=") for part in text.split(",")]
    values = {key: value for key, _, value in parts}
    kind = values.pop("type", "")
    if len(values) != len(parts) - 1 or kind not in _OWN or not _OWN[kind].issuperset(values) or "$" in text:
        return False
    return kind != "local" or _is_outside(values.get("src", ""), judged)


def _is_outside(text: str, judged: Sequence[Path]) -> bool:
    if not text:
        return False
    try:
        # A relative path starts where the builder does, which is not known.
        found = [(folder / text).resolve() for folder in judged]
    except (OSError, RuntimeError, ValueError):
        return False
    return not any(path.is_relative_to(folder) for path in found for folder in judged)
