"""What files of Compose, Bake and SAM say about builds, as plain data: readers make it, `buildsettings` judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.findings.source import Position

BAKE = {
    "args": "args",
    "cache-from": "cache",
    "context": "context",
    "contexts": "contexts",
    "dockerfile": "dockerfile",
    "dockerfile-inline": "inline",
    "target": "target",
}
COMPOSE = {
    "additional_contexts": "contexts",
    "args": "args",
    "cache_from": "cache",
    "context": "context",
    "dockerfile": "dockerfile",
    "dockerfile_inline": "inline",
    "target": "target",
}
SAM = {
    "DockerBuildArgs": "args",
    "DockerBuildTarget": "target",
    "DockerContext": "context",
    "Dockerfile": "dockerfile",
}
SAM_HARMLESS = frozenset({"DockerTag"})


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing that a file says: `name` is a value of the tables above, or what a reader could not read.

    Instead of `args` there is an `argument` for each, with its name for text. `text` is None where it is no literal.
    """

    name: str
    text: str | None
    place: Position
