"""Patterns of a spec: those of `code.from`, and those of `code.exclude`, in .dockerignore syntax."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PARTS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a relative path, or a directory above it, matches one of the patterns."""
    expressions = ("".join(map(_translated, re.split(r"(\*\*/|\*\*|\*|\?)", pattern))) for pattern in patterns)
    compiled = re.compile(f"(?:{'|'.join(expressions)})(?:/.*)?", re.DOTALL)
    return lambda path: compiled.fullmatch(path) is not None


def _translated(part: str) -> str:
    return _PARTS.get(part) or re.escape(part)
