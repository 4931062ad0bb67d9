"""Where a file lies in its repository: what waivers and machines name it by."""

from __future__ import annotations

import os
from pathlib import Path


def top(path: Path) -> Path:
    """The nearest folder at or above a path that is a git work tree's; the current folder if there is none."""
    return work_tree(path) or Path.cwd()


def work_tree(path: Path) -> Path | None:
    """The nearest folder at or above a path that is a git work tree's; none outside of one."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)


def relative(file: str, root: Path) -> str:
    """The path of a file below a folder, with forward slashes; empty for one that is not below it.

    Links among its folders are followed; the file itself may be one.
    """
    path = Path(file)
    try:
        found = os.path.relpath(path.parent.resolve() / path.name, root.resolve())
    except (OSError, ValueError, RuntimeError):  # a loop of links, or no name that a file can have
        return ""
    return "" if found == ".." or found.startswith(f"..{os.sep}") else Path(found).as_posix()
