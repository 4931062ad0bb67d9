"""Reads the layers of an image: the files that each adds and removes.

A layer is a tar archive: https://github.com/opencontainers/image-spec/blob/main/layer.md. `.wh.NAME` removes NAME, and
`.wh..wh..opq` everything in a directory. A layer that engines might read differently is rejected.
"""

from __future__ import annotations

import gzip
import tarfile
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError
from scaffold.oci import content, tar
from scaffold.oci.tar import attributes

if TYPE_CHECKING:
    from scaffold.oci.content import Content, Look

_REMOVED, _EMPTIED = ".wh.", ".wh..wh..opq"
_GZIP = b"\x1f\x8b"
_MOST_ENTRIES = 2_000_000
_DEEPEST = 200

LayerPath = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerEntry:
    """One file of a layer: `content` is the digest of a regular file's bytes, or the target of a symbolic link.

    `attributes` are its extended attributes, such as capabilities. `seen` is what was seen in a regular file, and
    `modified` its time; entries that differ only in these are equal.
    """

    kind: str
    mode: int
    owner: tuple[int, int]
    content: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    seen: Content | None = field(default=None, compare=False)
    modified: int = field(default=0, compare=False)

    @property
    def size(self) -> int:
        """The bytes of a regular file, otherwise 0."""
        return self.seen.size if self.seen else 0


_FOLDER = LayerEntry(kind="folder", mode=0o755, owner=(0, 0))


class Whiteout(Enum):
    """A removal: of a file or directory, or of everything that lower layers have in a directory."""

    FILE = "file"
    CONTENT = "content"


Layer = list[tuple[LayerPath, LayerEntry | Whiteout]]
"""The changes of one layer, in its own order."""


def read_layer(stream: Any, look: Look | None = None) -> tuple[str, Layer] | None:
    """Return the digest and the changes of an unpacked layer; None if it is not a layer, but for example a manifest.

    `look` says what to look for in files. Raises CannotDecideError for a layer that an engine may read differently.
    """
    peeked = stream if isinstance(stream, Peeked) else Peeked(stream)
    packed = peeked.start.startswith(_GZIP)
    if not packed and not tar.is_tar(peeked.start):
        return None
    unpacked = _Hashed(gzip.GzipFile(fileobj=peeked) if packed else peeked)  # type: ignore[call-overload]
    layer: Layer = []
    brought: dict[LayerPath, LayerEntry] = {}
    try:
        for count, (member, archive) in enumerate(tar.members(unpacked)):
            if count > _MOST_ENTRIES:
                raise CannotDecideError("a layer has too many files")
            _add(layer, brought, archive, member, look)
    except tarfile.ReadError:  # not a tar archive; if it should be a layer, its digest will be missing
        return None
    return unpacked.digest(), layer


class Peeked:
    """A stream whose first bytes are known before they are read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.start: bytes = stream.read(tarfile.BLOCKSIZE)
        self._left = self.start

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`."""
        left, self._left = self._left[:size], self._left[size:]
        return left + self._stream.read(size - len(left))  # type: ignore[no-any-return]


class _Hashed:
    """A stream that records the digest of the bytes read, and the position after the last byte that is not zero."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._sum = sha256()
        self._size = 0
        self.end = 0

    def read(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self._sum.update(data)
        if filled := len(data.rstrip(b"\0")):
            self.end = self._size + filled
        self._size += len(data)
        return data

    def digest(self) -> str:
        """Return the digest of everything read so far."""
        return f"sha256:{self._sum.hexdigest()}"


def _add(
    layer: Layer,
    brought: dict[LayerPath, LayerEntry],
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    look: Look | None,
) -> None:
    path = _path(member.name)
    if not path:
        if not member.isdir():
            raise CannotDecideError("a layer has a file without a name")
        layer.append(((), LayerEntry(kind="folder", **_rights(member))))
        return
    *folder, name = path
    if name == _EMPTIED:
        layer.append((tuple(folder), Whiteout.CONTENT))
    elif name.startswith(_REMOVED):
        layer.append(((*folder, name.removeprefix(_REMOVED)), Whiteout.FILE))
    else:
        entry = _entry(brought, archive, member, look)
        if entry.kind != "folder" and path in brought:
            for old in [old for old in brought if old[: len(path)] == path]:
                del brought[old]
        for depth in range(1, len(path)):
            brought.setdefault(path[:depth], _FOLDER)
        brought[path] = entry
        layer.append((path, entry))


def _path(name: str) -> LayerPath:
    path = tuple(part for part in name.split("/") if part not in {"", "."})
    if ".." in path or len(path) > _DEEPEST:
        raise CannotDecideError("a layer has a path that leaves the image, or is too deep")
    return path


def _entry(
    brought: dict[LayerPath, LayerEntry], archive: tarfile.TarFile, member: tarfile.TarInfo, look: Look | None
) -> LayerEntry:
    if member.islnk():
        return _linked(brought, member)
    kind, text, seen = "special", f"{member.devmajor}:{member.devminor}", None
    if member.isdir():
        kind, text = "folder", ""
    elif member.issym():
        kind, text = "symlink", member.linkname
    elif member.isreg():
        seen = content.read(archive.extractfile(member), member.name, member.size, look)
        kind, text = "file", seen.digest
    return LayerEntry(
        kind=kind,
        content=text,
        attributes=attributes(member),
        seen=seen,
        modified=int(member.mtime),
        **_rights(member),
    )


def _linked(brought: dict[LayerPath, LayerEntry], member: tarfile.TarInfo) -> LayerEntry:
    """Return the file that a hard link refers to. Engines also apply the link's own permissions to that file."""
    path = _path(member.linkname)
    target = brought.get(path)
    plain = all(brought.get(path[:depth], _FOLDER).kind == "folder" for depth in range(1, len(path)))
    if target is None or not plain or {"mode": target.mode, "owner": target.owner} != _rights(member):
        raise CannotDecideError(
            "a layer has a hard link to a file that it does not contain, or that has other permissions"
        )
    return target


def _rights(member: tarfile.TarInfo) -> dict[str, Any]:
    return {"mode": 0 if member.issym() else member.mode & 0o7777, "owner": (member.uid, member.gid)}
