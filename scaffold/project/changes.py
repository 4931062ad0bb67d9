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

_EDITED = "edited by hand, and git does not hold the edit"
_UNKNOWN = "this spec does not have it, and git does not hold it"
_MARK = b"from lambda-image.yaml"


class ChangeKind(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    UPDATE = "update"
    MODE = "mode"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One file that differs from what a render wants.

    `before` is None where no file stands (nothing, or a link), `after` where none is wanted. `refusal` is empty when
    the file is ours to change; otherwise it says why not.
    """

    path: str
    kind: ChangeKind
    owner: Owner
    before: bytes | None
    after: bytes | None
    executable: bool
    refusal: str


def compare(
    root: Path,
    *,
    current: Sequence[RenderedFile],
    recorded: Sequence[RenderedFile],
    offered: Collection[str],
    absent: Collection[str] = (),
) -> list[Change]:
    """Compare a project with the current render, sorted by path; nothing is written.

    `recorded` is the render of what the project was last rendered from, `offered` the starters it was given before,
    `absent` the paths that other specs of the template have: Copier, which removes nothing, may have left them.
    What a killed render left (a temporary file, an emptied directory) is a removal.
    """
    _require_sound(current)
    _require_sound(recorded)
    with files.explained("read", root), files.opened(root) as tree:
        changes = [
            *_wanted(tree, current, recorded, offered),
            *_gone(tree, current, recorded),
            *_left(tree, set(absent) - {file.path for file in recorded}),
            *_litter(tree, [*current, *recorded]),
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
    tree: int, current: Sequence[RenderedFile], recorded: Sequence[RenderedFile], offered: Collection[str]
) -> Iterator[Change]:
    earlier = {file.path: file.content for file in recorded}
    for file in current:
        if file.owner is Owner.STARTER and file.path in offered:
            continue
        standing = files.look(tree, file.path)
        if not _in_order(file, standing):
            yield _change(file, standing, earlier.get(file.path))


def _in_order(file: RenderedFile, standing: PathState) -> bool:
    if file.owner is not Owner.GENERATED:
        return standing.kind not in {Kind.ABSENT, Kind.BLOCKED}
    return standing.content == file.content and standing.executable == file.executable


def _change(file: RenderedFile, standing: PathState, earlier: bytes | None) -> Change:
    kind = ChangeKind.UPDATE
    if standing.kind in {Kind.ABSENT, Kind.BLOCKED}:
        kind = ChangeKind.CREATE
    elif standing.content == file.content:
        kind = ChangeKind.MODE
    return Change(
        path=file.path,
        kind=kind,
        owner=file.owner,
        before=standing.content,
        after=file.content,
        executable=file.executable,
        refusal=_refusal(standing, (file.content, earlier)),
    )


def _refusal(standing: PathState, ours: Collection[bytes | None]) -> str:
    if fixed := immovable(standing):
        return fixed
    match standing.kind:
        case Kind.ABSENT:
            return ""
        case Kind.FILE:
            return "" if standing.content in ours else _EDITED
        case _:
            return f"{standing.kind} stands here"


def immovable(standing: PathState) -> str:
    """Why not even `force` may put a file here; empty if it may."""
    if standing.kind is Kind.BLOCKED:
        return f"{standing.where} is a link or a file, not a directory, and nothing is written through it"
    return "a directory stands here" if standing.kind is Kind.DIRECTORY else ""


def _gone(tree: int, current: Sequence[RenderedFile], recorded: Sequence[RenderedFile]) -> Iterator[Change]:
    """Yield removals of what is no longer generated. What became a directory, or lies behind a link, is not ours."""
    paths = {file.path for file in current}
    twins = {file.path.casefold(): file.path for file in current}
    for file in recorded:
        if file.owner is not Owner.GENERATED or file.path in paths:
            continue
        standing = files.look(tree, file.path)
        if standing.kind is Kind.ABSENT and not _hollow(tree, file.path):
            continue
        if standing.kind in {Kind.DIRECTORY, Kind.BLOCKED} or _is_twin(tree, standing, twins.get(file.path.casefold())):
            continue
        yield removal(file.path, standing.content, _refusal(standing, (file.content,)))


def _left(tree: int, absent: Collection[str]) -> Iterator[Change]:
    """Yield removals of files that another spec's render left: its first lines say that it was generated."""
    for path in sorted(absent):
        content = files.look(tree, path).content
        if content is not None and _MARK in b"".join(content.split(b"\n", 3)[:3]):
            yield removal(path, content, _UNKNOWN)


def _hollow(tree: int, path: str) -> bool:
    """Whether the nearest directory left above a path is empty, as a render killed before its last step leaves it."""
    for folder in files.folders(path):
        names = files.names(tree, folder)
        if names is not None:
            return not names
    return False


def _is_twin(tree: int, standing: PathState, twin: str | None) -> bool:
    """Whether a file system that ignores case shows a wanted file under the name it had before."""
    return twin is not None and files.look(tree, twin).identity == standing.identity != files.ABSENT.identity


def removal(path: str, before: bytes | None, refusal: str = "") -> Change:
    """The removal of a generated file that holds these bytes."""
    return Change(
        path=path,
        kind=ChangeKind.REMOVE,
        owner=Owner.GENERATED,
        before=before,
        after=None,
        executable=False,
        refusal=refusal,
    )


def _litter(tree: int, rendered: Sequence[RenderedFile]) -> Iterator[Change]:
    for folder in sorted({file.path.rpartition("/")[0] for file in rendered}):
        for name in filter(files.is_part, files.names(tree, folder) or ()):
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
