"""The file system that layers produce, and the files in it that upper layers change. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.oci.layer import LayerEntry, Whiteout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.oci.layer import Layer, LayerPath


def altered(layers: Sequence[Layer], base: int) -> list[str]:
    """Return the files of the first `base` layers that the others replace, change or remove: absolute paths, sorted.

    A directory counts, with a slash at its end, if it has other rights or another owner. Raises CannotDecideError for
    layers that no engine would unpack.
    """
    before, after = _entries(layers[:base]), _entries(layers)
    files = [path for path, entry in before.items() if entry.kind != "folder" and after.get(path) != entry]
    folders = [path for path, entry in before.items() if entry.kind == "folder" and path in after]
    other = [path for path in folders if after[path].kind == "folder" and after[path] != before[path]]
    return sorted([*files, *(f"{path.rstrip('/')}/" for path in other)])


def _entries(layers: Sequence[Layer]) -> dict[str, LayerEntry]:
    """Return every file and directory that layers contain, the root directory too, by absolute path."""
    return {f"/{'/'.join(path)}": node.entry for path, node in _tree(layers).nodes() if node.entry}


def flattened(layers: Sequence[Layer]) -> dict[str, LayerEntry]:
    """Return the files that layers produce, without directories, by absolute path."""
    return {path: node.entry for path, node in placed(layers).items() if node.entry and node.entry.kind != "folder"}


def placed(layers: Sequence[Layer]) -> dict[str, Placed]:
    """Return the files and directories that layers produce, by absolute path, without the root directory."""
    nodes = _tree(layers).nodes()
    return {f"/{'/'.join(path)}": Placed(entry=node.entry, layer=node.layer) for path, node in nodes if path}


def _tree(layers: Sequence[Layer]) -> _Tree:
    tree = _Tree()
    for number, layer in enumerate(layers):
        tree.apply(layer, number)
    return tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A file or a directory, and the number of the last layer that contains it, from 0.

    `entry` is None for a directory that no layer contains, although a file in it does.
    """

    entry: LayerEntry | None
    layer: int


@dataclass
class _Node:
    """A file or a directory, and the number of the last layer that contains it."""

    entry: LayerEntry | None = None
    layer: int = -1
    children: dict[str, _Node] = field(default_factory=dict)


class _Tree:
    """A file system built from layers."""

    def __init__(self) -> None:
        self._root = _Node()

    def apply(self, layer: Layer, number: int) -> None:
        """Apply a layer."""
        for path, change in layer:
            if change is Whiteout.CONTENT:
                _forget(self._find(path), number)
            elif not path:
                self._root.entry = change if isinstance(change, LayerEntry) else None
            elif change is Whiteout.FILE:
                self._find(path[:-1]).children.pop(path[-1], None)
            else:
                node = self._find(path[:-1]).children.setdefault(path[-1], _Node())
                node.entry, node.layer = change, number
                if change.kind != "folder":
                    node.children.clear()

    def nodes(self) -> Iterator[tuple[LayerPath, _Node]]:
        """Yield every file and directory."""
        waiting: list[tuple[LayerPath, _Node]] = [((), self._root)]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            waiting += [((*path, name), child) for name, child in node.children.items()]

    def _find(self, path: LayerPath) -> _Node:
        """Return the directory at a path, creating missing ones as engines do.

        Engines unpack each layer separately, so a path through a link in a lower layer replaces the link by a
        directory; builders do not write such paths.
        """
        node = self._root
        for name in path:
            node = node.children.setdefault(name, _Node())
            if node.entry is not None and node.entry.kind != "folder":
                raise CannotDecideError("a layer has a path through something that is not a directory")
        return node


def _forget(folder: _Node, number: int) -> bool:
    """Remove from a directory everything that is not from this layer, and return whether anything is left."""
    kept = {name: child for name, child in folder.children.items() if _forget(child, number) or child.layer == number}
    folder.children = kept
    return bool(kept)
