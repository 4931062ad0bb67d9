"""Rendered files and their owners."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """The owner of a file, which limits later renders (docs/explanation.md, "Three kinds of files")."""

    GENERATED = "generated"
    STARTER = "starter"
    THEIRS = "theirs"


@dataclass(frozen=True, kw_only=True)
class RenderedFile:
    """One file as the template renders it.

    `path` is relative to the project, POSIX and normalised; `executable` is the mode bit that git records.
    """

    path: str
    owner: Owner
    executable: bool
    content: bytes
