"""Reads the targets of a Bake file in HCL; only literal values are understood.

Tokens follow https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, so that no comment, string or template hides
one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.dockerfile.build_files.keys import BAKE, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.findings.source import Source

_WORD = re.compile(
    r"[ \t\r]+|(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z)"
    r"|(?P<heredoc><<-?(?P<end>[^\W\d][\w-]*)\r?\n(?P<body>.*?)(?<=\n)[ \t]*(?P=end)[ \t\r]*(?=\n|\Z))"
    r"|(?P<word>[^\W\d][\w-]*)|(?P<mark>==|=>|\n|[^\s\"])",
    re.DOTALL,
)
_TEXT = re.compile(r'(?:[^"\\$%\n]|\\[^\n]|[$%](?![{$%]))*')
_LITERAL = re.compile(r'"([^"\\$%\n]*)"')
_LABEL = re.compile(r'".*"|[^\W\d][\w-]*', re.DOTALL)
_NAME = re.compile(r'"[^"\\$%\n]*"|[^\W\d][\w-]*')
_CACHE = re.compile(r'\{([^{}]*)\}|"([^"]*)"')
_OPEN, _CLOSE = "{[(", "}])"


class NotReadError(Exception):
    """The text is not HCL, or uses more of it than this module reads."""


def read(source: Source) -> list[Setting]:
    """Return the settings of all targets together, since targets inherit. Raises NotReadError and RecursionError."""
    words = list(_Words(source.text).all())
    found: list[Setting] = []
    index = depth = 0
    while index < len(words):
        word = words[index][0]
        if not depth and word == "target" and words[index + 1 : index + 2] and words[index + 1][0] != "=":
            index = _target(words, _body(words, index), source, found)
            continue
        depth += (word in _OPEN) - (word in _CLOSE)
        index += 1
    place = source.position_of(0)
    return [Setting(name="context", text=".", place=place), *found] if found else []


class _Words:
    """Yields each token with its index; a quoted string, including its templates, is one token."""

    def __init__(self, text: str) -> None:
        self.text, self.index = text, 0

    def all(self) -> Iterator[tuple[str, int]]:
        yield from self._until_closed()
        if self.index < len(self.text):
            raise NotReadError

    def _until_closed(self) -> Iterator[tuple[str, int]]:
        depth = 0
        while self.index < len(self.text):
            start = self.index
            if self.text[start] == '"':
                self._quoted()
                yield self.text[start : self.index], start
                continue
            found = _WORD.match(self.text, start)
            if not found or (self.text.startswith("<<", start) and not found["heredoc"]):
                raise NotReadError
            if found["body"] and re.search(r"[$%]\{", found["body"]):
                raise NotReadError
            depth += (found[0] == "{") - (found[0] == "}")
            if depth < 0:
                return
            self.index = found.end()
            if found["heredoc"] or found["word"] or found["mark"]:
                yield found[0], start

    def _quoted(self) -> None:
        self.index += 1
        while True:
            found = _TEXT.match(self.text, self.index)
            self.index = found.end() if found else self.index
            if self.text.startswith('"', self.index):
                self.index += 1
                return
            if not self.text.startswith(("${", "%{"), self.index):
                raise NotReadError
            self.index += 2
            for _ in self._until_closed():
                pass
            self.index += 1  # the template's closing brace; after the end of the text, nothing matches


def _body(words: Sequence[tuple[str, int]], index: int) -> int:
    """Return the index after the brace that opens a block, whatever its labels are. Raises NotReadError."""
    index += 1
    while index < len(words) and _LABEL.fullmatch(words[index][0]):
        index += 1
    if index >= len(words) or words[index][0] != "{":
        raise NotReadError
    return index + 1


def _target(words: Sequence[tuple[str, int]], index: int, source: Source, found: list[Setting]) -> int:
    """Read `name = value` lines up to the end of the block, and return the index after it."""
    while index < len(words):
        name, at = words[index]
        if name == "}":
            return index + 1
        index += 1
        if name == "\n":
            continue
        if index >= len(words) or words[index][0] != "=":
            found.append(Setting(name="unread", text=None, place=source.position_of(at)))
        end = _end(words, index, "\n")
        value = [word for word, _ in words[index + 1 : end]]
        if name not in BAKE.names and name not in BAKE.harmless:
            found.append(Setting(name="parameters", text=None, place=source.position_of(at)))
        if kind := BAKE.names.get(name):
            texts = _texts(kind, value)
            kind = "argument" if kind == "args" else kind
            found += [Setting(name=kind, text=text, place=source.position_of(at)) for text in texts]
        index = end
    raise NotReadError


def _end(words: Sequence[tuple[str, int]], index: int, separators: str) -> int:
    """Return the index at which a value ends: a separator outside brackets, or the container's closing bracket."""
    depth = 0
    while index < len(words):
        word = words[index][0]
        if not depth and (word in separators or word in _CLOSE):
            break
        depth += (word in _OPEN) - (word in _CLOSE)
        index += 1
    return index


def _texts(kind: str, value: list[str]) -> list[str | None]:
    if kind == "args":
        return _arguments(value)
    if kind == "cache":
        return _caches("".join(value).replace("\n", ","))
    literal = _LITERAL.fullmatch(value[0]) if len(value) == 1 else None
    return [literal[1] if literal else None]


def _arguments(value: list[str]) -> list[str | None]:
    """Return the names of build arguments; None if the value is not an object with plain keys."""
    if value[:1] != ["{"] or value[-1] != "}":
        return [None]
    words = [(word, 0) for word in value[1:-1]]
    found: list[str | None] = []
    index = 0
    while index < len(words):
        if words[index][0] in {"\n", ","}:
            index += 1
        elif index + 1 < len(words) and words[index + 1][0] in {"=", ":"} and _NAME.fullmatch(words[index][0]):
            found.append(words[index][0].strip('"'))
            index = _end(words, index + 2, "\n,")
        else:
            return [None]
    return found


def _caches(value: str) -> list[str | None]:
    """Return each entry of a list as `type=NAME,…`; None if the list has anything but literals."""
    if not value.startswith("[") or _CACHE.sub("", value).strip("[],"):
        return [None]
    return [match[2] if match[1] is None else match[1].replace('"', "").strip(",") for match in _CACHE.finditer(value)]
