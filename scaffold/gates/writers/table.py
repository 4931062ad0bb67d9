"""The table of packages that write, a part of `catalogue/preflight.json`, and what their findings say."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scaffold.rendering.engine import Engine

TEMPORARY = "/tmp"  # noqa: S108 - the directory in the image, not ours


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One row: what writes, how it is recognised, and the variable that names another directory.

    `packages` are its names by language, `files` the ends of the paths of a file of each, `programs` the first words of
    commands. `others` are further variables that name a directory. With `built`, the image must be built with the
    variable, too. `offline` is a variable that keeps it from looking for models that the image has, and `models`
    matches the paths of such models.
    """

    name: str
    variable: str
    value: str
    packages: Mapping[str, Sequence[str]]
    files: Sequence[str]
    programs: Sequence[str]
    others: Sequence[str]
    built: bool
    offline: tuple[str, str] | None
    models: re.Pattern[str] | None

    def is_set(self, variables: Collection[str]) -> bool:
        """Return whether one of these variables names its directory."""
        return not {self.variable, *self.others}.isdisjoint(variables)

    def starts(self, words: Sequence[str]) -> bool:
        """Return whether a command starts one of its programs."""
        named = [[posixpath.basename(word), *words[at + 1 :]] for at, word in enumerate(words)]
        return any(rest[: len(program.split())] == program.split() for program in self.programs for rest in named)

    def wants_offline(self, variables: Collection[str], models: Collection[str]) -> bool:
        """Return whether the variable that keeps it offline is missing, although an image has models at these paths."""
        if self.offline is None or self.models is None or self.offline[0] in variables:
            return False
        return any(map(self.models.search, models))


def of(rows: Mapping[str, Mapping[str, Any]]) -> tuple[Writer, ...]:
    """Return the rows of the table."""
    return tuple(
        Writer(
            name=name,
            variable=row["variable"],
            value=row["value"],
            packages=row.get("packages", {}),
            files=row.get("files", ()),
            programs=row.get("programs", ()),
            others=row.get("others", ()),
            built=row.get("built", False),
            offline=(row["offline"]["variable"], row["offline"]["value"]) if "offline" in row else None,
            models=re.compile(row["offline"]["models"]) if "offline" in row else None,
        )
        for name, row in rows.items()
    )


def load(engine: Engine) -> tuple[tuple[Writer, ...], Mapping[str, str]]:
    """Return the rows of a template's table, and the pattern of an entry by the pattern of a lock file's name."""
    return of(engine.preflight["writers"]), engine.preflight["locks"]


def homeless(variables: Mapping[str, str]) -> bool:
    """Return whether the home directory itself is not one that can be written to."""
    return not variables.get("HOME", "").startswith(TEMPORARY)
