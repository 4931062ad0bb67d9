"""Heredocs of Dockerfiles: which ones an instruction starts, and whether their text could name a source.

BuildKit splits the words of an instruction like a shell, and each word of the form `<<NAME` starts a heredoc:
`frontend/dockerfile/parser` and `frontend/dockerfile/shell`. Only words that need no such splitting are read here.
Builders without heredocs read their text as instructions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_START = re.compile(rf"(?:(?<=[ \t])|^)[0-9]?<<(-?)(?:({_NAME})|'({_NAME})'|\"({_NAME})\")(?=[ \t]|$)")
_SPLITS_OTHERWISE = re.compile(r"[\"'\\$`]")
_EXPANDS_TO_ONE = re.compile(r"\$\{[^}]*<")
_LIKELY_START = re.compile(rf"<<-?[ \t]*['\"\\]?({_NAME})")
_NAMES_A_SOURCE = re.compile(
    r"\s*(?:(?:ADD|ONBUILD)\s|(?:COPY|RUN)\s+--|FROM(?:\s+--\S+)*\s+\S+(?:\s+AS(?:\s+\S+)?)?\s*\Z)", re.IGNORECASE
)
_GOES_ON = re.compile(r"\\[ \t]*\Z")


@dataclass(frozen=True, kw_only=True)
class Heredoc:
    """The start of a heredoc: the line that ends it, and whether tabs may stand before that line."""

    name: str
    tabs: bool = False

    def ends_with(self, line: str) -> bool:
        """Return whether a line ends this heredoc."""
        return (line.lstrip("\t") if self.tabs else line) == self.name


def starts(text: str) -> list[Heredoc] | None:
    """Return the heredocs that an instruction starts, in order; None if builders could differ in that."""
    if _EXPANDS_TO_ONE.search(text):
        return None
    found = list(_START.finditer(text))
    if text.count("<<") != len(found):
        return None
    if found and _SPLITS_OTHERWISE.search(_START.sub("", text[: found[-1].end()])):
        return None
    return [Heredoc(name=row[2] or row[3] or row[4], tabs=bool(row[1])) for row in found]


def likely(text: str) -> Heredoc | None:
    """Return the heredoc that an instruction, which is not understood, most likely starts."""
    found = _LIKELY_START.search(text)
    return Heredoc(name=found[1], tabs=True) if found else None


def sources(lines: Sequence[str]) -> Iterator[int]:
    """Yield the index of each line that names a source for a builder without heredocs."""
    text = ""
    for at, line in enumerate(lines):
        text += _GOES_ON.sub("", line)
        if _GOES_ON.search(line):
            continue
        if _NAMES_A_SOURCE.match(text) or _NAMES_A_SOURCE.match(line):
            yield at
        text = ""
    if text:
        yield len(lines) - 1
