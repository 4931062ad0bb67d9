"""Compiled templates, kept between runs as Python keeps .pyc files: compiling takes five times as long as everything else."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

if TYPE_CHECKING:
    from jinja2.bccache import Bucket


class UserCache(BytecodeCache):
    """Keeps bytecode in the user's cache folder (https://specifications.freedesktop.org/basedir-spec/latest/).

    Jinja checks each entry against the template's source and the versions of Python and Jinja. A folder that somebody else owns or may write to is
    not used, since bytecode is code; nor is one that cannot be written.
    """

    def __init__(self) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self._folder = Path(home) / "lambda-image-scaffold"
        self._usable = False
        with suppress(OSError, RuntimeError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._folder.stat()
            self._usable = status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, or leave it empty."""
        if self._usable:
            with suppress(OSError), (self._folder / bucket.key).open("rb") as file:
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket: written aside and renamed, since other processes read."""
        if self._usable:
            part = self._folder / f"{bucket.key}.{os.getpid()}"
            with suppress(OSError):
                part.write_bytes(bucket.bytecode_to_string())
                part.replace(self._folder / bucket.key)
