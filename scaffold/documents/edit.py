"""Values put into a YAML text, and every other byte of it left alone: comments, order, quotes, line ends.

For the mappings of mappings that standards are: `{base: {digests: {arm64: …}}}`, in block or in flow style.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterator

Value: TypeAlias = "str | Sequence[str] | Mapping[str, Value]"


@dataclass(frozen=True, kw_only=True, order=True)
class _Edit:
    start: int
    end: int
    text: str


def edit(text: str, changes: Mapping[str, Value]) -> str:
    """The text with these values set, by their keys from the top, where a mapping means the keys in it.

    The text is a mapping without anchors, aliases and tags, as `scaffold.document` reads it. Raises CannotDecideError
    where a comment stands inside a list that has to be written anew.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    ending = "\r\n" if "\r\n" in text else "\n"
    for change in sorted(_into(text, root, changes, column=0), reverse=True):
        text = text[: change.start] + change.text.replace("\n", ending) + text[change.end :]
    return text


def _into(text: str, mapping: Any, changes: Mapping[str, Value], *, column: int) -> Iterator[_Edit]:
    """The edits that set keys of a mapping; `column` is where what continues a value in flow style is indented to."""
    there = {key.value: (key, value) for key, value in mapping.value}
    for name, value in changes.items():
        if name in there:
            yield from _anew(text, *there[name], value)
    if absent := {name: value for name, value in changes.items() if name not in there}:
        yield _flow_entry(mapping, absent, column) if mapping.flow_style else _block_entry(text, mapping, absent)


def _anew(text: str, key: Any, node: Any, value: Value) -> Iterator[_Edit]:
    """The edits that give a key another value of the same kind."""
    start, end = node.start_mark.index, end_of(node)
    if isinstance(value, Mapping):
        yield from _into(text, node, value, column=_indentation(text, key) + 2)
    elif isinstance(value, str):
        yield _Edit(start=start, end=end, text=f"{node.style or ''}{value}{node.style or ''}")
    elif [item.value for item in node.value] != list(value):
        if "#" in text[start:end]:
            line = node.start_mark.line + 1
            raise CannotDecideError(f"line {line}: move the comment out of this list, which has to be written anew")
        yield _Edit(start=start, end=end, text=_list(text, node, value))


def _list(text: str, node: Any, items: Sequence[str]) -> str:
    if not node.flow_style:
        return f"\n{' ' * node.start_mark.column}".join(f"- {item}" for item in items)
    several = node.start_mark.line != node.end_mark.line and node.value
    gap = "\n" + " " * (_indentation(text, node) + 2) if several else ""
    return f"[{gap}{(',' + (gap or ' ')).join(map(_quoted, items))}]"


def _flow_entry(mapping: Any, new: Mapping[str, Value], column: int) -> _Edit:
    """More keys at the end of a mapping in flow style; what is nested goes on lines of its own."""
    nested = any(not isinstance(value, str) for value in new.values())
    gap = "\n" + " " * column if nested else ""
    words = [f"{gap}{name}: {_flow(value, column)}" for name, value in new.items()]
    at = end_of(mapping.value[-1][1]) if mapping.value else mapping.start_mark.index + 1
    lead = ("," if gap else ", ") if mapping.value else ""
    return _Edit(start=at, end=at, text=lead + ("," if gap else ", ").join(words))


def _flow(value: Value, column: int) -> str:
    if isinstance(value, str):
        return _quoted(value)
    gap = "\n" + " " * (column + 2)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{gap}{name}: {_flow(item, column + 2)}" for name, item in value.items()) + "}"
    return "[" + ",".join(f"{gap}{_quoted(item)}" for item in value) + "]"


def _block_entry(text: str, mapping: Any, new: Mapping[str, Value]) -> _Edit:
    """More keys at the end of a mapping in block style, after the line on which its last value ends."""
    at = end_of_line(text, mapping.value[-1][1])
    column = mapping.value[0][0].start_mark.column
    return _Edit(start=at, end=at, text="".join(f"\n{line}" for line in _block(new, column)))


def _block(value: Value, column: int) -> Iterator[str]:
    indent = " " * column
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield f"{indent}{name}: {_plain(item)}" if isinstance(item, str) else f"{indent}{name}:"
            yield from () if isinstance(item, str) else _block(item, column + 2)
    else:
        yield from (f"{indent}- {item}" for item in value)


def end_of(node: Any) -> int:
    """Where a node's text ends: a collection in block style ends with its last item, not with the comments after it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(node, yaml.MappingNode) else last)


def end_of_line(text: str, node: Any) -> int:
    """Where the line ends on which a node does, before its line end."""
    at = text.find("\n", end_of(node))
    return len(text) if at < 0 else at - (text[at - 1] == "\r")


def _indentation(text: str, node: Any) -> int:
    """How far the line on which a node starts is indented."""
    line = text[text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]
    return len(line) - len(line.lstrip(" "))


def _plain(value: str) -> str:
    """A digest needs no quotes; a day would be read as one without."""
    return value if value.startswith("sha256:") else _quoted(value)


def _quoted(value: str) -> str:
    return f'"{value}"'
