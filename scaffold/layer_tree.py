"""The files that layers come to, and which of them the upper layers change. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.layers import Gone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scaffold.layers import Entry, Layer, Path

_MOST_LINKS = 40  # as Linux: https://man7.org/linux/man-pages/man7/path_resolution.7.html


def altered(layers: Sequence[Layer], base: int) -> list[str]:
    """The files of the first `base` layers that the others replace, change or remove: absolute paths, sorted.

    Folders do not count. Raises CannotDecideError for layers that no engine would unpack.
    """
    before, after = flattened(layers[:base]), flattened(layers)
    return sorted(path for path, entry in before.items() if after.get(path) != entry)


def flattened(layers: Sequence[Layer]) -> dict[str, Entry]:
    """The files that layers come to, without folders, by their absolute paths."""
    tree = _Tree()
    for number, layer in enumerate(layers):
        tree.apply(layer, number)
    return {f"/{'/'.join(path)}": entry for path, entry in tree.files()}


@dataclass
class _Node:
    """A file or a folder, and the number of the layer that brought it last."""

    entry: Entry | None = None
    layer: int = -1
    children: dict[str, _Node] = field(default_factory=dict)


class _Tree:
    """A file system, as layers make it: a path leads through symbolic links."""

    def __init__(self) -> None:
        self._root = _Node()

    def apply(self, layer: Layer, number: int) -> None:
        """Put a layer on top."""
        for path, change in layer:
            if change is Gone.CONTENT:
                _forget(self._find(path), number)
            elif change is Gone.FILE:
                self._find(path[:-1]).children.pop(path[-1], None)
            else:
                node = self._find(path[:-1]).children.setdefault(path[-1], _Node())
                node.entry, node.layer = change, number
                if change.kind != "folder":
                    node.children.clear()

    def files(self) -> Iterator[tuple[Path, Entry]]:
        """Everything but folders."""
        waiting: list[tuple[Path, _Node]] = [((), self._root)]
        while waiting:
            path, node = waiting.pop()
            if node.entry is not None and node.entry.kind != "folder":
                yield path, node.entry
            waiting += [((*path, name), child) for name, child in node.children.items()]

    def _find(self, path: Iterable[str]) -> _Node:
        """The folder at a path, links followed; made if it is not there, as engines do."""
        waiting, walked, links = list(reversed(list(path))), [self._root], 0
        while waiting:
            name = waiting.pop()
            if name == "..":
                walked = walked[:-1] or walked
                continue
            node = walked[-1].children.setdefault(name, _Node())
            if node.entry is not None and node.entry.kind == "symlink":
                links += 1
                if links > _MOST_LINKS:
                    raise CannotDecideError("a layer has a path through too many links")
                target = node.entry.content
                walked = [self._root] if target.startswith("/") else walked
                waiting += [part for part in reversed(target.split("/")) if part not in {"", "."}]
            else:
                walked.append(node)
        return walked[-1]


def _forget(folder: _Node, number: int) -> None:
    """Remove from a folder what this layer has not brought."""
    folder.children = {name: child for name, child in folder.children.items() if child.layer == number}
    for child in folder.children.values():
        _forget(child, number)
