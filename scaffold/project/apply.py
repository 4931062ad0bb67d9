"""The only writer of a user's files: makes the changes that `compare` lists, and replaces single files.

Each file is entirely old or entirely new at every moment. The answers file is written last, so that the next render
completes an interrupted one.
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
    """Make the changes, the answers file last. Raises RefusedError before the first change if one is refused.

    With `force`, files that would be refused are first kept as `PATH.orig`; a directory in a file's place and a path
    through a link stay refused. The notes of the error have the reasons. A file edited since `compare` is refused too,
    and one that already is as wanted is left alone. A hard-linked file is replaced under this name only: its other
    names keep their bytes.
    """
    for change in changes:
        files.require_inside(change.path)
    if not changes:
        return
    with files.explained("read", root), files.opened(root) as tree:
        if not _lock(tree):
            raise CannotDecideError(f"{root}: another render is running; run this again when it has finished")
        _refuse(tree, changes, force=force)
        _make(root, tree, [change for change in changes if change.path != ANSWERS], force=force)
        _make(root, tree, [change for change in changes if change.path == ANSWERS], force=force)


def replace(path: Path, *, before: bytes, after: bytes) -> None:
    """Replace the bytes of a file that still has the expected ones; its mode stays, and a link is followed.

    Raises RefusedError if the file has changed, CannotDecideError if it cannot be written.
    """
    with files.explained("write", path.parent, path.name):
        path = path.resolve()
    with files.explained("write", path.parent, path.name), files.opened(path.parent) as folder:
        if not _lock(folder):
            raise CannotDecideError(f"{path.parent}: another render is running; run this again when it has finished")
        with files.temporary_file(folder, path.name, after, executable=False) as temporary:
            state = files.look_in(folder, path.name)
            if state.content != before:
                raise _refused({path.name: immovable(state) or _EDITED_SINCE})
            mode = os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode
            os.chmod(temporary, stat.S_IMODE(mode), dir_fd=folder)
            files.rename(folder, temporary, path.name)
        files.sync(folder, "")


def _lock(tree: int) -> bool:
    """Lock the tree for this process until it is closed; return False if another process holds the lock.

    A file system without locks counts as free: the lock only prevents two renders from refusing each other's changes.
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


def _objection(change: Change, state: PathState, *, force: bool) -> str:
    """Return why a change must not be made to the file as it is now; empty if it may, or is already made."""
    if _is_made(change, state):
        return ""
    if fixed := immovable(state):
        return fixed
    if force or state.kind is Kind.ABSENT:
        return ""
    return change.refusal if _is_as_seen(change, state) else _EDITED_SINCE


def _is_made(change: Change, state: PathState) -> bool:
    if change.kind is ChangeKind.REMOVE:
        return state.kind in {Kind.ABSENT, Kind.DIRECTORY, Kind.BLOCKED}
    if change.owner is not Owner.GENERATED:
        return state.kind not in {Kind.ABSENT, Kind.BLOCKED}
    return state.content == change.after and state.executable == change.executable


def _is_as_seen(change: Change, state: PathState) -> bool:
    """Return whether the file is as `compare` saw it, if `compare` saw and classified one."""
    judged = change.before is not None or change.refusal
    return files.is_temporary_file(change.path) or bool(judged and state.content == change.before)


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
            raise CannotDecideError(f"{change.path}: another render is running; run this again") from None


def _remove(tree: int, change: Change, *, force: bool) -> None:
    with suppress(FileNotFoundError, files.BlockedError), files.parent(tree, change.path) as (folder, name):
        if _give_way(change, folder, name, force=force):
            os.unlink(name, dir_fd=folder)
    _prune(tree, change.path)


def _prune(tree: int, path: str) -> None:
    """Remove the directories above a path that are now empty; the root stays."""
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
    """Check a file again before replacing it, and keep it if it is not ours; return False if nothing is left to do."""
    state = files.look_in(folder, name)
    if _is_made(change, state):
        return False
    if reason := _objection(change, state, force=force):
        raise _refused({change.path: reason})
    if state.kind is not Kind.ABSENT and (change.refusal or not _is_as_seen(change, state)):
        _keep(folder, name, state)
    return True


def _keep(folder: int, name: str, state: PathState) -> None:
    """Keep a file under a second name, `NAME.orig` or the first free `NAME.orig.N`, so that no earlier copy is lost.

    A hard link, if supported, does this in one step: the name always exists, and an editor that saves at this moment
    writes to the copy.
    """
    for number in count():
        aside = f"{name}.orig.{number}" if number else f"{name}.orig"
        there = files.look_in(folder, aside)
        if there.identity == state.identity or (there.content is not None and there.content == state.content):
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
