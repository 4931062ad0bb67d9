"""Unified diffs of changes."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from scaffold.findings.source import visible

if TYPE_CHECKING:
    from pathlib import Path

    from scaffold.project.changes import Change


def unified(root: Path, change: Change) -> str:
    """Return one change as a unified diff, from the current file to the render; modes and links are described."""
    path = visible(str(root / change.path))
    if change.before == change.after:
        return f"mode {'+x' if change.executable else '-x'} {path}\n"
    old, new = _lines(change.before), _lines(change.after)
    names = [path if content is not None else "/dev/null" for content in (change.before, change.after)]
    return "".join(difflib.unified_diff(old, new, names[0], names[1])) or f"{change.kind} {path}\n"


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode(errors="backslashreplace")
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended
