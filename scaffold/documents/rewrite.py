"""A spec's text with some values set, and every other byte as it was: comments, layout and line ends stay."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import yaml

from scaffold.documents.document import parse
from scaffold.documents.edit import end_of, end_of_line
from scaffold.documents.scalars import is_text
from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.documents.scalars import Json

_Splice = tuple[int, int, str]


def with_values(document: Document, edits: Mapping[KeyPath, Mapping[str, Json]]) -> str:
    """The text of a document in which the mappings at these paths have these values, by key.

    A key that is new stands after the mapping's first one. The result is read back: what it says is what was asked for.
    Raises CannotDecideError where the layout does not allow that.
    """
    text = document.text
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    splices = [splice for path, values in edits.items() for splice in _splices(text, _node(root, path), values)]
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    if parse(text.encode(), file=document.file).value != _edited(document.value, edits):
        raise CannotDecideError(
            f"{document.file}: cannot be edited with this layout; write this into it: {json.dumps([*edits.values()])}"
        )
    return text


def _edited(value: Json, edits: Mapping[KeyPath, Mapping[str, Json]]) -> Json:
    value = deepcopy(value)
    for path, values in edits.items():
        target: Any = value
        for part in path:
            target = target[part]
        target.update(values)
    return value


def _node(node: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(part, int):
            node = node.value[part]
        else:
            node = next(value for key, value in node.value if key.value == part)
    return node


def _splices(text: str, node: Any, values: Mapping[str, Json]) -> Iterator[_Splice]:
    present = {key.value: value for key, value in node.value}
    for key, value in values.items():
        if key in present:
            old = present[key]
            separator = None if _in_line(old) else _line_end(text) + " " * old.start_mark.column
            yield old.start_mark.index, end_of(old), _written(value, separator)
    new = {key: value for key, value in values.items() if key not in present}
    if new:
        first_key, first = node.value[0]
        yield _flow(first, new) if node.flow_style else _block(text, first_key.start_mark.column, first, new)


def _flow(anchor: Any, new: Mapping[str, Json]) -> _Splice:
    at = end_of(anchor)
    return at, at, "".join(f", {key}: {_written(value)}" for key, value in new.items())


def _block(text: str, column: int, anchor: Any, new: Mapping[str, Json]) -> _Splice:
    """Lines of their own, after the one that the anchor ends on."""
    at = end_of_line(text, anchor)
    start = _line_end(text) + " " * column
    lines = [
        f"{start}{key}:{start}  {_written(value, start + '  ')}"
        if isinstance(value, list)
        else f"{start}{key}: {_written(value)}"
        for key, value in new.items()
    ]
    return at, at, "".join(lines)


def _line_end(text: str) -> str:
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def _in_line(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) or bool(node.flow_style)


def _written(value: Json, separator: str | None = None) -> str:
    """A value in flow style; with a separator, a list as one item in each line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        items = [_written(item) for item in value]
        return f"[{', '.join(items)}]" if separator is None else separator.join(f"- {item}" for item in items)
    if isinstance(value, str) and is_text(value):
        return value
    return json.dumps(value)
