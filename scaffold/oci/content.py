"""Looks at the bytes of a file as they pass: its digest, its first bytes, what its loader needs, its marks, its text.

A file is read once, in pieces, and only what is found is kept, so memory does not grow with the size of the file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast

from scaffold.oci import elf

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffold.oci.elf import Elf

_AT_ONCE = 1024 * 1024
_START, _LINE = 16, 256
_LONGEST_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The bytes of a regular file: `start` are the first 16, of scripts the first 256.

    `marks` is what a search found in the file, `text` the whole file if it was to be kept,
    with a character for each byte if there is a NUL byte in it.
    """

    digest: str
    size: int = 0
    start: bytes = b""
    elf: Elf | None = None
    marks: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What to look for besides digests.

    `marks` takes the path and the first MiB of a file without NUL bytes; `kept` takes a path.
    """

    marks: Callable[[str, bytes], tuple[str, ...]]
    kept: Callable[[str], bool]


def read(file: Any, path: str, size: int, look: Look | None) -> Content:
    """Return the facts of a file, read to its end; without `look` only its digest."""
    first: bytes = file.read(_AT_ONCE)
    total = sha256(first)
    if look is None:
        _drain(file, total)
        return Content(digest=total.hexdigest(), size=size)
    found: Elf | None = None
    text, marks = "", tuple[str, ...]()
    if first.startswith(elf.MAGIC):
        found = _elf(file, first, total)
    else:
        binary = b"\0" in first
        marks = () if binary else look.marks(path, first)
        if size <= _LONGEST_TEXT and look.kept(path):
            rest = file.read(_LONGEST_TEXT)
            total.update(rest)
            text = (first + rest).decode("latin-1" if binary else "utf-8", "replace")
    _drain(file, total)
    start = first[: _LINE if first.startswith(b"#!") else _START]
    return Content(digest=total.hexdigest(), size=size, start=start, elf=found, marks=marks, text=text)


def _elf(file: Any, first: bytes, total: Any) -> Elf | None:
    if len(first) < _AT_ONCE:
        return elf.read(io.BytesIO(first))
    with SpooledTemporaryFile(max_size=4 * _AT_ONCE) as whole:
        whole.write(first)
        while data := file.read(_AT_ONCE):
            total.update(data)
            whole.write(data)
        return elf.read(cast("IO[bytes]", whole))


def _drain(file: Any, total: Any) -> None:
    while data := file.read(_AT_ONCE):
        total.update(data)
