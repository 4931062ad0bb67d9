"""A cache of compiled templates, like Python's .pyc files: compiling takes five times as long as everything else."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

if TYPE_CHECKING:
    from jinja2 import Environment


class UserCache(BytecodeCache):
    """Keeps bytecode in the user's cache directory (https://specifications.freedesktop.org/basedir-spec/latest/).

    The name of an entry is a hash of everything that determines its bytecode: the versions of Python and Jinja, the
    environment's settings, the template's name and text. Copies of a template therefore share it. A directory that is
    owned or writable by someone else is not used, since bytecode is code; nor is one that cannot be written.
    """

    def __init__(self, settings: object) -> None:
        self._made_for = f"{sys.version}\0{jinja2.__version__}\0{settings!r}"
        self._usable = False
        with suppress(OSError, RuntimeError):  # some container users have no home directory
            self._folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lambda-image-scaffold"
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._folder.stat()
            self._usable = status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:  # noqa: ARG002 - Jinja's
        """Return the bucket of a template, filled if possible.

        A profile, or the traceback of a macro called from Python, may name another copy with the same text: the one
        that was compiled. Jinja's own errors name this one. Renaming each macro would take a thirtieth of a short run.
        """
        key = hashlib.sha256(f"{self._made_for}\0{name}\0{source}".encode()).hexdigest()
        bucket = Bucket(environment, key, checksum="")
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, or leave it empty. Jinja's own method, with its small reads, takes six times as long."""
        if self._usable:
            with suppress(OSError, EOFError, ValueError, TypeError):
                bucket.code = marshal.loads((self._folder / bucket.key).read_bytes())  # noqa: S302 - see the class

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the bucket; writing a temporary file and renaming it is safe while other processes read."""
        if self._usable:
            part = self._folder / f"{bucket.key}.{os.getpid()}"
            with suppress(OSError):
                part.write_bytes(marshal.dumps(bucket.code))
                part.replace(self._folder / bucket.key)
