"""Splits the bytes of a Dockerfile into instructions, each with its text and positions, and guesses nothing.

Anything that builders read in more than one way is a finding. The format is described in
https://docs.docker.com/reference/dockerfile/#format and by BuildKit's parser, `frontend/dockerfile/parser`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scaffold.dockerfile import heredocs
from scaffold.findings.source import Position, UndecodableError, decode, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.findings.finding import Finding
    from scaffold.findings.source import Source

MAX_FINDINGS = 100
_BLANKS = " \t"
_DIRECTIVE = re.compile(r"#[ \t]*(?:check|escape|syntax)[ \t]*=|#!", re.IGNORECASE | re.ASCII)
_KEYWORD = re.compile(r"[ \t]*([A-Za-z]+)[ \t]+")
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "ONBUILD", "RUN"})
_SAVE = "Save the file as UTF-8 without a byte order mark, with LF line endings."


class StopReading(Exception):  # noqa: N818 - not an error: the rest of the file is not worth reading
    """There are a hundred findings, or the bytes are not text."""


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """The part of an instruction that is on one line; `start` is its index in the instruction's text."""

    start: int
    line: int
    column: int


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """An instruction with its continued lines joined: `text` with the arguments from index `rest` on.

    `keyword` is in upper case, whatever the file has. `heredocs` is the text of those that it starts.
    """

    keyword: str
    text: str
    rest: int
    pieces: tuple[_Piece, ...]
    heredocs: str = ""

    def position(self, index: int) -> Position:
        """Return the position in the file of the character at this index of `text`."""
        piece = self.pieces[bisect_right(self.pieces, index, key=lambda piece: piece.start) - 1]
        return Position(line=piece.line, column=piece.column + index - piece.start)

    @property
    def start(self) -> Position:
        """The position of the keyword."""
        return self.position(len(self.text) - len(self.text.lstrip(_BLANKS)))

    def splits_word(self, end: int) -> int:
        """Return the index, up to `end`, at which a word continues on the next line; 0 if there is none."""
        starts = [piece.start for piece in self.pieces[1:] if piece.start <= end]
        return next((at for at in starts if not {*self.text[at - 1 : at + 1]} & {*_BLANKS}), 0)


@dataclass(kw_only=True)
class FindingCollector:
    """The findings about one file so far."""

    source: Source
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, place: Position, message: str, fix: str) -> None:
        """Add a finding about text that is not understood. Raises StopReading after the hundredth."""
        self.keep(self.source.finding_at(place, "not-understood", message, fix=fix))

    def keep(self, finding: Finding) -> None:
        """Add a finding. Raises StopReading after the hundredth."""
        self.findings.append(finding)
        if len(self.findings) >= MAX_FINDINGS:
            raise StopReading


def read(data: bytes, notes: FindingCollector) -> list[Instruction]:
    """Return the instructions of a Dockerfile; findings go to `notes`. Raises StopReading."""
    notes.source = _decode(data, notes)
    for index in notes.source.unprintable():
        message = f"the invisible character U+{ord(notes.source.text[index]):04X}"
        notes.refuse(notes.source.position_of(index), message, "Remove it, or replace it with an ordinary space.")
    if notes.findings:
        raise StopReading
    return list(_instructions(_lines(notes), notes))


def _decode(data: bytes, notes: FindingCollector) -> Source:
    try:
        source = decode(data, file=notes.source.file)
    except UndecodableError as error:
        notes.source = error.source
        notes.refuse(error.position, str(error), "Shorten it." if error.code == "too-large" else _SAVE)
        raise StopReading from error
    if source.text.startswith("\ufeff"):
        notes.refuse(Position(line=0, column=0), "the file starts with a byte order mark", _SAVE)
        raise StopReading
    return source


def _lines(notes: FindingCollector) -> list[str]:
    r"""Split at LF only. A file in which every line ends in CRLF is read as the same file with LF."""
    text = notes.source.text
    if "\r" in text:
        if text.count("\n") != text.count("\r\n"):
            notes.refuse(Position(line=0, column=0), "the file has both CRLF and LF line endings", _SAVE)
        text = text.replace("\r\n", "\n")
    return text.split("\n")


def _instructions(lines: list[str], notes: FindingCollector) -> Iterator[Instruction]:
    """Join continued lines, and check and drop the lines between instructions, and the text of heredocs."""
    numbered = iter(enumerate(lines, start=1))
    first = True
    for number, line in numbered:
        stripped = line.strip(_BLANKS)
        if stripped.startswith("#"):
            if first and _DIRECTIVE.match(stripped):
                message = "this comment is a parser directive"
                notes.refuse(Position(line=number, column=1), message, "Remove the line.")
        elif stripped:
            first = False
            text, pieces = _join(number, line, numbered, notes)
            if instruction := _divide(text, pieces, notes):
                yield replace(instruction, heredocs="\n".join(_heredocs(instruction, numbered, notes)))


def _heredocs(instruction: Instruction, following: Iterator[tuple[int, str]], notes: FindingCollector) -> list[str]:
    """Return the lines of the heredocs that an instruction starts; they must not name a source."""
    text = instruction.text
    if instruction.keyword not in _WITH_HEREDOCS or "<" not in text:
        return []
    bodies: list[str] = []
    understood = heredocs.starts(text)
    found = understood or []
    if understood is None:
        index = text.find("<<") if "<<" in text else text.find("<")
        message, fix = (
            "text that may be read as the start of a heredoc",
            "Write only <<NAME, or put the text in a file.",
        )
        notes.refuse(instruction.position(index), message, fix)
        found = [likely] if (likely := heredocs.likely(text)) else []
    for heredoc in found:
        body: list[tuple[int, str]] = []
        end = 0
        for number, line in following:
            if heredoc.ends_with(line):
                end = number
                break
            body.append((number, line))
        if not end and understood:
            notes.refuse(
                instruction.start, f"nothing ends the heredoc {heredoc.name[:40]}", "End it with its name alone."
            )
        bodies += [line for _, line in body]
        for at in heredocs.sources([line for _, line in body]):
            message = "builders without heredocs read this line as an instruction that names a source"
            notes.refuse(Position(line=body[at][0], column=1), message, "Put the text in a file.")
    return bodies


def _join(
    number: int, line: str, following: Iterator[tuple[int, str]], notes: FindingCollector
) -> tuple[str, tuple[_Piece, ...]]:
    """Join the lines of one instruction as the builder does, which skips comments and empty lines between them."""
    text, pieces, place = "", [], (number, line)
    while True:
        number, line = place
        pieces.append(_Piece(start=len(text), line=number, column=1))
        body = _continued(number, line, notes)
        if body is None:
            return text + line.rstrip(_BLANKS), tuple(pieces)
        text += body
        place = next(((n, next_) for n, next_ in following if not _is_skipped(next_)), (0, ""))
        if not place[0]:
            message, fix = "the file ends in the middle of an instruction", "Remove the backslash before it."
            notes.refuse(Position(line=number, column=len(line)), message, fix)
            return text, tuple(pieces)


def _is_skipped(line: str) -> bool:
    stripped = line.lstrip(_BLANKS)
    return not stripped or stripped.startswith("#")


def _continued(number: int, line: str, notes: FindingCollector) -> str | None:
    """Return a line without the backslash that continues it; None if it is not continued."""
    body = line.rstrip(_BLANKS)
    if not body.endswith("\\"):
        return None
    place = Position(line=number, column=len(body))
    if body.endswith("\\\\"):
        notes.refuse(place, "builders differ in whether two backslashes continue a line", "Write it differently.")
    return body[:-1]


def _divide(text: str, pieces: tuple[_Piece, ...], notes: FindingCollector) -> Instruction | None:
    """Separate the keyword of an instruction from its arguments."""
    found = _KEYWORD.match(text)
    whole = Instruction(keyword="", text=text, rest=0, pieces=pieces)
    if found and (len(pieces) == 1 or found.end(1) < pieces[1].start) and found.end() < len(text):
        return Instruction(keyword=found[1].upper(), text=text, rest=found.end(), pieces=pieces)
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    message = f"{visible(word[:40])} is not an instruction (a keyword, a space and arguments)"
    notes.refuse(whole.start, message, "Write an instruction.")
    return None
