"""Paths of files in their git repository, as waivers and reports write them."""

from __future__ import annotations

import os
from pathlib import Path


def top(path: Path) -> Path:
    """Return the nearest directory at or above a path that is the root of a git work tree, or else the current one."""
    return work_tree(path) or Path.cwd()


def work_tree(path: Path) -> Path | None:
    """Return the nearest directory at or above a path that is the root of a git work tree, if any."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)


def relative(file: str, root: Path) -> str:
    """Return the path of a file relative to a directory, with forward slashes; empty if the file is not below it.

    Symbolic links among its directories are followed; the file itself may be one.
    """
    path = Path(file)
    try:
        found = os.path.relpath(path.parent.resolve() / path.name, root.resolve())
    except (OSError, ValueError, RuntimeError):  # a loop of links, or an impossible file name
        return ""
    return "" if found == ".." or found.startswith(f"..{os.sep}") else Path(found).as_posix()
