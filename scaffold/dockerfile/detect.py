"""The first lines of a file → whether a builder could take it for a Dockerfile, whatever its name is.

Builders differ in what continues a line and in what is a comment. A file counts as soon as one of their ways to read it
leads to a FROM; whether it may be built is for others to judge.
"""

from __future__ import annotations

import json
import re

from scaffold.findings.source import MAX_BYTES

_DIRECTIVE = re.compile(r"(?:#|//)\s*([A-Za-z][A-Za-z0-9]*)\s*=")
_DIRECTIVES = ("check", "escape", "syntax")
_FROM = re.compile(r"FROM(?:\s+--\S+)*(?:\s+\S+(?:\s+AS(?:\s+\S+)?)?)?\s*", re.IGNORECASE)
_KEYWORDS = ("ARG", "FROM")
_CONTINUED = [re.compile(rf"{before}\\{blanks}$") for before in ("", r"(?<!\\)") for blanks in (r"[ \t\r]*", r"\s*")]
"""The ways in which a line is continued: with two backslashes too or not, and with which blanks behind them."""


def looks_like_dockerfile(data: bytes) -> bool:
    """Whether a file starts with an order to a builder, or its first instruction but ARG is a FROM.

    `data` is the file or, if it is longer, its first MAX_BYTES and one more: one in doubt until there counts, too.
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
    """BuildKit takes the frontend from a JSON object of texts, too."""
    if not data.lstrip().startswith(b"{") or len(data) > MAX_BYTES:
        return False
    try:
        found = json.loads(data)
    except (RecursionError, ValueError):
        return False
    return "syntax" in found and all(isinstance(value, str) for value in found.values())


def _leads_to_from(lines: list[str], continued: re.Pattern[str], indented: bool) -> bool:  # noqa: FBT001
    """Whether the instructions start with a FROM; `indented`: a comment between continued lines may be indented."""
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
            text = text[:4] if goes_on else ""  # what it holds does not matter
    return goes_on
