"""Reads the cache of glibc's loader, /etc/ld.so.cache: where it finds each library.

https://sourceware.org/git/?p=glibc.git;a=blob;f=sysdeps/generic/dl-cache.h
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAGIC = b"glibc-ld.so.cache1.1"
_HEADER, _ROW = 48, struct.Struct("<iIIIQ")
_MOST = 100_000


def libraries(cache: bytes) -> Mapping[str, tuple[str, ...]] | None:
    """Return the paths of each library, sorted; None if this is not such a cache."""
    start = cache.find(_MAGIC)
    try:
        (count,) = struct.unpack_from("<I", cache, start + len(_MAGIC))
        if start < 0 or count > _MOST:
            return None
        found: dict[str, set[str]] = {}
        for number in range(count):
            _, name, path, _, _ = _ROW.unpack_from(cache, start + _HEADER + number * _ROW.size)
            found.setdefault(_text(cache, start + name), set()).add(_text(cache, start + path))
    except (struct.error, ValueError):
        return None
    return {name: tuple(sorted(paths)) for name, paths in found.items()}


def _text(cache: bytes, at: int) -> str:
    return cache[at : cache.index(b"\0", at)].decode("utf-8", "replace")
