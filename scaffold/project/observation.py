"""Notes everything that a verdict on a project follows from on disk, as it is read, and looks at the same again later.

`scaffold.project.files` notes what it looks at, so no list of paths has to be kept in step with the code that judges.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from scaffold import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scaffold.project.files import PathState

Look: TypeAlias = tuple[str, str]
"""One of the kinds below, and a path in the project."""

STATE: Final = "state"
"""The state of a path, with the bytes of a file; no link is followed."""
NAMES: Final = "names"
"""The names in a directory."""
CONTENT: Final = "content"
"""The bytes of a file; links are followed."""
PLACE: Final = "place"
"""What is at a path, and the first link on the way."""
ENTRIES: Final = "entries"
"""The files below a directory."""
MOST_BYTES: Final = 1024 * 1024
"""The size of the largest file that is read as a whole."""

_Seen = TypeVar("_Seen", bound="PathState | list[str] | bytes | None")


class Observation:
    """What was seen, by look; `is_stable` is false if two looks at the same path differed."""

    def __init__(self) -> None:
        self.is_stable = True
        self._seen: dict[Look, PathState | list[str] | bytes | None] = {}

    @property
    def looks(self) -> list[Look]:
        """Where was looked, in order."""
        return list(self._seen)

    def add(self, look: Look, seen: PathState | list[str] | bytes | None) -> None:
        """Add what was seen at one look."""
        self.is_stable &= self._seen.setdefault(look, seen) == seen

    def digest(self) -> str:
        """Return a digest of all that was seen, in the order of `looks`.

        Which files are one and the same is part of it, their numbers on this file system are not.
        """
        import hashlib

        digest, numbers = hashlib.sha256(), dict[tuple[int, int], int]()
        for look, seen in self._seen.items():
            described: object
            match seen:
                case None | list():
                    described, content = seen, None
                case bytes():
                    described, content = "bytes", seen
                case _:
                    number, content = numbers.setdefault(seen.identity, len(numbers)), seen.content
                    described = (seen.kind.value, seen.executable, seen.where, number)
            digest.update(repr((look, described, None if content is None else len(content))).encode())
            digest.update(content or b"")
        return digest.hexdigest()


_current: ContextVar[Observation | None] = ContextVar("_current", default=None)


@contextmanager
def observed() -> Iterator[Observation]:
    """Note everything that is looked at meanwhile."""
    observation = Observation()
    token = _current.set(observation)
    try:
        yield observation
    finally:
        _current.reset(token)


def noted(look: Look, seen: _Seen) -> _Seen:
    """Return what was seen, once it is noted if anybody observes."""
    if observation := _current.get():
        observation.add(look, seen)
    return seen


def not_repeatable() -> None:
    """Say that a verdict follows from more than what is noted, so that it is not kept."""
    if observation := _current.get():
        observation.is_stable = False


def content(root: Path, path: str) -> bytes | None:
    """Return the bytes of a file of a project, no more than `MOST_BYTES` and one; links are followed.

    None where there is no file that can be read.
    """
    found = None
    with suppress(OSError, ValueError):
        found = reading.read(root / path, MOST_BYTES)
    return noted((CONTENT, path), found)


def again(root: Path, looks: Iterable[Look]) -> Observation:
    """Look at the same paths again. Raises OSError and ValueError where that is not possible."""
    from scaffold.project import files
    from scaffold.project.code import looks as code

    with observed() as observation, files.opened(root) as tree:
        for kind, path in looks:
            if kind == STATE:
                files.look(tree, path)
            elif kind == NAMES:
                files.names(tree, path)
            elif kind == PLACE:
                code.place(root, path)
            elif kind == ENTRIES:
                code.entries(root, path)
            else:
                content(root, path)
    return observation
