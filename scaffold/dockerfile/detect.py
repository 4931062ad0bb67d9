"""Detects, from the first lines of a file, whether a builder could read it as a Dockerfile, whatever its name.

Builders differ in line continuation and in comments. A file counts if any of their readings starts with a FROM; whether
it may be built is checked elsewhere.
"""

from __future__ import annotations

import json
import re

from scaffold.findings.source import MAX_BYTES

_DIRECTIVE = re.compile(r"(?:#|//)\s*([A-Za-z][A-Za-z0-9]*)\s*=")
_DIRECTIVES = ("check", "escape", "syntax")
_FLAG = r"""--(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*"""
"""A flag ends at a blank that is neither quoted nor escaped."""
_FROM = re.compile(rf"FROM(?:\s+{_FLAG})*(?:\s+\S+(?:\s+AS(?:\s+\S+)?)?)?\s*", re.IGNORECASE)
_KEYWORDS = ("ARG", "FROM")
_CONTINUED = [re.compile(rf"{before}\\{blanks}$") for before in ("", r"(?<!\\)") for blanks in (r"[ \t\r]*", r"\s*")]
"""The kinds of line continuation: whether two backslashes continue a line too, and which blanks may follow."""


def looks_like_dockerfile(data: bytes) -> bool:
    """Return whether a file starts with a parser directive, or its first instruction other than ARG is a FROM.

    `data` is the content or, if it is longer than MAX_BYTES, its first MAX_BYTES + 1 bytes; a file that is undecided up
    to there counts, too.
    """
    lines = data.decode(errors="replace").removeprefix("\ufeff").split("\n")
    if len(data) > MAX_BYTES:
        lines[-1] += "\\"
        lines.append("\\")
    ways = ((continued, indented) for continued in _CONTINUED for indented in (True, False))
    return _starts_with_directive(lines) or _is_json_directive(data) or any(_leads_to_from(lines, *way) for way in ways)


def _starts_with_directive(lines: list[str]) -> bool:
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line.strip())
        if found and found[1].lower() in _DIRECTIVES:
            return True
        if not found and not (number == 0 and line.startswith("#!")):
            break
    return False


def _is_json_directive(data: bytes) -> bool:
    """Return whether BuildKit would take the frontend from this JSON object of strings."""
    if not data.lstrip().startswith(b"{") or len(data) > MAX_BYTES:
        return False
    try:
        found = json.loads(data)
    except (RecursionError, ValueError):
        return False
    return "syntax" in found and all(isinstance(value, str) for value in found.values())


def _leads_to_from(lines: list[str], continued: re.Pattern[str], indented: bool) -> bool:  # noqa: FBT001
    """Return whether the instructions start with a FROM; `indented` allows indented comments in continued lines."""
    text, goes_on = "", False
    for line in lines:
        stripped = line.strip()
        if not stripped or line.startswith("#") or (stripped.startswith("#") and (indented or not text)):
            continue
        body = continued.sub("", line)
        text, goes_on = (text + body).lstrip(), body != line
        word = text[:8].split(maxsplit=1)[0].upper() if text else ""
        if not goes_on and _FROM.fullmatch(text.strip()):
            return True
        if word != "ARG" and not (goes_on and any(keyword.startswith(word) for keyword in _KEYWORDS)):
            return False
        if word == "ARG":
            text = text[:4] if goes_on else ""  # its value does not matter
    return goes_on
