"""What the commands of a RUN step write to and read from, as far as their words say it.

It recognises the usual commands written in the usual way, and promises no more: the content of an image is only known
from its layers. It is enough to stop what a reader of the file would stop.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from scaffold.dockerfile import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.dockerfile.words import Variables

_ENDS = re.compile(r"[;&|\n()`]+")
_REDIRECTED = re.compile(r"[0-9&]*>{1,2}[|&]?")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_OPTION_VALUE = re.compile(r"--?[A-Za-z-]+=|of=|-[A-Za-z](?=/)")
_INTO_LAST = frozenset({"cp", "install", "ln", "mv", "rsync"})
_INTO_ANY = frozenset(
    {"chmod", "chown", "curl", "dd", "mkdir", "patch", "rm", "sed", "tar", "tee", "touch", "truncate", "unzip", "wget"}
)
_FROM_ANY = _INTO_LAST | {"cat", "dd", "tar"}
_BEFORE = frozenset(
    {"busybox", "command", "do", "else", "env", "exec", "if", "nice", "sudo", "then", "while", "!", "{"}
)


class Commands(NamedTuple):
    """The paths that the commands of a step write to, and those that they copy from, as written."""

    written: tuple[str, ...]
    copied: tuple[str, ...]


def read(text: str, variables: Variables) -> Commands:
    """Return what the commands of a step in its shell or exec form do."""
    written: list[str] = []
    copied: list[str] = []
    for command in _commands(text):
        known = [found if (found := words.expand(word, variables)) is not None else word for word in command]
        written += _redirections(known)
        while known and (known[0].rpartition("/")[2] in _BEFORE or _ASSIGNED.fullmatch(known[0])):
            del known[0]
        if not known:
            continue
        name, rest = known[0].rpartition("/")[2], [_OPTION_VALUE.sub("", word, count=1) for word in known[1:]]
        plain = [word for word in rest if not word.startswith("-")]
        if name in _INTO_LAST:
            named = [word for before, word in zip(known, rest, strict=False) if before == "-t"]
            named += [_OPTION_VALUE.sub("", word) for word in known if word.startswith(("-t/", "--target"))]
            written += [*plain[-1:], *named]
        elif name in _INTO_ANY:
            written += plain
        if name in _FROM_ANY:
            copied += plain
    return Commands(written=tuple(written), copied=tuple(copied))


def _commands(text: str) -> Iterator[list[str]]:
    listed = words.listed(text)
    if listed is not None:
        yield listed
        # The usual shells take a script after -c.
        yield from (words.split(part) for word in listed for part in _ENDS.split(word))
        return
    for part in _ENDS.split(text):
        yield words.split(part)


def _redirections(command: list[str]) -> Iterator[str]:
    for at, word in enumerate(command):
        if found := _REDIRECTED.match(word):
            yield word[found.end() :] or "".join(command[at + 1 : at + 2])
