"""Computes what a render would change in a project, and which of it is ours to change. Never writes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scaffold.project import files
from scaffold.project.files import Kind, PathState
from scaffold.rendering.rendered_file import Owner, RenderedFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from scaffold.project.recorded import Recorded

_EDITED = "edited by hand, and git does not hold the edit"
_UNKNOWN = "not in this spec, and git does not hold it"


class ChangeKind(StrEnum):
    """The effect of a change on a file."""

    CREATE = "create"
    UPDATE = "update"
    MODE = "mode"
    REMOVE = "remove"


class Cause(StrEnum):
    """The reason why a file differs from a render."""

    MISSING = "missing"
    MODE = "mode"
    OBSTRUCTED = "obstructed"
    """Something other than a file is in its place."""
    EDITED = "edited"
    SPEC = "spec"
    """It was rendered from an earlier spec."""
    IMAGES = "images"
    """It names images that the standards have since replaced."""
    RECORD = "record"
    """The answers file: it still lists generated files that are left over."""
    LEFT_OVER = "left over"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One file that differs from a render.

    `before` is None if there is no regular file, `after` if none is wanted. `images` are the current references of the
    images that are the cause. `refusal` is empty if the file is ours to change; otherwise it is the reason why not.
    """

    path: str
    kind: ChangeKind
    cause: Cause
    owner: Owner
    before: bytes | None
    after: bytes | None
    executable: bool
    refusal: str
    images: tuple[str, ...] = ()


def compare(
    root: Path, *, current: Sequence[RenderedFile], recorded: Recorded, offered: Collection[str]
) -> list[Change]:
    """Compare a project with the current render, sorted by path; nothing is written.

    `offered` are the starters that it has been given. The leftovers of a killed render (a temporary file, an empty
    directory) become removals.
    """
    _require_sound(current)
    _require_sound(recorded.files)
    with files.explained("read", root), files.opened(root) as tree:
        changes = [
            *_wanted(tree, current, recorded, offered),
            *_no_longer_generated(tree, current, recorded),
            *_left_by_copier(tree, recorded),
            *_temporary_files(tree, [*current, *recorded.files]),
        ]
    return _released_by_git(root, sorted(changes, key=lambda change: change.path))


def _require_sound(rendered: Sequence[RenderedFile]) -> None:
    """Fail on paths that no template may produce: such a render is a bug in the template, not in the project."""
    folded = Counter(file.path.casefold() for file in rendered)
    folders = {folder.casefold() for file in rendered for folder in files.folders(file.path)}
    for file in rendered:
        files.require_inside(file.path)
        if folded[file.path.casefold()] > 1:
            raise ValueError(f"{file.path!r} is rendered twice, or differs from another output only by case")
        if file.path.casefold() in folders:
            raise ValueError(f"{file.path!r} is a file and a directory")


def _wanted(
    tree: int, current: Sequence[RenderedFile], recorded: Recorded, offered: Collection[str]
) -> Iterator[Change]:
    for file in current:
        if file.owner is Owner.STARTER and file.path in offered:
            continue
        state = files.look(tree, file.path)
        if not _in_order(file, state):
            yield _change(file, state, recorded)


def _in_order(file: RenderedFile, state: PathState) -> bool:
    if file.owner is not Owner.GENERATED:
        return state.kind not in {Kind.ABSENT, Kind.BLOCKED}
    return state.content == file.content and state.executable == file.executable


def _change(file: RenderedFile, state: PathState, recorded: Recorded) -> Change:
    kind = ChangeKind.UPDATE
    images: tuple[str, ...] = ()
    if state.kind in {Kind.ABSENT, Kind.BLOCKED}:
        kind, cause = ChangeKind.CREATE, Cause.MISSING
    elif state.content is None:
        cause = Cause.OBSTRUCTED
    elif state.content == file.content:
        kind, cause = ChangeKind.MODE, Cause.MODE
    else:
        cause, images = recorded.explain(file.path, state.content)
    return Change(
        path=file.path,
        kind=kind,
        cause=cause,
        owner=file.owner,
        before=state.content,
        after=file.content,
        executable=file.executable,
        refusal=_refusal(state, edited=cause is Cause.EDITED),
        images=images,
    )


def _refusal(state: PathState, *, edited: bool) -> str:
    if fixed := immovable(state):
        return fixed
    match state.kind:
        case Kind.ABSENT:
            return ""
        case Kind.FILE:
            return _EDITED if edited else ""
        case _:
            return f"{state.kind} is in its place"


def immovable(state: PathState) -> str:
    """Return why a file cannot be written here even with `force`; empty if it can."""
    if state.kind is Kind.BLOCKED:
        return f"{state.where} is a link or a file, not a directory, and nothing is written through it"
    return "a directory is in its place" if state.kind is Kind.DIRECTORY else ""


def _no_longer_generated(tree: int, current: Sequence[RenderedFile], recorded: Recorded) -> Iterator[Change]:
    """Yield removals of recorded files. A path that is now a directory, or behind a link, is not ours."""
    paths = {file.path for file in current}
    by_folded_path = {file.path.casefold(): file.path for file in current}
    for file in recorded.files:
        if file.owner is not Owner.GENERATED or file.path in paths:
            continue
        state = files.look(tree, file.path)
        if state.kind in {Kind.DIRECTORY, Kind.BLOCKED}:
            continue
        if state.kind is Kind.ABSENT and not _is_below_an_empty_folder(tree, file.path):
            continue
        if _is_same_file(tree, state, by_folded_path.get(file.path.casefold())):
            continue
        edited = state.content is not None and recorded.explain(file.path, state.content)[0] is Cause.EDITED
        yield removal(file.path, state.content, _refusal(state, edited=edited))


def _left_by_copier(tree: int, recorded: Recorded) -> Iterator[Change]:
    """Yield removals of files generated before the recorded render, whose original bytes are unknown."""
    for path in sorted(recorded.left_over):
        content = files.look(tree, path).content
        if content is not None:
            yield removal(path, content, _UNKNOWN)


def _is_below_an_empty_folder(tree: int, path: str) -> bool:
    """Return whether the nearest existing directory above a path is empty, as a killed render may leave it."""
    for folder in files.folders(path):
        names = files.names(tree, folder)
        if names is not None:
            return not names
    return False


def _is_same_file(tree: int, state: PathState, wanted: str | None) -> bool:
    """Return whether a case-insensitive file system shows a wanted file under its earlier name."""
    return wanted is not None and files.look(tree, wanted).identity == state.identity != files.ABSENT.identity


def removal(path: str, before: bytes | None, refusal: str = "") -> Change:
    """Return the removal of a generated file with these bytes."""
    return Change(
        path=path,
        kind=ChangeKind.REMOVE,
        cause=Cause.LEFT_OVER,
        owner=Owner.GENERATED,
        before=before,
        after=None,
        executable=False,
        refusal=refusal,
    )


def _temporary_files(tree: int, rendered: Sequence[RenderedFile]) -> Iterator[Change]:
    for folder in sorted({file.path.rpartition("/")[0] for file in rendered}):
        for name in filter(files.is_temporary_file, files.names(tree, folder) or ()):
            path = f"{folder}/{name}" if folder else name
            if files.look(tree, path).kind is Kind.FILE:
                yield removal(path, None)


def _released_by_git(root: Path, changes: list[Change]) -> list[Change]:
    edited = {
        change.path: change.before
        for change in changes
        if change.refusal in {_EDITED, _UNKNOWN} and change.before is not None
    }
    if not edited:
        return changes
    from scaffold.project import git as project_git

    held = project_git.held(root, edited)
    return [replace(change, refusal="") if change.path in held else change for change in changes]
