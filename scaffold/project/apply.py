"""The only writer of a user's files: makes the changes that `compare` lists, and replaces single files.

Each file is entirely old or entirely new at every moment, and the answers file, which remembers what the project was
rendered from, is written last: a render that was cut short is finished by the next one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError, RefusedError
from scaffold.project import files
from scaffold.project.answers import ANSWERS
from scaffold.project.changes import Change, ChangeKind, immovable
from scaffold.project.files import Kind, PathState
from scaffold.rendering.rendered_file import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


_NO_HARD_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}

_EDITED_SINCE = "changed while this command was running; run it again"


def apply(root: Path, changes: Sequence[Change], *, force: bool = False) -> None:
    """Make the changes, the answers file last; raise before the first of them if one is refused.

    With `force`, what would be refused is kept as `PATH.orig` first; a directory in a file's place and a path through a
    link stay refused. The notes of the error give the reasons. A file edited since `compare` is refused too, and one
    that is as wanted by now is left alone. A hard-linked file is replaced under this name only: its other names keep
    their bytes.
    """
    for change in changes:
        files.require_inside(change.path)
    if not changes:
        return
    with files.explained("read", root), files.opened(root) as tree:
        if not _lock(tree):
            raise CannotDecideError(f"{root}: another render is under way; run this again when it has finished")
        _refuse(tree, changes, force=force)
        _make(root, tree, [change for change in changes if change.path != ANSWERS], force=force)
        _make(root, tree, [change for change in changes if change.path == ANSWERS], force=force)


def replace(path: Path, *, before: bytes, after: bytes) -> None:
    """Put new bytes in the place of a file that still holds the old ones; its mode stays, and a link is followed.

    Raises RefusedError if it does not hold them, CannotDecideError if it cannot be written.
    """
    with files.explained("write", path.parent, path.name):
        path = path.resolve()
    with files.explained("write", path.parent, path.name), files.opened(path.parent) as folder:
        if not _lock(folder):
            raise CannotDecideError(f"{path.parent}: another render is under way; run this again when it has finished")
        with files.temporary_file(folder, path.name, after, executable=False) as temporary:
            standing = files.look_in(folder, path.name)
            if standing.content != before:
                raise _refused({path.name: immovable(standing) or _EDITED_SINCE})
            mode = os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode
            os.chmod(temporary, stat.S_IMODE(mode), dir_fd=folder)
            files.rename(folder, temporary, path.name)
        files.sync(folder, "")


def _lock(tree: int) -> bool:
    """Take the tree for this process until it is closed; False if another one has it.

    A file system without locks counts as free: the lock saves two renders from refusing each other's work halfway, and
    nothing else depends on it.
    """
    try:
        fcntl.flock(tree, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF}:
            raise
    return True


def _refuse(tree: int, changes: Sequence[Change], *, force: bool) -> None:
    reasons = {change.path: _objection(change, files.look(tree, change.path), force=force) for change in changes}
    if any(reasons.values()):
        raise _refused({path: reason for path, reason in reasons.items() if reason})


def _refused(reasons: Mapping[str, str]) -> RefusedError:
    error = RefusedError(reasons)
    for path, reason in sorted(reasons.items()):
        error.add_note(f"{path}: {reason}")
    return error


def _objection(change: Change, standing: PathState, *, force: bool) -> str:
    """Why a change may not be made with what stands there now; empty if it may, or is made already."""
    if _is_made(change, standing):
        return ""
    if fixed := immovable(standing):
        return fixed
    if force or standing.kind is Kind.ABSENT:
        return ""
    return change.refusal if _is_as_seen(change, standing) else _EDITED_SINCE


def _is_made(change: Change, standing: PathState) -> bool:
    if change.kind is ChangeKind.REMOVE:
        return standing.kind in {Kind.ABSENT, Kind.DIRECTORY, Kind.BLOCKED}
    if change.owner is not Owner.GENERATED:
        return standing.kind not in {Kind.ABSENT, Kind.BLOCKED}
    return standing.content == change.after and standing.executable == change.executable


def _is_as_seen(change: Change, standing: PathState) -> bool:
    """Whether what stands there is what `compare` saw, where it saw something and judged it."""
    judged = change.before is not None or change.refusal
    return files.is_temporary_file(change.path) or bool(judged and standing.content == change.before)


def _make(root: Path, tree: int, changes: Sequence[Change], *, force: bool) -> None:
    for change in sorted(changes, key=lambda change: (change.kind is ChangeKind.REMOVE, change.path)):
        remove = change.kind is ChangeKind.REMOVE
        with files.explained("remove" if remove else "write", root, change.path):
            (_remove if remove else _write)(tree, change, force=force)
    for folder in sorted({folder for change in changes for folder in ("", *files.folders(change.path))}):
        with files.explained("write", root, folder or "."):
            files.sync(tree, folder)


def _write(tree: int, change: Change, *, force: bool) -> None:
    content = change.after or b""
    with (
        files.parent(tree, change.path, create=True) as (folder, name),
        files.temporary_file(folder, name, content, executable=change.executable) as temporary,
    ):
        if not _give_way(change, folder, name, force=force):
            return
        try:
            files.rename(folder, temporary, name)
        except FileNotFoundError:
            raise CannotDecideError(f"{change.path}: another render runs at the same time; run this again") from None


def _remove(tree: int, change: Change, *, force: bool) -> None:
    with suppress(FileNotFoundError, files.BlockedError), files.parent(tree, change.path) as (folder, name):
        if _give_way(change, folder, name, force=force):
            os.unlink(name, dir_fd=folder)
    _prune(tree, change.path)


def _prune(tree: int, path: str) -> None:
    """Remove the directories above a path that are empty now; the root stays."""
    for above in files.folders(path):
        try:
            with files.parent(tree, above) as (folder, name):
                os.rmdir(name, dir_fd=folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EBUSY}:
                raise
            return


def _give_way(change: Change, folder: int, name: str, *, force: bool) -> bool:
    """Look once more at what a change replaces, and keep it if it is not ours; False if nothing is left to do."""
    standing = files.look_in(folder, name)
    if _is_made(change, standing):
        return False
    if reason := _objection(change, standing, force=force):
        raise _refused({change.path: reason})
    if standing.kind is not Kind.ABSENT and (change.refusal or not _is_as_seen(change, standing)):
        _keep(folder, name, standing)
    return True


def _keep(folder: int, name: str, standing: PathState) -> None:
    """Give what stands at a name a second one, `NAME.orig`, or the first free `NAME.orig.N`: no earlier copy is lost.

    A hard link, where there are such, does it in one step: the name is never absent, and an editor that saves at this
    very moment writes into the copy.
    """
    for number in count():
        aside = f"{name}.orig.{number}" if number else f"{name}.orig"
        there = files.look_in(folder, aside)
        if there.identity == standing.identity or (there.content is not None and there.content == standing.content):
            return
        if there.kind is Kind.ABSENT and _link(folder, name, aside):
            return


def _link(folder: int, name: str, aside: str) -> bool:
    try:
        os.link(name, aside, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        files.rename(folder, name, aside)
    return True
