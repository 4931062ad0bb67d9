"""File operations inside one directory tree: links are not followed, files are never torn, the outside is not touched.

A tree is the file descriptor of its root. Every path is walked from there one component at a time with `O_NOFOLLOW`, so
a directory that is swapped for a link, before or during a render, is noticed and never entered.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.project.observation import NAMES, STATE, noted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, a named pipe that takes a file's place between two calls would block the command for ever.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_BYTES = 8 * 1024 * 1024
"""The size of the largest file that is compared with a render."""
_TEMPORARY_FILE = re.compile(r"\..*\.[0-9a-f]{16}\.scaffold-part", re.DOTALL)


class Kind(StrEnum):
    """The kind of a path."""

    ABSENT = "nothing"
    FILE = "a file"
    SYMLINK = "a symbolic link"
    DIRECTORY = "a directory"
    SPECIAL = "a special file"
    LARGE = "a very large file"
    BLOCKED = "a path through something that is not a directory"


@dataclass(frozen=True, kw_only=True)
class PathState:
    """The state of a path: its kind, and the bytes of a file; `where` is the component that blocks access to it."""

    kind: Kind
    content: bytes | None = None
    executable: bool = False
    identity: tuple[int, int] = (0, 0)
    where: str = ""


ABSENT = PathState(kind=Kind.ABSENT)


class BlockedError(OSError):
    """A parent of the path is a link or a file; `where` is its path."""

    def __init__(self, where: str) -> None:
        super().__init__(errno.ENOTDIR, "not a real directory", where)
        self.where = where


def require_inside(path: str) -> None:
    """Fail on a path that no render writes: not relative, not POSIX, not normalised, or inside git's own directory."""
    parts = path.split("/")
    if "\0" in path or "\\" in path or any(part in {"", ".", ".."} or part.casefold() == ".git" for part in parts):
        raise ValueError(f"{path!r} is not a path inside a project")


def folders(path: str) -> Iterator[str]:
    """Yield the directories above a path, the nearest first, without the root."""
    while path := path.rpartition("/")[0]:
        yield path


def is_temporary_file(path: str) -> bool:
    """Return whether a path has a name of `temporary_file`."""
    return _TEMPORARY_FILE.fullmatch(path.rpartition("/")[2]) is not None


@contextmanager
def explained(verb: str, root: Path, path: str = "") -> Iterator[None]:
    """Turn an operating system error into one that states the failed operation, the file and the reason."""
    try:
        yield
    except OSError as error:
        place = root / (path or str(error.filename or ""))
        raise CannotDecideError(f"cannot {verb} {place}: {error.strerror or error}") from error


@contextmanager
def _placed(path: str) -> Iterator[None]:
    """Add the whole path in the tree to an error, since the system knows only the last component."""
    try:
        yield
    except OSError as error:
        error.filename = path
        raise


@contextmanager
def opened(root: Path) -> Iterator[int]:
    """Open a tree. The root itself may be a link, because the user named it."""
    with _placed("."):
        tree = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield tree
    finally:
        os.close(tree)


@contextmanager
def parent(tree: int, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """Open the directory of a path, and yield its descriptor and the last component of the path."""
    *way, name = path.split("/")
    folder = tree
    try:
        for depth in range(len(way)):
            below = _enter(folder, way, depth, create=create)
            if folder != tree:
                os.close(folder)
            folder = below
        yield folder, name
    finally:
        if folder != tree:
            os.close(folder)


def _enter(folder: int, way: list[str], depth: int, *, create: bool) -> int:
    try:
        return os.open(way[depth], _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    except OSError as error:
        if error.errno in {errno.ENOTDIR, errno.ELOOP}:
            raise BlockedError("/".join(way[: depth + 1])) from error
        raise
    with suppress(FileExistsError):
        os.mkdir(way[depth], dir_fd=folder)
    return _enter(folder, way, depth, create=False)


def look(tree: int, path: str) -> PathState:
    """Return the state of a path; links are not followed."""
    try:
        with _placed(path), parent(tree, path) as (folder, name):
            standing = look_in(folder, name)
    except FileNotFoundError:
        standing = ABSENT
    except BlockedError as blocked:
        standing = PathState(kind=Kind.BLOCKED, where=blocked.where)
    return noted((STATE, path), standing)


def look_in(folder: int, name: str) -> PathState:
    """Return the state of a name in an open directory."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            return _other(status)
        file = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return ABSENT
    try:
        status = os.fstat(file)
        content = _read(file, min(status.st_size, MOST_BYTES)) if stat.S_ISREG(status.st_mode) else None
        return _other(status) if content is None or len(content) > MOST_BYTES else _file(status, content)
    finally:
        os.close(file)


def _read(file: int, size: int) -> bytes:
    content = b""
    while len(content) <= MOST_BYTES and (chunk := os.read(file, size + 1)):
        content += chunk
    return content


def _file(status: os.stat_result, content: bytes) -> PathState:
    executable = bool(status.st_mode & stat.S_IXUSR)
    return PathState(kind=Kind.FILE, content=content, executable=executable, identity=(status.st_dev, status.st_ino))


def _other(status: os.stat_result) -> PathState:
    kinds = {stat.S_IFLNK: Kind.SYMLINK, stat.S_IFDIR: Kind.DIRECTORY, stat.S_IFREG: Kind.LARGE}
    kind = kinds.get(stat.S_IFMT(status.st_mode), Kind.SPECIAL)
    return PathState(kind=kind, identity=(status.st_dev, status.st_ino))


@contextmanager
def temporary_file(folder: int, name: str, content: bytes, *, executable: bool) -> Iterator[str]:
    """Write complete content under a temporary name, and remove it afterwards unless it was renamed.

    The name is unique, so that a simultaneous render without a working lock does not rename a half-written file, and
    recognisable, so that a later render removes the leftovers of a killed one.
    """
    temporary = f".{name[:50]}.{os.urandom(8).hex()}.scaffold-part"
    try:
        _fill(folder, temporary, content, executable=executable)
        yield temporary
    finally:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)


def _fill(folder: int, name: str, content: bytes, *, executable: bool) -> None:
    # The mode is set at creation: the kernel applies the umask, and the file never has another mode.
    file = os.open(name, _CREATE, 0o755 if executable else 0o644, dir_fd=folder)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        os.fsync(file)
    finally:
        os.close(file)


def rename(folder: int, old: str, new: str) -> None:
    """Rename within a directory. A link or a hard link at the new name is replaced, never written through."""
    os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)


def names(tree: int, folder: str) -> list[str] | None:
    """List a directory of the tree, sorted ("" is the root); None if it is not a real directory."""
    try:
        with _placed(folder), parent(tree, _inside(folder)) as (descriptor, _), os.scandir(descriptor) as entries:
            found = sorted(entry.name for entry in entries)
    except (FileNotFoundError, BlockedError):
        return noted((NAMES, folder), None)
    return noted((NAMES, folder), found)


def sync(tree: int, folder: str) -> None:
    """Flush renames and removals in a directory to disk; ignore a missing one, or a file system without support."""
    try:
        with parent(tree, _inside(folder)) as (descriptor, _):
            os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:
            raise


def _inside(folder: str) -> str:
    return f"{folder}/-" if folder else "-"
