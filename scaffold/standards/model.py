"""The standards as data: base images, extensions, and the settings of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from scaffold.oci.names import SCRATCH
from scaffold.standards.base_paths import BasePaths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.documents.document import Document
    from scaffold.rendering.plan import Plan
    from scaffold.standards.waivers import Waiver


Section: TypeAlias = Literal["bases", "builds", "extensions"]
"""A section of a standards file that holds images."""

NO_DAY = date.min
"""Sentinel for a date that does not exist, such as 31 June."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image in the standards: `digests`, per architecture, identify it; `tag` is for people.

    `index` is the digest of the index that holds these images, or empty: it identifies them too. `superseded` maps, per
    architecture, each earlier manifest digest and, for a base, chain ID of its layers to its last day; under `index`,
    each earlier digest of the index. The empty image, `scratch`, has nothing but its name.
    """

    image: str
    tag: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    index: str = ""
    superseded: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    owner: str = ""

    @property
    def empty(self) -> bool:
        """Whether it is the empty image, which has nothing to pin, to pull or to prove."""
        return self.image == SCRATCH

    @property
    def tagged(self) -> str:
        """Its reference without a digest."""
        return self.image if self.empty else f"{self.image}:{self.tag}"

    @property
    def all_digests(self) -> tuple[str, ...]:
        """Every digest that identifies it: those of its manifests, and that of its index."""
        return (*self.digests.values(), *filter(None, [self.index]))

    def last_day(self, digest: str) -> date | None:
        """Return the last day on which it had an earlier digest; None if it never had it."""
        return max((days[digest] for days in self.superseded.values() if digest in days), default=None)


def image_of(plan: Plan) -> Image:
    """Return the base of a plan, for its architecture, whether or not it is in the standards."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    return Image(image=row["image"], tag=row["tag"], digests={architecture: row["digest"]} if row["digest"] else {})


@dataclass(frozen=True, kw_only=True)
class Foundation(Image):
    """An image that stages are built on: a base, or a builder.

    `diff_ids` are, per architecture, the digests of its unpacked layers, lowest first.
    """

    name: str
    system: str
    runtimes: tuple[str, ...]
    c_library: str = ""
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: bool = False
    tier: str = "recommended"
    replaced_by: str = ""
    supported_until: date | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether it is kept only to name the successor to functions that still use it."""
        return self.tier == "withdrawn"

    def expired(self, today: date) -> bool:
        """Return whether its last day of support is over."""
        return self.supported_until is not None and self.supported_until < today

    def usable(self, today: date) -> bool:
        """Return whether functions may be built on it on a day (UTC)."""
        return not self.withdrawn and not self.expired(today)


@dataclass(frozen=True, kw_only=True)
class Base(Foundation):
    """A base that a spec may name, on which the image is built.

    `environment` has the variables that it declares to functions; `entrypoint` is empty if it is that of AWS's own
    images. `paths` are those that it has itself.
    """

    runtime_client: str
    entrypoint: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    paths: BasePaths = field(default_factory=BasePaths)


@dataclass(frozen=True, kw_only=True)
class Builder(Foundation):
    """An image with a toolchain: the build stage is built on it, and the image never is.

    `languages` narrows the runtimes to some of their languages, and `managers` these to projects of some package
    managers; empty means all.
    """

    languages: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Extension(Image):
    """An image whose files at `paths` are copied into functions; if it has one, its `web_adapter` instead."""

    name: str
    paths: tuple[str, ...] = ("/opt/",)
    web_adapter: str = ""


@dataclass(frozen=True, kw_only=True)
class Standards:
    """The content of a standards file. `document` is the file itself, for findings about it.

    `rules` has the settings of the rules as in the file: each module of `scaffold.standards.rules` reads its own.
    """

    organisation: str
    bases: Mapping[str, Base]
    builds: Mapping[str, Builder]
    rules: Mapping[str, Any]
    extensions: Mapping[str, Extension]
    mirrors: Mapping[str, str]
    waivers: tuple[Waiver, ...]
    document: Document

    @property
    def images(self) -> dict[tuple[Section, str], Base | Builder | Extension]:
        """Every image, by its section of the file and its name."""
        images: dict[tuple[Section, str], Base | Builder | Extension] = {
            ("bases", name): base for name, base in self.bases.items()
        }
        images |= {("builds", name): builder for name, builder in self.builds.items()}
        return images | {("extensions", name): extension for name, extension in self.extensions.items()}

    @property
    def foundations(self) -> list[Base | Builder]:
        """Every image that a stage may be built on."""
        return [*self.bases.values(), *self.builds.values()]

    @property
    def digest_required(self) -> bool:
        """Whether every base must be named by digest."""
        return bool(self.rules.get("base_digest") == "required")
