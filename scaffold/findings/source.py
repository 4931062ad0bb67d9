"""A text that findings are about: positions in it, excerpts of it, and how to print it safely."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator


_EXCERPT_WIDTH = 100

_UNUSUAL = re.compile(r"\r\n|[^\n\t\x20-\x7e]")


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in a text; both count from 1, in lines and characters. 0 means the whole file."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text that findings are about, and the name of the file it came from. Only LF and CRLF end its lines."""

    file: str
    text: str

    @cached_property
    def _lines(self) -> list[str]:
        # str.splitlines would end lines at characters that no parser of these files takes for a line end.
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    def position_of(self, index: int) -> Position:
        """Say where the character at this index of the text stands."""
        line = self.text.count("\n", 0, index) + 1
        return Position(line=line, column=index - self.text.rfind("\n", 0, index))

    def excerpt(self, position: Position) -> str:
        """Show the line at this position with a caret under the column; nothing for a position in no line."""
        if not 0 < position.line <= len(self._lines):
            return ""
        return excerpt(self._lines[position.line - 1], position.column)

    def finding_at(self, position: Position, code: str, message: str, *, fix: str = "") -> Finding:
        """Make a finding about a place in the text, with its excerpt."""
        line, column = position.line, position.column
        shown = self.excerpt(position)
        return Finding(code=code, message=message, fix=fix, file=self.file, line=line, column=column, excerpt=shown)

    def unprintable(self) -> Iterator[int]:
        """Give the indexes of the characters that do not show: controls, bidi marks, no-break spaces, ….

        They are those of the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs but for LF, CRLF, tab and space.
        """
        for match in _UNUSUAL.finditer(self.text):
            if not match[0].isprintable() and match[0] != "\r\n":
                yield match.start()


def visible(text: str) -> str:
    r"""Put the text on one line, and write what a terminal would obey or not show as an escape such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def excerpt(line: str, column: int) -> str:
    """Show the part of a source line around a column, and on a second line a caret under that column (from 1)."""
    column = max(1, column)
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    end = start + _EXCERPT_WIDTH
    before = ("…" if start else "") + visible(line[start : column - 1])
    after = visible(line[column - 1 : end]) + ("…" if len(line) > end else "")
    return f"{before}{after}".rstrip() + "\n" + " " * _cells(before) + "^"


def _cells(text: str) -> int:
    """Count the columns of a terminal that the text takes (Unicode Standard Annex #11, East Asian Width)."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)
