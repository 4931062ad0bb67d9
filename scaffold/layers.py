"""What the layers of an image do, from their bytes.

A layer is a tar: https://github.com/opencontainers/image-spec/blob/main/layer.md. It removes what `.wh.NAME` names, or,
with `.wh..wh..opq`, everything in a folder. What engines might read otherwise is not read.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

_REMOVED, _EMPTIED = ".wh.", ".wh..wh..opq"
_GZIP = b"\x1f\x8b"
_JSON = (b"{", b"[")
_POSIX, _GNU = b"ustar\x0000", b"ustar  \x00"
_AT_ONCE = 1024 * 1024
_MOST_ENTRIES = 2_000_000

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of a layer: `content` is the digest of a regular file's bytes, or where a symbolic link leads."""

    kind: str
    mode: int
    owner: tuple[int, int]
    content: str = ""


class Gone(Enum):
    """What a layer takes away: a file or a folder, or all that lower layers have in a folder."""

    FILE = "file"
    CONTENT = "content"


Layer = list[tuple[Path, Entry | Gone]]
"""What one layer does, in its own order: a path may lead through a link that this very layer brings, or replaces."""


def read_image(stream: IO[bytes], diff_ids: Sequence[str]) -> list[Layer]:
    """The layers with these digests, lowest first, from what `docker image save` writes.

    Which layer is which follows from its bytes alone. Raises CannotDecideError if one is not there, or cannot be read.
    """
    found: dict[str, Layer] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                if file is not None and (layer := read_layer(file)):
                    found[layer[0]] = layer[1]
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
        raise CannotDecideError(f"its layers cannot be read ({type(error).__name__})") from error
    missing = [digest for digest in diff_ids if digest not in found]
    if missing:
        raise CannotDecideError(f"the layer {missing[0]} cannot be read")
    return [found[digest] for digest in diff_ids]


def read_layer(stream: IO[bytes]) -> tuple[str, Layer] | None:
    """The digest of a layer, unpacked, and what it does; None for what is no layer, such as a manifest.

    Raises CannotDecideError for one that an engine may read otherwise.
    """
    peeked = _Peeked(stream)
    if peeked.start.startswith(_JSON):
        return None
    unpacked = _Hashed(gzip.GzipFile(fileobj=peeked) if peeked.start == _GZIP else peeked)  # type: ignore[call-overload]
    layer: Layer = []
    brought: dict[Path, Entry] = {}
    try:
        with tarfile.open(fileobj=unpacked, mode="r|", tarinfo=_Header) as archive:  # type: ignore[call-overload]
            for count, member in enumerate(archive):
                if count > _MOST_ENTRIES:
                    raise CannotDecideError("a layer has too many files to be read")
                _add(layer, brought, archive, member)
    except tarfile.ReadError:  # of another format; if it was a layer after all, it will be missed
        return None
    digest = unpacked.digest()
    if archive.pax_headers or unpacked.end > archive.offset:
        raise CannotDecideError("a layer cannot be read to its end")
    return digest, layer


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
    """A stream that knows the digest of what was read from it, and where the last byte stood that is not zero."""

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
        """The digest of all of it: what is left is read, too."""
        while self.read(_AT_ONCE):
            pass
        return f"sha256:{self._sum.hexdigest()}"


class _Header(tarfile.TarInfo):
    """A header that engines, which are written in Go, read as Python does: https://pkg.go.dev/archive/tar.

    Python takes a prefix of the name from headers that have none in Go, and what is no header for the end.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        magic, prefix = bytes(buf[257:265]), bytes(buf[345:500])
        if len(buf) == tarfile.BLOCKSIZE and any(buf) and magic != _POSIX and not (magic == _GNU and not any(prefix)):
            raise CannotDecideError("a layer has a header of a kind that is not read")
        return super().frombuf(buf, encoding, errors)


def _add(layer: Layer, brought: dict[Path, Entry], archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    path = _path(member.name)
    if not path:
        return
    *folder, name = path
    if name == _EMPTIED:
        layer.append((tuple(folder), Gone.CONTENT))
    elif name.startswith(_REMOVED):
        layer.append(((*folder, name.removeprefix(_REMOVED)), Gone.FILE))
    else:
        brought[path] = _entry(brought, archive, member)
        layer.append((path, brought[path]))


def _path(name: str) -> Path:
    path = tuple(part for part in name.split("/") if part not in {"", "."})
    if ".." in path:
        raise CannotDecideError("a layer has a path that leads out of the image")
    return path


def _entry(brought: dict[Path, Entry], archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    if member.islnk():
        target = brought.get(_path(member.linkname))
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
