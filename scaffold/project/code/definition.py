"""Decides whether a source file defines a function, by a quick look at its text or else by its language's reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """The names that a file defines, its functions in order, and whether it may define others (`open`)."""

    names: frozenset[str]
    functions: tuple[str, ...]
    open: bool


def is_certain(source: bytes, function: str, row: Mapping[str, str]) -> bool:
    """Return whether the text of a file makes it certain that it defines a function; `row` is the language's."""
    pattern = row["definition"].replace("NAME", re.escape(function))
    return re.search(pattern.encode(), source, re.MULTILINE) is not None


def read(source: bytes, language: str) -> Definitions | None:
    """Return what a file defines, or None if that cannot be determined."""
    from importlib import import_module

    try:
        reader = import_module(f"scaffold.project.code.definitions.{language}")
    except ModuleNotFoundError:
        return None
    return cast("Definitions | None", reader.read(source))
