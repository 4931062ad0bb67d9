"""The facts that gates gather and rules ask of, and what a rule says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from scaffold.findings.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from scaffold.standards.model import Image, Standards
    from scaffold.standards.references import Likeness


Subject: TypeAlias = Literal["project", "Dockerfile", "build", "image", "standards"]
"""The thing under check: a fix names what its owner edits."""

Role: TypeAlias = Literal["base", "extension", "image"]
"""What an image is used for; `image` is one that a Dockerfile copies or mounts files from."""


@dataclass(frozen=True, kw_only=True)
class UsedImage:
    """An image in use. `name` is how its user refers to it, `row` the entry of the standards that it is, or None."""

    role: Role
    name: str
    row: Image | None


class UnknownImage(UsedImage):
    """An image of which only the name in the spec is known, because the project's Dockerfile could not be read."""


@dataclass(frozen=True, kw_only=True)
class PlannedImage(UsedImage):
    """An image that a plan names by reference.

    `own` is true for one that the spec describes itself, `digest_needed` where nothing works without a digest, whatever
    the rules say.
    """

    reference: str
    image: str
    tag: str
    digest: str
    own: bool = False
    digest_needed: bool = False


@dataclass(frozen=True, kw_only=True)
class WrittenImage(UsedImage):
    """An image as a person wrote it. Unless it is written exactly, `meant` is the most similar one of the standards."""

    likeness: Likeness
    meant: Image | None


@dataclass(frozen=True, kw_only=True)
class LayeredImage(UsedImage):
    """A base whose layers, now or until the day `superseded`, are the lowest of an image."""

    superseded: date | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a gate knows of its subject on a day (UTC). What it cannot know is empty or None, and no rule asks further.

    `runtime` is the name of a project's runtime, `deprecation` its row in the plan. `labels` are the names of labels,
    `models` the addresses of model files from outside the project. `platforms` are those that the subject is for,
    `wanted_platforms` those that it may be for.
    """

    standards: Standards
    today: date
    subject: Subject
    architecture: str = ""
    runtime: str = ""
    deprecation: Mapping[str, Any] | None = None
    images: tuple[UsedImage, ...] = ()
    labels: Collection[str] | None = None
    models: tuple[str, ...] = ()
    on_build: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    wanted_platforms: tuple[str, ...] = ()


class Violation(NamedTuple):
    """What a rule says. `about` tells a gate what to locate: a key of the spec, and which of its items by name."""

    code: str
    message: str
    fix: str = ""
    about: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


def about(image: UsedImage) -> tuple[str, ...]:
    """What a violation about an image is located by."""
    return ("base",) if image.role == "base" else ("extensions", image.name)
