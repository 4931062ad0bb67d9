"""What the layers of an image hold, and which files of its lowest layers the others change. Streams in, paths out.

A layer is a tar: https://github.com/opencontainers/image-spec/blob/main/layer.md. It removes what `.wh.NAME` names, or,
with `.wh..wh..opq`, everything in a folder; a path leads through symbolic links of the layers below it.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

_REMOVED, _EMPTIED = ".wh.", ".wh..wh..opq"
_GZIP = b"\x1f\x8b"
_AT_ONCE = 1024 * 1024
_MOST_ENTRIES = 2_000_000
_MOST_LINKS = 40  # as Linux: https://man7.org/linux/man-pages/man7/path_resolution.7.html

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a layer: `content` is the digest of a regular file's bytes, or where a symbolic link leads."""

    kind: str
    mode: int
    owner: tuple[int, int]
    content: str = ""


@dataclass(kw_only=True)
class Layer:
    """What one layer does: the folders it empties, the paths it removes, then the files it brings."""

    emptied: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)
    entries: dict[Path, Entry] = field(default_factory=dict)


def read_image(stream: IO[bytes], diff_ids: Sequence[str]) -> list[Layer]:
    """The layers with these digests, lowest first, from what `docker image save` writes.

    Which layer is which follows from its bytes alone. Raises CannotDecideError if one is not there, or cannot be read.
    """
    found: dict[str, Layer] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None and not member.name.endswith(".json"):
                    found |= _layer(_Peeked(file))
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise CannotDecideError(f"its layers cannot be read ({type(error).__name__})") from error
    missing = [digest for digest in diff_ids if digest not in found]
    if missing:
        raise CannotDecideError(f"the layer {missing[0]} cannot be read")
    return [found[digest] for digest in diff_ids]


def altered(layers: Sequence[Layer], base: int) -> list[str]:
    """The files of the first `base` layers that the others replace, change or remove: absolute paths, sorted.

    Folders do not count. Raises CannotDecideError for layers that no engine would unpack.
    """
    before, after = flattened(layers[:base]), flattened(layers)
    return sorted(path for path, entry in before.items() if after.get(path) != entry)


def flattened(layers: Sequence[Layer]) -> dict[str, Entry]:
    """The files that layers come to, without folders, by their absolute paths."""
    tree = _Tree()
    for layer in layers:
        tree.apply(layer)
    return {f"/{'/'.join(path)}": entry for path, entry in tree.files()}


class _Peeked:
    """A stream whose first bytes are known before they are read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.start: bytes = stream.read(len(_GZIP))
        self._left = self.start

    def read(self, size: int = -1) -> bytes:
        left, self._left = self._left, b""
        return left + self._stream.read(max(size - len(left), 0) if size >= 0 else -1)  # type: ignore[no-any-return]


class _Hashed:
    """A stream that knows the digest of what was read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._sum = sha256()

    def read(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self._sum.update(data)
        return data

    def digest(self) -> str:
        """The digest of all of it: what is left is read, too."""
        while self.read(_AT_ONCE):
            pass
        return f"sha256:{self._sum.hexdigest()}"


def _layer(stream: _Peeked) -> dict[str, Layer]:
    """A layer by its digest; nothing for what is no layer, such as a manifest."""
    if stream.start.startswith(b"{"):
        return {}
    unpacked = _Hashed(gzip.GzipFile(fileobj=stream) if stream.start == _GZIP else stream)  # type: ignore[call-overload]
    layer = Layer()
    try:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive):
                if count > _MOST_ENTRIES:
                    raise CannotDecideError("a layer has too many files to be read")
                _add(layer, archive, member)
    except tarfile.ReadError:  # of another format; if it was a layer after all, it will be missed
        return {}
    return {unpacked.digest(): layer}


def _add(layer: Layer, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    path = _path(member.name)
    if not path:
        return
    *folder, name = path
    if name == _EMPTIED:
        layer.emptied.append(tuple(folder))
    elif name.startswith(_REMOVED):
        layer.removed.append((*folder, name.removeprefix(_REMOVED)))
    else:
        layer.entries[path] = _entry(layer, archive, member)


def _path(name: str) -> Path:
    path = tuple(part for part in name.split("/") if part not in {"", "."})
    if ".." in path:
        raise CannotDecideError("a layer has a path that leads out of the image")
    return path


def _entry(layer: Layer, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    if member.islnk():
        target = layer.entries.get(_path(member.linkname))
        return target or Entry(kind="link", mode=0, owner=(0, 0), content=member.linkname)
    kind, content = "special", f"{member.devmajor}:{member.devminor}"
    if member.isdir():
        kind, content = "folder", ""
    elif member.issym():
        kind, content = "symlink", member.linkname
    elif member.isreg():
        kind, content = "file", _digest(archive.extractfile(member))
    mode = 0 if kind == "symlink" else member.mode & 0o7777
    return Entry(kind=kind, mode=mode, owner=(member.uid, member.gid), content=content)


def _digest(file: Any) -> str:
    total = sha256()
    while data := file.read(_AT_ONCE):
        total.update(data)
    return total.hexdigest()


@dataclass
class _Node:
    entry: Entry | None = None
    children: dict[str, _Node] = field(default_factory=dict)


class _Tree:
    """A file system, as layers make it."""

    def __init__(self) -> None:
        self._root = _Node()

    def apply(self, layer: Layer) -> None:
        """Put a layer on top."""
        for path in layer.emptied:
            self._find(path).children.clear()
        for path in layer.removed:
            self._find(path[:-1]).children.pop(path[-1], None)
        for path, entry in layer.entries.items():
            node = self._find(path[:-1]).children.setdefault(path[-1], _Node())
            node.entry = entry
            if entry.kind != "folder":
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
