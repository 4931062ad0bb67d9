"""Words of instructions and of shell steps: how they are split, and what they are after variables are expanded.

BuildKit expands the words of COPY, ENV and WORKDIR itself: `frontend/dockerfile/shell` and
https://docs.docker.com/reference/dockerfile/#environment-replacement.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Variables: TypeAlias = "Mapping[str, str | None]"
"""The values of variables; None is a value that is not known."""

_WORD = re.compile(r"""(?:[^\\\s"']|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^$\"'\\{}]*))?\})")
_ESCAPED_IN_QUOTES = frozenset('"$\\')


def split(text: str) -> list[str]:
    """Return the words of a text, with their quotes; blanks that are quoted or escaped do not divide."""
    return _WORD.findall(text)


def listed(text: str) -> list[str] | None:
    """Return the strings of a JSON list; None for anything else, which builders read as words."""
    try:
        found = json.loads(text)
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, list) and all(isinstance(word, str) for word in found) else None


def expand(word: str, variables: Variables) -> str | None:
    """Return a word without quotes and with the values of its variables; None if it depends on an unknown value."""
    found, at, quoted = "", 0, False
    while at < len(word):
        sign = word[at]
        if sign == "'" and not quoted:
            end = word.find("'", at + 1)
            if end < 0:
                return None
            found, at = found + word[at + 1 : end], end + 1
        elif sign == '"':
            quoted, at = not quoted, at + 1
        elif sign == "\\" and (not quoted or word[at + 1 : at + 2] in _ESCAPED_IN_QUOTES):
            found, at = found + word[at + 1 : at + 2], at + 2
        elif sign == "$":
            variable = _VARIABLE.match(word, at)
            value = _value(variable, variables) if variable else None
            if variable is None or value is None:
                return None
            found, at = found + value, variable.end()
        else:
            found, at = found + sign, at + 1
    return None if quoted else found


def _value(variable: re.Match[str], variables: Variables) -> str | None:
    name, default = variable[1] or variable[2], variable[3]
    value = variables.get(name)
    return default if default is not None and value == "" else value
