"""The settings that Compose, Bake and SAM files have in common, as plain data for the readers and the checks."""

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
    """One setting: `name` is a value of the tables above, or the kind of thing that a reader could not read.

    `args` becomes one `argument` per build argument, with its name as text. `text` is None if the value is not a
    literal.
    """

    name: str
    text: str | None
    place: Position
