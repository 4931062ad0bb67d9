"""Removing a key or an item: what is alone on its line goes, everything else stays or is refused."""

from __future__ import annotations

import pytest

from scaffold.documents.document import parse
from scaffold.documents.events import KeyPath
from scaffold.documents.removal import remove
from scaffold.errors import CannotDecideError


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a: 1\nb: 2\n", ("a",), "a: 1\n"),
        ("a: 1\nb: 2", ("b",), "\nb: 2"),
        ("# x\na: 1  # y\nb:\n  c: [1, 2]\n  d: 3\n", ("b", "c"), "  c: [1, 2]\n"),
        ("a:\r\n  - 1\r\n  - 2\r\n", ("a", 0), "  - 1\r\n"),
    ],
)
def test_one_line_is_removed(text: str, path: KeyPath, line: str) -> None:
    expected = text.replace(line, "", 1)
    assert remove(parse(text.encode(), file="x"), path) == expected


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: 1  # why\nb: 2\n", ("a",)),
        ("a: {b: 1, c: 2}\n", ("a", "b")),
        ("a:\n  b: 1\nc: 2\n", ("a", "b")),
        ("a:\n  b: 1\nc: 2\n", ("a",)),
        ("a:\n  - b: 1\n    c: 2\n", ("a", 0, "b")),
    ],
)
def test_what_is_not_alone_on_a_line_is_refused(text: str, path: KeyPath) -> None:
    with pytest.raises(CannotDecideError, match="by hand"):
        remove(parse(text.encode(), file="x"), path)
