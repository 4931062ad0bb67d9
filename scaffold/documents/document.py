"""Parses strict YAML, which every parser reads the same way, with the position of every value.

Accepted documents mean the same in YAML 1.1 (PyYAML, and therefore Copier) and YAML 1.2, have no anchors, tags or merge
keys, and contain only visible characters. Everything else is a finding; nothing here raises, whatever the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import yaml

from scaffold.documents.events import LESS, KeyPath, Reader
from scaffold.findings.source import Position, Source, UndecodableError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.documents.scalars import Json
    from scaffold.findings.finding import Finding

_SAVE = "Save it as UTF-8 without a byte order mark."

# libyaml is fifteen times as fast as PyYAML, which Copier uses, but reads some things differently: tabs, tags, "?" in
# flow style, "|#".
_PYYAML_ONLY = re.compile(r"[\t!?]|[|>][-+0-9]*#")


@dataclass(frozen=True, kw_only=True)
class Document(Source):
    """The content of a YAML file, with positions.

    Only a document without findings may be acted on. With findings, `value` is the value after their fixes, so that one
    run finds more problems, or None if it is unknown. `positions` are those of values, `keys` those of keys; `sources`
    has each plain scalar as written, such as `3.10` for the number 3.1.
    """

    value: Json = None
    positions: Mapping[KeyPath, Position] = field(default_factory=dict)
    keys: Mapping[KeyPath, Position] = field(default_factory=dict)
    sources: Mapping[KeyPath, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def position(self, path: KeyPath, *, key: bool = False) -> Position:
        """Return the position of the value at this path (or of its key), or else of the nearest enclosing one."""
        first, second = (self.keys, self.positions) if key else (self.positions, self.keys)
        for end in range(len(path), -1, -1):
            if found := first.get(path[:end]) or second.get(path[:end]):
                return found
        return Position(line=0, column=0)

    def finding(self, code: str, message: str, *, path: KeyPath, key: bool = False, fix: str = "") -> Finding:
        """Create a finding about the value at a path (or about its key), with its position and excerpt."""
        return self.finding_at(self.position(path, key=key), code, message, fix=fix)


def parse(data: bytes, *, file: str) -> Document:
    """Parse a document; `file` is its name in findings. Never raises: every problem is a finding."""
    try:
        source = decode(data, file=file)
    except UndecodableError as error:
        fix = LESS if error.code == "too-large" else _SAVE
        found = error.source.finding_at(error.position, error.code, str(error), fix=fix)
        return Document(file=file, text=error.source.text, findings=(found,))
    marked = source.text.startswith("\ufeff")
    return _parse(Source(file=file, text=source.text[1:]) if marked else source, marked=marked)


def _parse(source: Source, *, marked: bool) -> Document:
    fast = getattr(yaml, "CSafeLoader", None)
    if fast and not marked and not _PYYAML_ONLY.search(source.text):
        reader = Reader(source)
        reader.read(fast)
        if not reader.findings:
            return _document(source, reader)
    reader = Reader(source)
    if marked:
        reader.note("byte-order-mark", Position(line=1, column=1), "the file starts with a byte order mark", _SAVE)
    reader.read(yaml.SafeLoader)
    return _document(source, reader)


def _document(source: Source, reader: Reader) -> Document:
    return Document(
        file=source.file,
        text=source.text,
        value=reader.value if reader.usable else None,
        positions=MappingProxyType(reader.positions),
        keys=MappingProxyType(reader.keys),
        sources=MappingProxyType(reader.sources),
        findings=tuple(sorted(reader.findings)),
    )
