"""Which files a builder could take for a Dockerfile, by their first lines."""

from __future__ import annotations

import pytest

from scaffold.dockerfile.detect import looks_like_dockerfile
from scaffold.findings.source import MAX_BYTES

YES = [
    *("FROM a", "\ufeffFROM a", "FROM\va", "\u3000FROM a", "\u00a0\u2028from a"),
    *("FROM --platform=x a AS b", "FROM \\\n a"),
    *('FROM --x="linux / amd64" a', "FROM --x='a b'\tc AS d", "FROM --x=a\\ b c", 'FROM --x=${A:-"b c"} d'),
    *("FROM --a='b' --c=\"d e\"'f g' h", 'FROM --x="a\\" b" c', "FROM --x= a"),
    *("FR\\\nOM a", "FR\\\n# c\nOM a", "# a \\\nFROM a", "# escape=`\nFR`\nOM a"),
    *("ARG\vA=1\nFROM a", "ARG A=1\r\nFROM a\r\n"),
    *("ARG A=1 \\\n# c\n  B=2\nFROM a", "ARG A=1 \\\n\n  B=2\nFROM a", "ARG A=1 \\\n  # c\nFROM a"),
    "A\\\nRG A\nFROM a",
    *("ARG A=1 \\\n  # c\n  B=2\nFROM a", "ARG A=\\\\\nFROM a\nRUN b", "ARG A=\\\\\nB=2\nFROM a"),
    "ARG A=\\\v\nFR\\\nOM a",
    *("# syntax=a\nb", "#\tCheck = a", "// syntax=a", "#!/bin/sh\n# syntax=a", "# a=b\n# syntax=c"),
    '{"syntax": "a"}',
    *("#x\n" * MAX_BYTES + "FROM a", "ARG A=" + "x" * MAX_BYTES, "\n" * MAX_BYTES + "FROM a"),
    "ARG A \\\n" * MAX_BYTES,
    "#" * MAX_BYTES + "\nFROM a",
]  # fmt: skip
NO = [
    *("", "\n", "# a\n", "from a import b", "From Prague with love", "#!/bin/sh\ndocker build ."),
    *("FROM --x='a b", 'FROM --x="a b c', "FROM --x=a\\ b c d", "FROMage", "fromage a"),
    *("from a import b, \\\n    c\n", "from a \\\n    import b\n"),
    *("AR\nFROM a", "ARGH\nFROM a"),
    *("# a\n# syntax=b", "\n# syntax=a", "# syntax of a"),
    *('{"syntax": 1}', '{"a": {"syntax": "b"}}', "[1]", "{", "# a=b\nc"),
    *("x" * MAX_BYTES * 2, "# a\n" + "x" * MAX_BYTES, "a\n" * MAX_BYTES, "RUN a\nFROM b"),
    "ARG A=1 \\\nB=2\nC\nFROM a",
]  # fmt: skip


@pytest.mark.parametrize("text", YES, ids=lambda text: text[:20])
def test_a_dockerfile(text: str) -> None:
    assert looks_like_dockerfile(text.encode()[: MAX_BYTES + 1])


@pytest.mark.parametrize("text", NO, ids=lambda text: text[:20])
def test_something_else(text: str) -> None:
    assert not looks_like_dockerfile(text.encode()[: MAX_BYTES + 1])


def test_bytes_that_are_no_text() -> None:
    assert looks_like_dockerfile(b"# \xff\nFROM \xe9\n")
    assert not looks_like_dockerfile(b"\x00\x01\xff" * 1000)
