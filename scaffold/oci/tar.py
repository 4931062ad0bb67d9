"""Tar archives that Python and Go read alike, limited to the features that engines, written in Go, use in layers.

The two differ on old and unusual parts of the format (https://pkg.go.dev/archive/tar, and `tarfile`), so that one
archive could be read as two. Anything unusual is rejected.
"""

from __future__ import annotations

import re
import tarfile
from typing import TYPE_CHECKING, Any, ClassVar, Self

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_POSIX, _GNU = b"ustar\x0000", b"ustar  \x00"
_KINDS = frozenset(bytes([kind]) for kind in b"0123456xLK")
_LENGTHENING = frozenset({b"x", b"L", b"K"})
_NUMBERS = (slice(100, 108), slice(108, 116), slice(116, 124), slice(124, 136), slice(136, 148))
_NUMBER = re.compile(rb"(?: *[0-7]+)?[ \0]*|\x80[\0-\xff]+", re.DOTALL)
_RECORDS = frozenset({"path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "atime", "ctime"})
_NEVER_EMPTY = frozenset({"path", "linkpath", "size", "uid", "gid"})
_ATTRIBUTE = "SCHILY.xattr."
_MARK = slice(257, 265)


def is_tar(start: bytes) -> bool:
    """Return whether these first bytes, at least 512, are those of a tar archive."""
    return start[_MARK] in {_POSIX, _GNU} or (len(start) == tarfile.BLOCKSIZE and not any(start))


def members(stream: Any) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """Yield each member of an archive, with the archive, as it is read; then check that only zeros remain.

    `stream.end` is the position after the last byte that is not zero. Raises CannotDecideError for anything unusual.
    """

    class Header(_Header):
        before: ClassVar[list[bytes]] = []  # of this archive

    with tarfile.open(fileobj=stream, mode="r|", tarinfo=Header) as archive:
        for member in archive:
            _require_plain(member.pax_headers)
            yield member, archive
    while stream.read(1024 * 1024):
        pass
    if archive.pax_headers or Header.before or stream.end > archive.offset:
        raise CannotDecideError("a layer has unsupported data at its end")


def attributes(member: tarfile.TarInfo) -> tuple[tuple[str, str], ...]:
    """Return the extended attributes of a member, sorted. Rejects those with which overlay file systems hide files."""
    found = sorted(item for item in member.pax_headers.items() if item[0].startswith(_ATTRIBUTE))
    if any(".overlay." in name for name, _ in found):
        raise CannotDecideError("a layer has attributes that move or hide files")
    return tuple(found)


class _Header(tarfile.TarInfo):
    before: ClassVar[list[bytes]]

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) == tarfile.BLOCKSIZE and any(buf):
            cls._require_plain(bytes(buf))
        return super().frombuf(buf, encoding, errors)

    @classmethod
    def _require_plain(cls, header: bytes) -> None:
        kind = header[156:157]
        plain = header[_MARK] == _POSIX and not any(header[500:])
        old = header[_MARK] == _GNU and not any(header[345:])
        numbers = all(_NUMBER.fullmatch(header[field]) for field in _NUMBERS)
        twice = kind in cls.before or (kind in _LENGTHENING and b"x" in {kind, *cls.before} and cls.before)
        if not (plain or old) or kind not in _KINDS or not numbers or twice:
            raise CannotDecideError("a layer has an unsupported kind of header")
        cls.before[:] = [*cls.before, kind] if kind in _LENGTHENING else []


def _require_plain(records: Mapping[str, str]) -> None:
    for name, value in records.items():
        known = name in _RECORDS or name.startswith((_ATTRIBUTE, "LIBARCHIVE."))
        number = name not in {"size", "uid", "gid"} or re.fullmatch("[0-9]+", value)
        if not known or not number or (name in _NEVER_EMPTY and not value):
            raise CannotDecideError("a layer has an unsupported kind of header")
