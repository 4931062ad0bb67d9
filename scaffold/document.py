"""Bytes → Document: a strict YAML that every reader understands the same way, with the place of every value.

What is accepted means the same in YAML 1.1 (PyYAML, so Copier) and in YAML 1.2, has no anchors, tags or merge keys, and
holds only characters that show. Everything else is a finding; nothing here raises, whatever the bytes.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import yaml

from scaffold.findings import Finding, Position, Source, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Path: TypeAlias = "tuple[str | int, ...]"

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_FINDINGS = 100
MAX_INTEGER = 2**53  # a reader that keeps numbers as doubles (RFC 8259 §6) reads a larger one as another

# The plain scalars that YAML 1.1, as PyYAML implements it, and the core schema of YAML 1.2.2 (§10.3.2) read alike …
_WORDS: dict[str, Json] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0*[0-7]|[1-9][0-9]*)|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# … the other numbers of YAML 1.2 …
_CORE_NUMBER = re.compile(r"0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# … and what YAML 1.1 makes more of than text: PyYAML's own table, and four words of the specification
# (https://yaml.org/type/bool.html) that it leaves out.
_PYYAML_TYPES: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_LEFT_OUT = {"y": "true", "Y": "true", "n": "false", "N": "false"}

# libyaml is fifteen times as fast as PyYAML, which Copier reads with, but reads these differently: tabs, tags, "?" in
# flow style, "|#".
_PYYAML_ONLY = re.compile(r"[\t!?]|[|>][-+0-9]*#")
_DIRECTIVE = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*%")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\t", re.DOTALL)

_SAVE = "Save it as UTF-8 without a byte order mark."
_LESS = "Keep data in files of its own."
_COPY = "Write the value out in each place."
_FINITE = "Write a finite number."
_CHECK = "Check the indentation, quotes and brackets here and on the line before."
_SYNTAX_FIXES = {
    "found character '\\t'": "Use spaces instead of the tab.",
    "mapping values are not allowed": 'Quote a value that holds ": ", or mend the indentation.',
    "could not find expected ':'": "Write each entry as key: value, and close every quote and bracket.",
    "that cannot start any token": "Quote the value.",
}


@dataclass(frozen=True, kw_only=True)
class Document(Source):
    """What a YAML file says, and where it says it.

    Only a document without findings may be acted on. Otherwise `value` is what it says once the findings' fixes are
    made, so that more can be found in the same run, or None where that cannot be known. `positions` are those of
    values, `keys` those of keys; `sources` is each plain scalar as written, such as `3.10` for the number 3.1.
    """

    value: Json = None
    positions: Mapping[Path, Position] = field(default_factory=dict)
    keys: Mapping[Path, Position] = field(default_factory=dict)
    sources: Mapping[Path, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Say where the value at this path (or its key) stands, or else the nearest thing around it."""
        first, second = (self.keys, self.positions) if key else (self.positions, self.keys)
        for end in range(len(path), -1, -1):
            if found := first.get(path[:end]) or second.get(path[:end]):
                return found
        return Position(line=0, column=0)

    def finding(self, code: str, message: str, *, path: Path, key: bool = False, fix: str = "") -> Finding:
        """Make a finding about the value at a path (or about its key), located, with its excerpt."""
        return self.finding_at(self.position(path, key=key), code, message, fix=fix)


def parse(data: bytes, *, file: str) -> Document:
    """Read a document; `file` is its name in findings. Never raises: whatever is wrong is in the findings."""
    nowhere = Source(file=file, text="")
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data)} bytes, and more than {MAX_BYTES} are not read"
        return _unread(nowhere, Position(line=0, column=0), "too-large", message, _LESS)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(data) > 3 and b"\0\0" in (data[:3:2], data[1:4:2])):
        return _unread(nowhere, Position(line=0, column=0), "not-utf-8", "this is UTF-16 or UTF-32", _SAVE)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        source = Source(file=file, text=data.decode(errors="replace"))
        place = source.position_of(len(data[: error.start].decode()))
        return _unread(source, place, "not-utf-8", f"the byte 0x{data[error.start]:02x} is not UTF-8", _SAVE)
    return _parse(Source(file=file, text=text.removeprefix("\ufeff")), marked=text.startswith("\ufeff"))


def _unread(source: Source, place: Position, code: str, message: str, fix: str) -> Document:
    return Document(file=source.file, text=source.text, findings=(source.finding_at(place, code, message, fix=fix),))


def _parse(source: Source, *, marked: bool) -> Document:
    fast = getattr(yaml, "CSafeLoader", None)
    if fast and not marked and not _PYYAML_ONLY.search(source.text):
        reader = _Reader(source)
        reader.read(fast)
        if not reader.findings:
            return reader.document()
    reader = _Reader(source)
    if marked:
        reader.note("byte-order-mark", Position(line=1, column=1), "the file starts with a byte order mark", _SAVE)
    reader.read(yaml.SafeLoader)
    return reader.document()


class _Stop(Exception):  # noqa: N818 - not an error: the rest of the text is not worth reading
    pass


@dataclass(kw_only=True)
class _Open:
    """A mapping or sequence being read; `key` is the key whose value comes next."""

    path: Path
    value: dict[str, Json] | list[Json]
    is_key: bool  # it stands where a key should: read, and thrown away
    key: str | None = None


class _Reader:
    """Turns the events of one YAML text into a value, positions and findings, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.value: Json = None
        self.usable = True
        self.nodes = self.documents = 0
        self.stack: list[_Open] = []
        self.positions: dict[Path, Position] = {}
        self.keys: dict[Path, Position] = {}
        self.sources: dict[Path, str] = {}
        self.findings: list[Finding] = []

    def document(self) -> Document:
        return Document(
            file=self.source.file,
            text=self.source.text,
            value=self.value if self.usable else None,
            positions=MappingProxyType(self.positions),
            keys=MappingProxyType(self.keys),
            sources=MappingProxyType(self.sources),
            findings=tuple(sorted(self.findings)),
        )

    def note(self, code: str, place: Position, message: str, fix: str, *, usable: bool = False) -> None:
        self.usable &= usable
        self.findings.append(self.source.finding_at(place, code, message, fix=fix))

    def add(self, code: str, place: Position, message: str, fix: str, *, usable: bool = False) -> None:
        self.note(code, place, message, fix, usable=usable)
        if len(self.findings) >= MAX_FINDINGS:
            self.stop("too-many-problems", place, f"only {MAX_FINDINGS} problems are shown", "Mend these first.")

    def stop(self, code: str, place: Position, message: str, fix: str) -> NoReturn:
        self.note(code, place, message, fix)
        raise _Stop

    def read(self, loader_class: Any) -> None:
        loader = None
        try:
            loader = loader_class(self._harmless_text())
            while loader.check_event():
                self._event(loader.get_event())
            self._root()
        except _Stop:
            pass
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except Exception as error:  # noqa: BLE001 - whatever a parser does with hostile text, it is a finding
            place = _place(loader.get_mark()) if isinstance(loader, yaml.SafeLoader) else Position(line=0, column=0)
            self.note("yaml-syntax", place, f"this cannot be read ({type(error).__name__})", _CHECK)
        finally:
            if loader is not None:
                loader.dispose()

    def _harmless_text(self) -> str:
        """Put stand-ins for what does not show and for directives, so that the rest can be read."""
        text = self.source.text
        for index in self.source.unprintable():
            message = f"the character U+{ord(text[index]):04X}"
            fix = "Remove it, or put an ordinary space in its place."
            self.add("forbidden-character", self.source.position_of(index), message, fix)
            text = f"{text[:index]}\ufffd{text[index + 1 :]}"
        while match := _DIRECTIVE.match(text):
            index = match.end() - 1
            self.add("yaml-directive", self.source.position_of(index), "a YAML directive", "Remove the line.")
            text = f"{text[:index]}#{text[index + 1 :]}"
        return text

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        problem = error.problem or "this cannot be read"
        fix = next((fix for words, fix in _SYNTAX_FIXES.items() if words in problem), _CHECK)
        if error.context and error.context_mark:
            problem += f" ({error.context} that starts on line {error.context_mark.line + 1})"
        mark = error.problem_mark or error.context_mark
        place = _place(mark) if mark else Position(line=0, column=0)
        self.note("yaml-syntax", place, visible(problem), fix)

    def _root(self) -> None:
        if not self.documents:
            place = Position(line=0, column=0)
            self.note("empty-document", place, "there is nothing in this file", "Write lines of key: value.")
        elif not isinstance(self.value, dict):
            self.note("not-a-mapping", self.positions[()], "this is not a mapping", "Write lines of key: value.")

    def _event(self, event: Any) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            if self.stack.pop().is_key:
                self.stack[-1].key = "?"
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                place = _place(event.start_mark)
                self.stop("several-documents", place, "a second document starts here", "Keep one in each file.")

    def _node(self, event: Any) -> None:
        place = _place(event.start_mark)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop("too-many-nodes", place, f"more than {MAX_NODES} keys and values", _LESS)
        is_key = bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None
        if isinstance(event, yaml.AliasEvent):
            self._alias(event, place, is_key=is_key)
            return
        self._properties(event)
        if not isinstance(event, yaml.ScalarEvent):
            self._open(event, place, is_key=is_key)
            return
        self._characters(event)
        if is_key:
            self._key(event, place)
        else:
            self._scalar(event, place)

    def _alias(self, event: Any, place: Position, *, is_key: bool) -> None:
        self.add("yaml-alias", place, f"the alias *{event.anchor}", _COPY)
        if is_key:
            self.stack[-1].key = "?"
        else:
            self._put(None, place)

    def _properties(self, event: Any) -> None:
        """Refuse what stands before a node to name or to type it."""
        start = event.start_mark.index
        if event.anchor is not None:
            place = self.source.position_of(self.source.text.index("&", start))
            self.add("yaml-anchor", place, f"the anchor &{event.anchor}", "Remove it.", usable=True)
        if event.tag is not None:
            at = self.source.text.index("!", start)
            tag = _short(self.source.text[at : at + 50].split(maxsplit=1)[0])
            self.add("yaml-tag", self.source.position_of(at), f"the tag {tag}", "Remove it.")

    def _open(self, event: Any, place: Position, *, is_key: bool) -> None:
        value: dict[str, Json] | list[Json] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if is_key:
            self.add("complex-key", place, "this key is a list or a mapping", "Write one word as the key.")
            path: Path = (*self.stack[-1].path, "?")
        else:
            path = self._put(value, place)
        self.stack.append(_Open(path=path, value=value, is_key=is_key))
        if len(self.stack) > MAX_DEPTH:
            self.stop("too-deep", place, f"more than {MAX_DEPTH} levels of nesting", "Make it flatter.")

    def _put(self, value: Json, place: Position) -> Path:
        """Put a value where it belongs; of two with the same key the first stays."""
        path: Path = ()
        if not self.stack:
            self.value = value
        elif isinstance((top := self.stack[-1]).value, list):
            path = (*top.path, len(top.value))
            top.value.append(value)
        else:
            path = (*top.path, top.key or "")
            top.value.setdefault(top.key or "", value)
            top.key = None
        self.positions.setdefault(path, place)
        return path

    def _key(self, event: Any, place: Position) -> None:
        top, text = self.stack[-1], event.value
        path = (*top.path, text)
        if not event.style and text == "<<":
            self.add("merge-key", place, "the merge key <<", _COPY)
        elif not event.style and not _is_text(text):
            message = f"the key {_short(text)} is not text in every version of YAML"
            self.add("non-string-key", place, message, _quote(text), usable=True)
        if path in self.keys:
            message = f"the key {_short(text)} is already on line {self.keys[path].line}"
            self.add("duplicate-key", place, message, "Keep one of the two.", usable=True)
        self.keys.setdefault(path, place)
        top.key = text

    def _scalar(self, event: Any, place: Position) -> None:
        if not event.value and not event.style and self.stack:
            # Nothing stands nowhere, and the two parsers differ in where: it is found at its key.
            place = self.keys.get((*self.stack[-1].path, self.stack[-1].key or ""), place)
        if event.style or event.tag is not None:
            self._put(event.value, place)
            return
        plain = _read_plain(event.value)
        if plain.code:
            self.add(plain.code, place, plain.message, plain.fix, usable=plain.value is not None)
        path = self._put(plain.value, place)
        self.sources.setdefault(path, self.source.text[event.start_mark.index : event.end_mark.index])

    def _characters(self, event: Any) -> None:
        r"""Refuse what does not show inside a scalar: a tab, or in double quotes an escape such as `\0`."""
        if event.value.replace("\n", "").isprintable():
            return
        for match in _ESCAPE.finditer(self.source.text, event.start_mark.index, event.end_mark.index):
            escaped = event.style == '"'
            character = _unescape(match[0]) if escaped else match[0][-1]
            if not character.isprintable() and character != "\n":
                place = self.source.position_of(match.start() if escaped else match.end() - 1)
                self.add("forbidden-character", place, f"the character U+{ord(character):04X} in a text", "Remove it.")


def _place(mark: Any) -> Position:
    return Position(line=mark.line + 1, column=mark.column + 1)


def _unescape(written: str) -> str:
    """Give the character that an escape in a double-quoted scalar stands for; a tab stands for itself."""
    if len(written) > 2:
        return chr(int(f"0x{written[2:]}", 0))
    return str(yaml.SafeLoader.ESCAPE_REPLACEMENTS.get(written[-1], written[-1]))


@dataclass(frozen=True, kw_only=True)
class _Plain:
    """What a plain scalar is, and the problem with it, if any."""

    value: Json
    code: str = ""
    message: str = ""
    fix: str = ""


def _read_plain(text: str) -> _Plain:
    """Read a plain scalar; one that two versions of YAML read differently becomes the text it looks like."""
    if text in _WORDS:
        return _Plain(value=_WORDS[text])
    if _INTEGER.fullmatch(text):
        return _read_integer(text)
    if _NOT_FINITE.fullmatch(text) or (_FLOAT.fullmatch(text) and not math.isfinite(float(text))):
        return _Plain(value=None, code="not-finite", message=f"{_short(text)} is not a finite number", fix=_FINITE)
    if _FLOAT.fullmatch(text):
        return _Plain(value=float(text))
    if _is_text(text):
        return _Plain(value=text)
    readings = f"YAML 1.1 reads {_short(text)} as {_yaml_1_1(text)}, YAML 1.2 as {_yaml_1_2(text)}"
    return _Plain(value=text, code="ambiguous-value", message=readings, fix=_quote(text))


def _read_integer(text: str) -> _Plain:
    digits = text.lstrip("+-0x")
    # int() refuses thousands of digits with an exception; nothing of more than 16 is in range.
    if len(digits) <= 16 and abs(value := int(text, 16 if "x" in text else 10)) <= MAX_INTEGER:
        return _Plain(value=value)
    message = f"the integer {_short(text)} is beyond 2^53, so not every reader keeps it"
    return _Plain(value=text, code="number-too-large", message=message, fix=_quote(text))


def _is_text(text: str) -> bool:
    """Whether both versions of YAML read this plain scalar as a string."""
    if text in _WORDS or text in _LEFT_OUT or _CORE_NUMBER.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return False
    return not any(pattern.match(text) for _, pattern in _PYYAML_TYPES.get(text[0], ()))


def _yaml_1_1(text: str) -> str:
    """How PyYAML reads a plain scalar, in words."""
    if text in _LEFT_OUT:
        return _LEFT_OUT[text]
    if len(text) > 40:
        return "something else"  # hundreds of parts in base 60 would take seconds
    try:
        value = yaml.safe_load(text)
    except Exception:  # noqa: BLE001 - a thirteenth month, a lone "=": PyYAML raises whatever it likes
        return "an error"
    return "text" if value == text else json.dumps(value, default=lambda value: f"the date {value}").strip('"')


def _yaml_1_2(text: str) -> str:
    """How the core schema of YAML 1.2 reads a plain scalar that YAML 1.1 reads otherwise, in words."""
    if not _CORE_NUMBER.fullmatch(text):
        return "text"
    if len(text) > 40:
        return "a number"
    return f"{int(text, 0)}" if text.startswith("0o") else f"{float(text):.15g}"


def _quote(text: str) -> str:
    return f"Quote it: {json.dumps(text)}." if len(text) <= 40 else "Quote it."


def _short(text: str) -> str:
    return visible(text if len(text) <= 40 else f"{text[:40]}…") or "(nothing)"
