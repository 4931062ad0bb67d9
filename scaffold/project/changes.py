"""What a render would change in a project, and what of it is ours to change. Nothing here writes."""

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
_UNKNOWN = "this spec does not have it, and git does not hold it"


class ChangeKind(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    UPDATE = "update"
    MODE = "mode"
    REMOVE = "remove"


class Cause(StrEnum):
    """Why a file differs from what a render wants."""

    MISSING = "missing"
    MODE = "mode"
    OBSTRUCTED = "obstructed"
    """Something that is not a file has its place."""
    EDITED = "edited"
    SPEC = "spec"
    """It was rendered from an earlier spec."""
    IMAGES = "images"
    """It names images as the standards had them before."""
    RECORD = "record"
    """The answers file: it still lists generated files that are left over."""
    LEFT_OVER = "left over"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One file that differs from what a render wants.

    `before` is None where no file is (nothing, or a link), `after` where none is wanted. `images` are the current
    references of the images that are the cause. `refusal` is empty when the file is ours to change; otherwise it says
    why not.
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

    `offered` are the starters that it was given before. What a killed render left (a temporary file, an emptied
    directory) is a removal.
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
    """Fail on paths no template may produce: such a render is a mistake in the template, not in the project."""
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
        standing = files.look(tree, file.path)
        if not _in_order(file, standing):
            yield _change(file, standing, recorded)


def _in_order(file: RenderedFile, standing: PathState) -> bool:
    if file.owner is not Owner.GENERATED:
        return standing.kind not in {Kind.ABSENT, Kind.BLOCKED}
    return standing.content == file.content and standing.executable == file.executable


def _change(file: RenderedFile, standing: PathState, recorded: Recorded) -> Change:
    kind = ChangeKind.UPDATE
    images: tuple[str, ...] = ()
    if standing.kind in {Kind.ABSENT, Kind.BLOCKED}:
        kind, cause = ChangeKind.CREATE, Cause.MISSING
    elif standing.content is None:
        cause = Cause.OBSTRUCTED
    elif standing.content == file.content:
        kind, cause = ChangeKind.MODE, Cause.MODE
    else:
        cause, images = recorded.explain(file.path, standing.content)
    return Change(
        path=file.path,
        kind=kind,
        cause=cause,
        owner=file.owner,
        before=standing.content,
        after=file.content,
        executable=file.executable,
        refusal=_refusal(standing, edited=cause is Cause.EDITED),
        images=images,
    )


def _refusal(standing: PathState, *, edited: bool) -> str:
    if fixed := immovable(standing):
        return fixed
    match standing.kind:
        case Kind.ABSENT:
            return ""
        case Kind.FILE:
            return _EDITED if edited else ""
        case _:
            return f"{standing.kind} stands here"


def immovable(standing: PathState) -> str:
    """Why not even `force` may put a file here; empty if it may."""
    if standing.kind is Kind.BLOCKED:
        return f"{standing.where} is a link or a file, not a directory, and nothing is written through it"
    return "a directory stands here" if standing.kind is Kind.DIRECTORY else ""


def _no_longer_generated(tree: int, current: Sequence[RenderedFile], recorded: Recorded) -> Iterator[Change]:
    """Yield removals of recorded files. What became a directory, or is behind a link, is not ours."""
    paths = {file.path for file in current}
    by_folded_path = {file.path.casefold(): file.path for file in current}
    for file in recorded.files:
        if file.owner is not Owner.GENERATED or file.path in paths:
            continue
        standing = files.look(tree, file.path)
        if standing.kind in {Kind.DIRECTORY, Kind.BLOCKED}:
            continue
        if standing.kind is Kind.ABSENT and not _is_below_an_empty_folder(tree, file.path):
            continue
        if _is_same_file(tree, standing, by_folded_path.get(file.path.casefold())):
            continue
        edited = standing.content is not None and recorded.explain(file.path, standing.content)[0] is Cause.EDITED
        yield removal(file.path, standing.content, _refusal(standing, edited=edited))


def _left_by_copier(tree: int, recorded: Recorded) -> Iterator[Change]:
    """Yield removals of files that were generated before the render that is recorded: their bytes are not known."""
    for path in sorted(recorded.left_over):
        content = files.look(tree, path).content
        if content is not None:
            yield removal(path, content, _UNKNOWN)


def _is_below_an_empty_folder(tree: int, path: str) -> bool:
    """Whether the nearest directory left above a path is empty, as a render killed before its last step leaves it."""
    for folder in files.folders(path):
        names = files.names(tree, folder)
        if names is not None:
            return not names
    return False


def _is_same_file(tree: int, standing: PathState, wanted: str | None) -> bool:
    """Whether a file system that ignores case shows a wanted file under the name it had before."""
    return wanted is not None and files.look(tree, wanted).identity == standing.identity != files.ABSENT.identity


def removal(path: str, before: bytes | None, refusal: str = "") -> Change:
    """The removal of a generated file that holds these bytes."""
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
