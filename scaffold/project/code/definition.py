"""What a source file defines, as the reader of its language sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """The names that a file defines, its functions in order, and whether it may define others (`open`)."""

    names: frozenset[str]
    functions: tuple[str, ...]
    open: bool


def read(source: bytes, language: str) -> Definitions | None:
    """Return what a file defines, or None if that cannot be determined."""
    from importlib import import_module

    try:
        reader = import_module(f"scaffold.project.code.definitions.{language}")
    except ModuleNotFoundError:
        return None
    return cast("Definitions | None", reader.read(source))
