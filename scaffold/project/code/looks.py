"""Looks at code on disk, as far as a check follows from it; every look is noted."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from scaffold.project.find import SKIPPED
from scaffold.project.observation import ENTRIES, PLACE, noted

if TYPE_CHECKING:
    from pathlib import Path

    from scaffold.rendering.plan import Plan

FILE, DIRECTORY, LINK = b"file", b"directory", b"link "
TARGET = "\0"
"""Separates the path of a link from its target among `entries`; alone, it stands for entries that were not read."""

_MOST = 20_000


def on_disk(plan: Plan, path: str) -> str:
    """Return a path of a spec, which starts with a slash below the context, relative to the project's directory."""
    return f"{plan['place']['root']}{path}" if path.startswith("/") else path


def is_pattern(path: str) -> bool:
    """Return whether a path stands for all files that it matches."""
    return "*" in path or "?" in path


def place(root: Path, path: str) -> bytes | None:
    """Return `FILE`, `DIRECTORY`, or `LINK` and the link that a path leads through; None if there is nothing."""
    return noted((PLACE, path), _place(root, path))


def _place(root: Path, path: str) -> bytes | None:
    at, mode = os.fspath(root), stat.S_IFDIR
    for part in path.split("/"):
        at = f"{at}/{part}"
        try:
            mode = os.lstat(at).st_mode
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            return LINK + os.fsencode(os.path.relpath(at, root))
    return DIRECTORY if stat.S_ISDIR(mode) else FILE


def entries(root: Path, path: str) -> list[str]:
    """Return the files below a directory, relative to it and sorted, and the links, each with its target.

    Directories that hold no code are left out. At a file or a link there is one entry without a name.
    """
    found: list[str] = []
    try:
        _walk(os.path.join(root, path), "", found)  # noqa: PTH118 - a check makes this call, and imports little
    except NotADirectoryError:
        found.append("")
    except OSError:
        found.append(TARGET)
    return noted((ENTRIES, path), sorted(found))


def _walk(folder: str, prefix: str, found: list[str]) -> None:
    with os.scandir(folder) as listed:
        for entry in listed:
            if len(found) >= _MOST:
                found.append(TARGET)
                return
            if entry.is_symlink():
                found.append(f"{prefix}{entry.name}{TARGET}{os.readlink(entry.path)}")  # noqa: PTH115
            elif not entry.is_dir():
                found.append(prefix + entry.name)
            elif entry.name not in SKIPPED:
                _walk(entry.path, f"{prefix}{entry.name}/", found)
