"""Compiled templates, as Python keeps .pyc files: compiling takes five times as long as everything else.

A wheel ships the Python source that Jinja makes of each template, which installers compile like any other module.
Everything that is not shipped, such as an edited template, is compiled when it is first used, and kept for the user.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jinja2 import Environment

_PYTHON = hashlib.sha256(sys.version.encode()).hexdigest()[:16]


class TemplateLoader(jinja2.BaseLoader):
    """Reads the templates in a directory, each with one look at the disk, where Jinja's own loader takes three."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 - Jinja's
        """Return the text of a template and its path. Raises TemplateNotFound, also for a path that leads upwards."""
        path = f"{self._root}/{template}"
        if ".." not in template:
            with suppress(FileNotFoundError, IsADirectoryError), open(path, "rb", buffering=0) as file:  # noqa: PTH123 - quicker
                return file.read().decode(), path, lambda: True
        raise jinja2.TemplateNotFound(template)


class TemplateCache(BytecodeCache):
    """Finds compiled templates in the user's cache directory, then in the `shipped` one, a directory of Python sources.

    The name of an entry is a hash of everything that determines its code: the version of Jinja, the environment's
    settings, the template's name and text, and for bytecode the version of Python. Copies of a template therefore share
    it, and an edited one has no entry. The user's directory
    (https://specifications.freedesktop.org/basedir-spec/latest/) is not used if it is owned or writable by someone
    else, since bytecode is code; nor if it cannot be written.
    """

    def __init__(self, settings: object, shipped: Path) -> None:
        self._made_for = f"{jinja2.__version__}\0{settings!r}"
        self._shipped = shipped if shipped.is_dir() else None
        self._usable = False
        with suppress(OSError, RuntimeError):  # some container users have no home directory
            self._folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lambda-image-scaffold"
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._folder.stat()
            self._usable = status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def sources(self, environment: Environment, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield, for each template, the name of its file in the shipped folder and the Python source in it."""
        for name in names:
            text, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
            yield f"{self._key(name, text)}.py", environment.compile(text, name, name, raw=True)

    def _key(self, name: str, source: str) -> str:
        return hashlib.sha256(f"{self._made_for}\0{name}\0{source}".encode()).hexdigest()

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:  # noqa: ARG002 - Jinja's
        """Return the bucket of a template, filled if possible.

        A profile, or the traceback of a macro called from Python, may name another copy with the same text: the one
        that was compiled. Jinja's own errors name this one. Renaming each macro would take a thirtieth of a short run.
        """
        bucket = Bucket(environment, self._key(name, source), checksum="")
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, or leave it empty. Jinja's own method, with its small reads, takes six times as long."""
        if self._usable:
            with suppress(OSError, EOFError, ValueError, TypeError):
                path = f"{self._folder}/{_entry(bucket)}"
                with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - quicker
                    bucket.code = marshal.loads(file.read())  # noqa: S302 - see the class
        if bucket.code is None and self._shipped:
            self._load_shipped(self._shipped / f"{bucket.key}.py", bucket)

    def _load_shipped(self, path: Path, bucket: Bucket) -> None:
        """Fill the bucket from a shipped source; keep it for the user where Python itself may not."""
        with suppress(OSError, SyntaxError):
            bucket.code = SourceFileLoader(path.stem, str(path)).get_code(path.stem)
            if not Path(cache_from_source(path)).exists():
                self.dump_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the bucket; writing a temporary file and renaming it is safe while other processes read."""
        if self._usable:
            part = self._folder / f"{bucket.key}.{os.getpid()}"
            with suppress(OSError):
                part.write_bytes(marshal.dumps(bucket.code))
                part.replace(self._folder / _entry(bucket))


def _entry(bucket: Bucket) -> str:
    return f"{bucket.key}.{_PYTHON}"
