"""Finds the projects at or below a path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.project.answers import ANSWERS, SPEC, was_rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


SKIPPED = {".git", "node_modules", ".venv", "__pycache__"}
"""Directories without projects, and without code that is anyone's own."""


_MISSPELT = "lambda-image.yml"


def none_in(paths: Sequence[Path]) -> InvalidInputError:
    """Return the error that there is no project at or below the paths, with the way to one."""
    misspelt = next((path / _MISSPELT for path in paths if (path / _MISSPELT).is_file()), None)
    way = f"rename {misspelt} to {SPEC}" if misspelt else "`scaffold new` creates a project"
    return InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}: {way}")


def _cannot_search(error: OSError) -> None:
    raise CannotDecideError(f"cannot search {error.filename}: {error.strerror}") from error


def find(paths: Sequence[Path], *, unreadable: Callable[[OSError], None] = _cannot_search) -> Iterator[Path]:
    """Yield each project at or below the paths once: a directory with a spec, or with the answers of a render.

    The path of a spec stands for its directory. Projects below a path are sorted; linked directories are not searched.
    `unreadable` is called for a directory that cannot be searched, whose projects are missed; by default it raises
    CannotDecideError. Raises InvalidInputError for a path that is neither a directory nor a spec.
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
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        if SPEC in names or (ANSWERS in names and was_rendered(Path(folder))):
            yield Path(folder)
