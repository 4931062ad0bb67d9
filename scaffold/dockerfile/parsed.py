"""The content of a Dockerfile as data: its stages, and every image that it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.findings.finding import Finding
    from scaffold.findings.source import Position, Source

PLATFORMS = {"linux/amd64": "x86_64", "linux/arm64": "arm64"}
NATIVE = "$BUILDPLATFORM"
"""The platform of the machine that builds, which is right for an image with a toolchain that compiles for others."""


class Use(StrEnum):
    """The purpose for which an image is named."""

    BASE = "FROM"
    COPY = "COPY --from"
    MOUNT = "RUN --mount=from"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image or an earlier stage, exactly as written, and its position.

    `stage` is the number of the stage, from 0, or None for an image. `platform` is the flag's, or empty.
    """

    text: str
    use: Use
    position: Position
    platform: str = ""
    stage: int | None = None


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag of an instruction, and the position of its value."""

    name: str
    value: str
    position: Position


@dataclass(frozen=True, kw_only=True)
class Step:
    """An instruction in full: `arguments` is everything after the flags, `text` that of its heredocs."""

    keyword: str
    position: Position
    flags: tuple[Flag, ...]
    arguments: str
    text: str = ""


@dataclass(kw_only=True)
class Stage:
    """A stage: its base, its keywords, the images and stages that it copies or mounts from, and its name or nothing.

    A stage without a base was not understood. `steps` are its instructions.
    """

    position: Position
    base: Reference | None = None
    name: str = ""
    keywords: list[str] = field(default_factory=list)
    taken: list[Reference] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """The content of a Dockerfile. If there are findings, its stages may be incomplete.

    `arguments` are the ARG instructions before the first stage.
    """

    source: Source
    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]
    arguments: tuple[Step, ...] = ()
