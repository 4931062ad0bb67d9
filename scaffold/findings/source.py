"""Source text: decoding, positions, excerpts for findings, and escaping for terminals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scaffold.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_BYTES = 256 * 1024
"""The size of the largest file that is decoded."""

_EXCERPT_WIDTH = 100

_UNUSUAL = re.compile(r"\r\n|[^\n\t\x20-\x7e]")


class Position(NamedTuple):
    """A line and a column in a text, both counted from 1; columns count characters. 0 means the whole file or line."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """The text of a file, and the name under which findings report it. Lines end with LF or CRLF only."""

    file: str
    text: str

    @cached_property
    def _lines(self) -> list[str]:
        # str.splitlines also splits at characters that no parser of these files treats as line ends.
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    def position_of(self, index: int) -> Position:
        """Return the position of the character at this index of the text."""
        line = self.text.count("\n", 0, index) + 1
        return Position(line=line, column=index - self.text.rfind("\n", 0, index))

    def excerpt(self, position: Position) -> str:
        """Return the line at this position with a caret below the column; empty if there is no such line."""
        if not 0 < position.line <= len(self._lines):
            return ""
        return excerpt(self._lines[position.line - 1], position.column)

    def finding_at(self, position: Position, code: str, message: str, *, fix: str = "") -> Finding:
        """Create a finding at this position, with an excerpt."""
        line, column = position.line, position.column
        shown = self.excerpt(position)
        return Finding(code=code, message=message, fix=fix, file=self.file, line=line, column=column, excerpt=shown)

    def unprintable(self) -> Iterator[int]:
        """Yield the indexes of invisible characters: controls, bidi marks, no-break spaces, ….

        These are the Unicode categories Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs, except LF, CRLF, tab and space.
        """
        for match in _UNUSUAL.finditer(self.text):
            if not match[0].isprintable() and match[0] != "\r\n":
                yield match.start()


class UndecodableError(ValueError):
    """Bytes that are not UTF-8 text, or too many of them.

    `code` and `position` locate the problem in `source`, the text as far as it is known; the exception's text is the
    message.
    """

    def __init__(self, code: str, message: str, *, source: Source, position: Position) -> None:
        super().__init__(message)
        self.code, self.source, self.position = code, source, position


def decode(data: bytes, *, file: str) -> Source:
    """Decode the content of a file; a leading byte order mark is kept. Raises UndecodableError."""
    unread, top = Source(file=file, text=""), Position(line=0, column=0)
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES} bytes"
        raise UndecodableError("too-large", message, source=unread, position=top)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(data) > 3 and b"\0\0" in (data[:3:2], data[1:4:2])):
        raise UndecodableError("not-utf-8", "this is UTF-16 or UTF-32", source=unread, position=top)
    try:
        return Source(file=file, text=data.decode())
    except UnicodeDecodeError as error:
        source = Source(file=file, text=data.decode(errors="replace"))
        position = source.position_of(len(data[: error.start].decode()))
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise UndecodableError("not-utf-8", message, source=source, position=position) from error


def visible(text: str) -> str:
    r"""Return the text on one line, with control and invisible characters escaped, such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def excerpt(line: str, column: int) -> str:
    """Return the part of a source line around a column (from 1), and a second line with a caret below the column."""
    column = max(1, column)
    start = max(0, column - 1 - _EXCERPT_WIDTH // 2) if len(line) > _EXCERPT_WIDTH else 0
    end = start + _EXCERPT_WIDTH
    before = ("…" if start else "") + visible(line[start : column - 1])
    after = visible(line[column - 1 : end]) + ("…" if len(line) > end else "")
    return f"{before}{after}".rstrip() + "\n" + " " * _cells(before) + "^"


def _cells(text: str) -> int:
    """Return the width of the text in terminal columns (Unicode Standard Annex #11, East Asian Width)."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)
