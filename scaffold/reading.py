"""Reads untrusted files: regular ones only, never more than asked for, and without waiting for a writer."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

MOST_HASHED = 64 * 1024 * 1024
"""The size of the largest file that gets a digest."""


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open a regular file; links are followed. Raises OSError, for a pipe, a device or a directory too."""
    # Without O_NONBLOCK, opening a named pipe waits for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        yield stream


def read(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a regular file, and one more if there are more. Raises OSError."""
    with opened(path) as stream:
        return stream.read(most + 1)


def digest(path: Path) -> str:
    """Return `sha256:` and the SHA-256 of a file; empty if it cannot be read, or is too large."""
    import hashlib

    try:
        with opened(path) as stream:
            if os.fstat(stream.fileno()).st_size > MOST_HASHED:
                return ""
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except (OSError, ValueError):
        return ""
