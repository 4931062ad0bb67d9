"""The files that layers come to, and which of them the upper layers change. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.oci.layer import Whiteout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.oci.layer import Layer, LayerEntry, LayerPath


def altered(layers: Sequence[Layer], base: int) -> list[str]:
    """The files of the first `base` layers that the others replace, change or remove: absolute paths, sorted.

    Folders do not count. Raises CannotDecideError for layers that no engine would unpack.
    """
    before, after = flattened(layers[:base]), flattened(layers)
    return sorted(path for path, entry in before.items() if after.get(path) != entry)


def flattened(layers: Sequence[Layer]) -> dict[str, LayerEntry]:
    """The files that layers come to, without folders, by their absolute paths."""
    tree = _Tree()
    for number, layer in enumerate(layers):
        tree.apply(layer, number)
    return {f"/{'/'.join(path)}": entry for path, entry in tree.files()}


@dataclass
class _Node:
    """A file or a folder, and the number of the layer that brought it last."""

    entry: LayerEntry | None = None
    layer: int = -1
    children: dict[str, _Node] = field(default_factory=dict)


class _Tree:
    """A file system, as layers make it."""

    def __init__(self) -> None:
        self._root = _Node()

    def apply(self, layer: Layer, number: int) -> None:
        """Put a layer on top."""
        for path, change in layer:
            if change is Whiteout.CONTENT:
                _forget(self._find(path), number)
            elif change is Whiteout.FILE:
                self._find(path[:-1]).children.pop(path[-1], None)
            else:
                node = self._find(path[:-1]).children.setdefault(path[-1], _Node())
                node.entry, node.layer = change, number
                if change.kind != "folder":
                    node.children.clear()

    def files(self) -> Iterator[tuple[LayerPath, LayerEntry]]:
        """Everything but folders."""
        waiting: list[tuple[LayerPath, _Node]] = [((), self._root)]
        while waiting:
            path, node = waiting.pop()
            if node.entry is not None and node.entry.kind != "folder":
                yield path, node.entry
            waiting += [((*path, name), child) for name, child in node.children.items()]

    def _find(self, path: LayerPath) -> _Node:
        """The folder at a path, made if it is not there, as engines do.

        They unpack a layer by itself, so that a path through a link of a lower one puts a folder in the link's place;
        builders write no such path.
        """
        node = self._root
        for name in path:
            node = node.children.setdefault(name, _Node())
            if node.entry is not None and node.entry.kind != "folder":
                raise CannotDecideError("a layer has a path through what is no folder")
        return node


def _forget(folder: _Node, number: int) -> bool:
    """Remove from a folder what this layer has not brought; whether anything is left."""
    kept = {name: child for name, child in folder.children.items() if _forget(child, number) or child.layer == number}
    folder.children = kept
    return bool(kept)
