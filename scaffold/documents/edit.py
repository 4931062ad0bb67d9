"""Sets values in a YAML text and preserves every other byte: comments, order, quotes, line endings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from scaffold.documents.document import parse
from scaffold.documents.scalars import is_text
from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.documents.document import Document

_SIMPLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./:+@-]*[A-Za-z0-9_/])?")

Scalar: TypeAlias = "str | int"
Value: TypeAlias = "Scalar | Sequence[Scalar | Mapping[str, Scalar]] | Changes"
Changes: TypeAlias = "Mapping[str, Value] | Mapping[int, Value]"
"""Values by key; a mapping applies to the existing mapping, or replaces a scalar; integers are indexes into a list."""


@dataclass(frozen=True, kw_only=True, order=True)
class _Splice:
    start: int
    end: int
    text: str


def edit(document: Document, changes: Changes, *, after_first: bool = False) -> str:
    """Return the text of a document with these values set; its only findings may be about the values of scalars.

    New keys go to the end of their mapping, or after its first key (`after_first`). The result is parsed again and must
    equal the old value with the changes. Raises CannotDecideError if the layout does not allow that, or if a comment is
    inside a list that must be replaced.
    """
    text = document.text
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    ending = "\r\n" if "\r\n" in text else "\n"
    splices = _Editor(text, after_first=after_first).into(root, document.value, changes, column=0)
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text.replace("\n", ending) + text[splice.end :]
    again = parse(text.encode(), file=document.file)
    if len(again.findings) > len(document.findings) or again.value != _with(document.value, changes):
        wanted = json.dumps(changes)
        raise CannotDecideError(f"{document.file}: cannot be edited with this layout; add this by hand: {wanted}")
    return text


def _with(value: Any, changes: Changes) -> Any:
    """Return a copy of a value with the changes applied."""
    result: Any = deepcopy(value)
    for name, change in changes.items():
        if isinstance(change, Mapping):
            old = result[name] if isinstance(name, int) else result.get(name, {})
            result[name] = _with(old if isinstance(old, dict | list) else {}, change)
        else:
            result[name] = list(change) if isinstance(change, tuple) else change
    return result


class _Editor:
    """Computes the splices for changes to one text."""

    def __init__(self, text: str, *, after_first: bool) -> None:
        self.text = text
        self.after_first = after_first

    def into(self, node: Any, old: Any, changes: Changes, *, column: int) -> Iterator[_Splice]:
        """Yield the splices that set values in a collection; `column` is its indentation in flow style."""
        present: dict[str | int, tuple[Any, Any]] = {}
        if isinstance(node, yaml.SequenceNode):
            present = {index: (node, item) for index, item in enumerate(node.value)}
        elif isinstance(node, yaml.MappingNode):
            present = {key.value: (key, value) for key, value in node.value}
        for name, change in changes.items():
            if name in present:
                yield from self._replace(*present[name], old[name], change)
        if not isinstance(node, yaml.MappingNode):
            return
        if new := {str(name): change for name, change in changes.items() if name not in present}:
            yield self._flow_entry(node, new, column) if node.flow_style else self._block_entry(node, new)

    def _replace(self, key: Any, node: Any, old: Any, value: Value) -> Iterator[_Splice]:
        """Yield the splices that replace a node; `key` is its key or its list."""
        start, end = node.start_mark.index, _end_of(node)
        if isinstance(value, Mapping) and isinstance(node, yaml.ScalarNode):
            yield _Splice(start=start, end=end, text=_in_line(value))
        elif isinstance(value, Mapping):
            yield from self.into(node, old, value, column=self._indentation(key) + 2)
        elif isinstance(value, str | int):
            yield _Splice(start=start, end=end, text=_scalar(value, style=node.style or ""))
        elif old != list(value):
            if "#" in self.text[start:end]:
                line = node.start_mark.line + 1
                raise CannotDecideError(f"line {line}: move the comment out of this list, which must be replaced")
            yield _Splice(start=start, end=end, text=self._list(node, value))

    def _list(self, node: Any, items: Sequence[Any]) -> str:
        if not node.flow_style:
            return f"\n{' ' * node.start_mark.column}".join(f"- {_in_line(item, flow=False)}" for item in items)
        several = node.start_mark.line != node.end_mark.line and node.value
        gap = "\n" + " " * (self._indentation(node) + 2) if several else ""
        return f"[{gap}{(',' + (gap or ' ')).join(map(_in_line, items))}]"

    def _anchor(self, mapping: Any) -> Any:
        """Return the value after which new keys are inserted."""
        return mapping.value[0 if self.after_first else -1][1]

    def _flow_entry(self, mapping: Any, new: Mapping[str, Value], column: int) -> _Splice:
        """Return the splice that adds keys to a mapping in flow style; nested ones go on separate lines."""
        nested = any(not isinstance(value, str | int) for value in new.values())
        gap = "\n" + " " * column if nested else ""
        words = [f"{gap}{name}: {_flow(value, column)}" for name, value in new.items()]
        at = _end_of(self._anchor(mapping)) if mapping.value else mapping.start_mark.index + 1
        separator = "," if gap else ", "
        return _Splice(start=at, end=at, text=(separator if mapping.value else "") + separator.join(words))

    def _block_entry(self, mapping: Any, new: Mapping[str, Value]) -> _Splice:
        """Return the splice that adds keys to a mapping in block style, on the lines after a value."""
        end = _end_of(self._anchor(mapping))
        line = self.text.find("\n", end)
        at = len(self.text) if line < 0 else line - (self.text[line - 1] == "\r")
        column = mapping.value[0][0].start_mark.column
        return _Splice(start=at, end=at, text="".join(f"\n{line}" for line in _block(new, column)))

    def _indentation(self, node: Any) -> int:
        """Return the indentation of the line on which a node starts."""
        line = self.text[self.text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]
        return len(line) - len(line.lstrip(" "))


def _end_of(node: Any) -> int:
    """Return the index at which a node ends; a block collection ends with its last item, before later comments."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end_of(last[1] if isinstance(node, yaml.MappingNode) else last)


def _block(value: Any, column: int) -> Iterator[str]:
    """Yield the lines of a collection in block style."""
    indent = " " * column
    if isinstance(value, Mapping):
        for name, item in value.items():
            is_scalar = isinstance(item, str | int)
            yield f"{indent}{name}: {_scalar(item)}" if is_scalar else f"{indent}{name}:"
            yield from () if is_scalar else _block(item, column + 2)
    else:
        yield from (f"{indent}- {_in_line(item, flow=False)}" for item in value)


def _flow(value: Any, column: int) -> str:
    """Return a value in flow style; the items of a collection go on separate lines."""
    if isinstance(value, str | int):
        return _in_line(value)
    gap = "\n" + " " * (column + 2)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{gap}{name}: {_flow(item, column + 2)}" for name, item in value.items()) + "}"
    return "[" + ",".join(f"{gap}{_in_line(item)}" for item in value) + "]"


def _in_line(value: Any, *, flow: bool = True) -> str:
    """Return a scalar, or a mapping of scalars, on one line; flow style quotes a string with a colon."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_in_line(item)}" for name, item in value.items()) + "}"
    return _scalar(value, style='"' if flow and isinstance(value, str) and ":" in value else "")


def _scalar(value: Scalar, style: str = "") -> str:
    """Return a scalar in the given quotes, or plain if every version of YAML reads the same string."""
    if isinstance(value, str) and _SIMPLE.fullmatch(value):
        if style == "'":
            return f"'{value}'"
        if not style and is_text(value):
            return value
    return json.dumps(value, ensure_ascii=False)
