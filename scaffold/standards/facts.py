"""The facts that gates collect for the rules, and the violations that rules return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from scaffold.findings.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from scaffold.rendering.plan import Stage
    from scaffold.standards.model import Image, Section, Standards
    from scaffold.standards.references import Likeness


Subject: TypeAlias = Literal["project", "Dockerfile", "build", "image", "standards"]
"""The thing under check; a fix names the files that its owner edits."""

Role: TypeAlias = Literal["base", "builder", "extension", "image"]
"""The use of an image; `image` is one that a Dockerfile copies or mounts files from."""


SECTION_OF: Mapping[str, Section] = {"base": "bases", "builder": "builds", "extension": "extensions"}
"""The section of the standards that has the images of a role."""


@dataclass(frozen=True, kw_only=True)
class UsedImage:
    """An image in use. `name` is its name in the subject, `row` its entry in the standards, or None."""

    role: Role
    name: str
    row: Image | None

    @property
    def below_stages(self) -> bool:
        """Whether stages are built on it."""
        return self.role in {"base", "builder"}


class UnknownImage(UsedImage):
    """An image known only by its name in the spec, because the project's Dockerfile could not be read."""


@dataclass(frozen=True, kw_only=True)
class PlannedImage(UsedImage):
    """An image that a plan names by reference.

    `own` is true if the spec describes the image itself; `digest_needed` is true if the subject needs a digest,
    whatever the rules require.
    """

    reference: str
    image: str
    tag: str
    digest: str
    own: bool = False
    digest_needed: bool = False


@dataclass(frozen=True, kw_only=True)
class WrittenImage(UsedImage):
    """An image as a person wrote it. Unless the spelling is exact, `meant` is the most similar known image."""

    likeness: Likeness
    meant: Image | None


@dataclass(frozen=True, kw_only=True)
class LayeredImage(UsedImage):
    """A base whose layers, now or until the day `superseded`, are the lowest of an image."""

    superseded: date | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts about a subject on a day (UTC). Unknown facts are empty or None, and no rule checks them.

    `runtime` is the name of a project's runtime, `deprecation` its row in the plan. `labels` are the names of labels,
    `models` the addresses of model files from outside the project. `timeouts` are those in the spec, in seconds, by the
    name of the function, which is empty for the one that all have in common. `platforms` are those of the subject,
    `wanted_platforms` the acceptable ones. `deploy` is the way to deploy a project's functions, `stages` are those of
    its plan.
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
    timeouts: Mapping[str, int] = field(default_factory=dict)
    deploy: str = ""
    stages: tuple[Stage, ...] = ()
    on_build: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    wanted_platforms: tuple[str, ...] = ()


class Violation(NamedTuple):
    """A violation of a rule. `about` is the location for a gate: a key of the spec, and the name of an item."""

    code: str
    message: str
    fix: str = ""
    about: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


def about(image: UsedImage) -> tuple[str, ...]:
    """Return the location of a violation about an image."""
    places = {"base": ("base",), "builder": ("build", "base"), "image": ("images", image.name)}
    return places.get(image.role, ("extensions", image.name))
