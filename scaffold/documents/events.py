"""Turns the events of a YAML parser into a value, positions and findings; refuses YAML that a spec may not use."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import yaml

from scaffold.documents.scalars import Json, is_text, quote, read_plain, short
from scaffold.documents.syntax import CHECK, explained, position
from scaffold.findings.finding import Edit
from scaffold.findings.source import Position, Source, visible

if TYPE_CHECKING:
    from scaffold.findings.finding import Finding

KeyPath: TypeAlias = "tuple[str | int, ...]"
MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_FINDINGS = 100

_DIRECTIVE = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*%")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|\t", re.DOTALL)
LESS = "Keep data in separate files."
_COPY = "Write out the value in each place."
_MAPPING = "Write lines of the form key: value."


class _Stop(Exception):  # noqa: N818 - not an error: the rest of the text is not worth reading
    pass


@dataclass(kw_only=True)
class _Open:
    """A mapping or sequence that is being read; `key` is the key of its next value."""

    path: KeyPath
    value: dict[str, Json] | list[Json]
    is_key: bool  # it is in the place of a key: read, then discarded
    key: str | None = None


class Reader:
    """Turns the events of one YAML text into a value, positions and findings, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.value: Json = None
        self.usable = True
        self.nodes = self.documents = 0
        self.stack: list[_Open] = []
        self.positions: dict[KeyPath, Position] = {}
        self.keys: dict[KeyPath, Position] = {}
        self.sources: dict[KeyPath, str] = {}
        self.findings: list[Finding] = []

    def note(self, code: str, place: Position, message: str, fix: str, *, usable: bool = False) -> None:
        """Add a finding; with `usable`, the value stays usable, because the fix does not change it."""
        self.usable &= usable
        self.findings.append(self.source.finding_at(place, code, message, fix=fix))

    def add(self, code: str, place: Position, message: str, fix: str, *, usable: bool = False) -> None:
        """Add a finding, and stop reading after the hundredth."""
        self.note(code, place, message, fix, usable=usable)
        if len(self.findings) >= MAX_FINDINGS:
            self.stop("too-many-problems", place, f"only {MAX_FINDINGS} problems are shown", "Fix these first.")

    def stop(self, code: str, place: Position, message: str, fix: str) -> NoReturn:
        """Add a last finding, and stop reading."""
        self.note(code, place, message, fix)
        raise _Stop

    def read(self, loader_class: Any) -> None:
        """Read the text with this PyYAML loader. Never raises."""
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
        except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile text is a finding
            place = position(loader.get_mark()) if isinstance(loader, yaml.SafeLoader) else Position(line=0, column=0)
            self.note("yaml-syntax", place, f"the file cannot be read ({type(error).__name__})", CHECK)
        finally:
            if loader is not None:
                loader.dispose()

    def _harmless_text(self) -> str:
        """Return the text with invisible characters and directives replaced, so that the rest can be read."""
        text = self.source.text
        for index in self.source.unprintable():
            message = f"the character U+{ord(text[index]):04X}"
            fix = "Remove it, or replace it with an ordinary space."
            self.add("forbidden-character", self.source.position_of(index), message, fix)
            text = f"{text[:index]}\ufffd{text[index + 1 :]}"
        while match := _DIRECTIVE.match(text):
            index = match.end() - 1
            self.add("yaml-directive", self.source.position_of(index), "a YAML directive", "Remove the line.")
            text = f"{text[:index]}#{text[index + 1 :]}"
        return text

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        place, problem, fix = explained(self.source, error)
        self.note("yaml-syntax", place, visible(problem), fix)

    def _root(self) -> None:
        if not self.documents:
            self.note("empty-document", Position(line=0, column=0), "the file is empty", _MAPPING)
        elif not isinstance(self.value, dict):
            self.note("not-a-mapping", self.positions[()], "the file is not a mapping", _MAPPING)

    def _event(self, event: Any) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            if self.stack.pop().is_key:
                self.stack[-1].key = "?"
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                place = position(event.start_mark)
                self.stop("several-documents", place, "a second document starts here", "Keep one document per file.")

    def _node(self, event: Any) -> None:
        place = position(event.start_mark)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop("too-many-nodes", place, f"more than {MAX_NODES} keys and values", LESS)
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
        """Refuse an anchor or a tag."""
        if event.anchor is not None:
            place = self.source.position_of(self.source.text.index("&", event.start_mark.index))
            self.add("yaml-anchor", place, f"the anchor &{event.anchor}", "Remove it.", usable=True)
        if event.tag is not None:
            at = self.source.text.index("!", event.start_mark.index)
            tag = short(self.source.text[at : at + 50].split(maxsplit=1)[0])
            from scaffold.documents import tags

            self.add("yaml-tag", self.source.position_of(at), f"the tag {tag}", tags.fix(tag, event))

    def _open(self, event: Any, place: Position, *, is_key: bool) -> None:
        value: dict[str, Json] | list[Json] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if is_key:
            self.add("complex-key", place, "this key is a list or a mapping", "Use a plain string as the key.")
            path: KeyPath = (*self.stack[-1].path, "?")
        else:
            path = self._put(value, place)
        self.stack.append(_Open(path=path, value=value, is_key=is_key))
        if len(self.stack) > MAX_DEPTH:
            self.stop("too-deep", place, f"more than {MAX_DEPTH} levels of nesting", "Reduce the nesting.")

    def _put(self, value: Json, place: Position) -> KeyPath:
        """Add a value to the current collection; of two with the same key, the first stays."""
        path: KeyPath = ()
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
        elif not event.style and not is_text(text):
            message = f"the key {short(text)} is not a string in every version of YAML"
            self.add("non-string-key", place, message, quote(text), usable=True)
        if path in self.keys:
            message = f"the key {short(text)} is already on line {self.keys[path].line}"
            self.add("duplicate-key", place, message, "Keep one of them.", usable=True)
        self.keys.setdefault(path, place)
        top.key = text

    def _scalar(self, event: Any, place: Position) -> None:
        if not event.value and not event.style and self.stack:
            # PyYAML and libyaml give an absent value different positions, so it gets that of its key.
            place = self.keys.get((*self.stack[-1].path, self.stack[-1].key or ""), place)
        if event.style or event.tag is not None:
            self._put(event.value, place)
            return
        plain = read_plain(event.value)
        path = self._put(plain.value, place)
        if plain.code:
            self.add(plain.code, place, plain.message, plain.fix, usable=plain.value is not None)
            if isinstance(plain.value, str) and self.positions[path] == place:
                self.findings[-1] = replace(self.findings[-1], edits=(Edit(path, plain.value),))
        self.sources.setdefault(path, self.source.text[event.start_mark.index : event.end_mark.index])

    def _characters(self, event: Any) -> None:
        r"""Refuse invisible characters inside a scalar: a tab, or an escape such as `\0` in double quotes."""
        if event.value.replace("\n", "").isprintable():
            return
        for match in _ESCAPE.finditer(self.source.text, event.start_mark.index, event.end_mark.index):
            escaped = event.style == '"'
            char = _unescape(match[0]) if escaped else match[0][-1]
            if not char.isprintable() and char != "\n":
                place = self.source.position_of(match.start() if escaped else match.end() - 1)
                self.add("forbidden-character", place, f"the character U+{ord(char):04X} in a string", "Remove it.")


def _unescape(written: str) -> str:
    """Return the character that an escape in a double-quoted scalar stands for; a tab stands for itself."""
    if len(written) > 2:
        return chr(int(f"0x{written[2:]}", 0))
    return str(yaml.SafeLoader.ESCAPE_REPLACEMENTS.get(written[-1], written[-1]))
