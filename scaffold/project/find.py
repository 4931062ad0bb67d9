"""Finds the projects at or below a path."""

from __future__ import annotations

import os
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold import reading
from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.project.answers import ANSWERS, SPEC, was_rendered
from scaffold.repository import work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


SKIPPED = {".git", "node_modules", ".venv", "__pycache__"}
"""Directories without projects, and without code that is anyone's own."""


_MISSPELT = "lambda-image.yml"
_MOST_INDEX = 64 * 1024 * 1024
_HEADER, _FIXED, _EXTENDED, _SHORTENED = 12, 62, 0x40, (4).to_bytes(4)
"""The sizes of an index's header and of an entry up to its path, the flag of longer entries, and version 4."""
_PATH = re.compile(rb"[^\0]+/" + re.escape(SPEC.encode()) + rb"(?=\0)")


def none_in(paths: Sequence[Path]) -> InvalidInputError:
    """Return the error that there is no project at or below the paths, with the way to one."""
    misspelt = next((path / _MISSPELT for path in paths if (path / _MISSPELT).is_file()), None)
    way = f"rename {misspelt} to {SPEC}" if misspelt else "`scaffold new` creates a project"
    return InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}: {way}")


def _cannot_search(error: OSError) -> None:
    raise CannotDecideError(f"cannot search {error.filename}: {error.strerror}") from error


def root_of(path: Path) -> Path:
    """Return the directory of the project that a path names, by itself or by its spec."""
    return path.parent if path.name == SPEC else path


def find(
    paths: Sequence[Path], *, unreadable: Callable[[OSError], None] = _cannot_search, installed: bool = False
) -> Iterator[Path]:
    """Yield each project at or below the paths once: a directory with a spec, or with the answers of a render.

    The path of a spec stands for its directory. Projects below a path are sorted; linked directories are not searched,
    and those of installed packages only with `installed`: for what git tracks, and at their top.
    `unreadable` is called for a directory that cannot be searched, whose projects are missed; by default it raises
    CannotDecideError. Raises InvalidInputError for a path that is neither a directory nor a spec.
    """
    seen: set[Path] = set()
    for path in paths:
        tracked = _tracked(path) if installed and path.is_dir() else ()
        for root in chain(_below(path, unreadable, installed=installed), tracked):
            if root.resolve() not in seen:
                seen.add(root.resolve())
                yield root


def _below(path: Path, unreadable: Callable[[OSError], None], *, installed: bool) -> Iterator[Path]:
    if path.name == SPEC and path.is_file():
        yield path.parent
        return
    if not path.is_dir():
        raise InvalidInputError(f"{path}: neither a directory nor a {SPEC}")
    for folder, folders, names in os.walk(path, onerror=unreadable):
        for name in sorted(SKIPPED.intersection(folders) - {".git"}) if installed else ():
            yield from _installed(Path(folder, name))
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        if SPEC in names or (ANSWERS in names and was_rendered(Path(folder))):
            yield Path(folder)


def _installed(folder: Path) -> Iterator[Path]:
    """Yield the projects right below a directory of installed packages, and below a scope in it."""
    try:
        below = sorted(os.scandir(folder), key=lambda entry: entry.name)
        scoped = [row for entry in below if entry.name.startswith("@") for row in os.scandir(entry.path)]
    except OSError:
        return
    places = [folder, *(Path(entry.path) for entry in (*below, *scoped) if entry.is_dir(follow_symlinks=False))]
    yield from (place for place in places if (place / SPEC).is_file())


def _tracked(path: Path) -> Iterator[Path]:
    """Yield the projects that git tracks in directories that are not searched, at any depth."""
    top = work_tree(path)
    index = _index_of(top) if top else b""
    if not top:
        return
    for name in _names(index):
        place = top / os.fsdecode(name.rpartition(b"/")[0])
        inside = place.is_relative_to(path.resolve()) and SKIPPED.intersection(place.relative_to(path.resolve()).parts)
        if inside and (place / SPEC).is_file():
            yield path / place.relative_to(path.resolve())


def _names(index: bytes) -> Iterator[bytes]:
    """Yield the paths of specs in an index."""
    if index[4:8] == _SHORTENED:
        yield from (name for name in _unpacked(index) if name.endswith(b"/" + SPEC.encode()))
    elif any(name.encode() + b"/" in index for name in SKIPPED):
        yield from (_name(index, found) for found in _PATH.finditer(index))


def _unpacked(index: bytes) -> Iterator[bytes]:
    """Yield the paths in an index of version 4, each of which says what differs from the one before.

    https://git-scm.com/docs/index-format
    """
    name, at = b"", _HEADER
    try:
        for _ in range(int.from_bytes(index[8:12])):
            at += _FIXED + (2 if index[at + _FIXED - 2] & _EXTENDED else 0)
            dropped = index[at] & 0x7F
            while index[at] & 0x80:
                at += 1
                dropped = ((dropped + 1) << 7) | (index[at] & 0x7F)
            end = index.index(b"\0", at + 1)
            name, at = name[: len(name) - dropped] + index[at + 1 : end], end + 1
            yield name
    except (IndexError, ValueError):  # not an index that git wrote
        return


def _name(index: bytes, found: re.Match[bytes]) -> bytes:
    """Return the path that ends a match: two bytes before it have its length, and other bytes are before those."""
    starts = range(found.start(), found.end())
    lengths = (int.from_bytes(index[at - 2 : at]) & 0xFFF == found.end() - at for at in starts)
    return next((index[at : found.end()] for at, fits in zip(starts, lengths, strict=True) if fits), found[0])


def _index_of(top: Path) -> bytes:
    """Return git's index of a work tree, or nothing."""
    git = top / ".git"
    try:
        if git.is_file():
            git = top / reading.read(git, 4096).decode().partition("gitdir:")[2].strip()
        return reading.read(git / "index", _MOST_INDEX)
    except (OSError, ValueError):
        return b""
