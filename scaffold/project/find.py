"""Finds the projects at or below a path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.project.answers import ANSWERS, SPEC, was_rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_SKIPPED = {".git", "node_modules", ".venv", "__pycache__"}


def _cannot_search(error: OSError) -> None:
    raise CannotDecideError(f"cannot search {error.filename}: {error.strerror}") from error


def find(paths: Sequence[Path], *, unreadable: Callable[[OSError], None] = _cannot_search) -> Iterator[Path]:
    """Yield each project at or below the paths once: a directory that holds a spec, or what was made from one.

    The path of a spec means its directory. What lies below one path comes sorted; linked directories are not searched.
    A directory that cannot be searched is told to `unreadable`, since a project in it is passed over; without it that
    is a CannotDecideError. Raises InvalidInputError for a path that holds nothing to search.
    """
    seen: set[Path] = set()
    for path in paths:
        for root in _below(path, unreadable):
            if root.resolve() not in seen:
                seen.add(root.resolve())
                yield root


def _below(path: Path, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    if path.name == SPEC and path.is_file():
        yield path.parent
        return
    if not path.is_dir():
        raise InvalidInputError(f"{path}: neither a directory nor a {SPEC}")
    for folder, folders, names in os.walk(path, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        if SPEC in names or (ANSWERS in names and was_rendered(Path(folder))):
            yield Path(folder)
