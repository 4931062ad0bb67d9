"""Removes one key or one item from a YAML text, and preserves every other byte."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import yaml

from scaffold.documents.document import parse
from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath


def remove(document: Document, path: KeyPath) -> str:
    """Return the text of a document without the key or the item at a path, which is alone on its line.

    The result is parsed again, and must equal the old value without it. Raises CannotDecideError if it takes several
    lines, shares its line with others or with a comment, or is the only one of its mapping or list.
    """
    node: Any = yaml.compose(document.text, Loader=yaml.SafeLoader)
    value: Any = deepcopy(document.value)
    *above, last = path
    inner = value
    for part in above:
        node, inner = _entry(node, part)[1], inner[part]
    key, found = _entry(node, last)
    del inner[last]
    lines = document.text.split("\n")
    line = key.start_mark.line
    if node.flow_style or not inner or found.end_mark.line != line or _has_more(lines[line], key, found):
        raise CannotDecideError(f"{document.file}: remove {'.'.join(map(str, path))} by hand")
    text = "\n".join(lines[:line] + lines[line + 1 :])
    again = parse(text.encode(), file=document.file)
    if len(again.findings) > len(document.findings) or again.value != value:
        raise CannotDecideError(f"{document.file}: remove {'.'.join(map(str, path))} by hand")
    return text


def _entry(node: Any, part: str | int) -> tuple[Any, Any]:
    """Return the key and the value of an entry; of an item, the item itself twice."""
    if isinstance(part, int):
        return node.value[part], node.value[part]
    return next((key, value) for key, value in node.value if key.value == part)


def _has_more(line: str, key: Any, found: Any) -> bool:
    """Return whether a line has something before or behind an entry, such as the dash of an item or a comment."""
    before = line[: key.start_mark.column].strip()
    return before not in ({"-"} if key is found else {""}) or bool(line[found.end_mark.column :].strip())
