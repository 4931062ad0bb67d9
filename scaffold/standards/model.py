"""The standards as data: base images, extensions, rules and waivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from scaffold.documents.document import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.documents.document import Document
    from scaffold.rendering.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of the standards: `digests` are per architecture, and say alone what it is; `tag` is for people.

    `superseded` says per architecture what it was before: digests of manifests, and of a base chain ids of its layers,
    each with the last day.
    """

    image: str
    tag: str
    digests: Mapping[str, str] = field(default_factory=dict)
    superseded: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    owner: str = ""


def image_of(plan: Plan) -> Image:
    """The base of a plan, for its architecture, whether the standards have it or not."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    return Image(image=row["image"], tag=row["tag"], digests={architecture: row["digest"]} if row["digest"] else {})


@dataclass(frozen=True, kw_only=True)
class Base(Image):
    """A base that a spec may name. `diff_ids` are per architecture the digests of its unpacked layers, lowest first.

    `environment` and `packages` are what it promises to functions on it; `entrypoint` is empty where it is that of
    AWS's own images.
    """

    name: str
    system: str
    runtime_client: str
    runtimes: tuple[str, ...]
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: bool = False
    tier: str = "recommended"
    replaced_by: str = ""
    supported_until: date | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether it is kept only to tell who stands on it where to go."""
        return self.tier == "withdrawn"

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.supported_until is not None and self.supported_until < today

    def usable(self, today: date) -> bool:
        """Whether functions may stand on it on a day (UTC)."""
        return not self.withdrawn and not self.expired(today)

    entrypoint: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Extension(Image):
    """An image whose files at `paths` are copied into functions."""

    name: str
    paths: tuple[str, ...] = ("/opt/",)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for every function: `docs/reference.md` says what each rule means."""

    inline_base: str
    base_digest: str = "optional"
    deprecated_runtime: str = "warning"
    labels: tuple[str, ...] = ()
    model_hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An exception from the rule with the code `rule`, from `issued` to `expires`, both days included (UTC).

    It is for one file of one repository, or for the image with one digest; never for a pattern.
    """

    rule: str
    reason: str
    approved_by: str
    issued: date
    expires: date
    repository: str = ""
    file: str = ""
    image: str = ""
    ticket: str = ""
    requested_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Standards:
    """What a standards file says. `document` is the file itself, for findings about it."""

    organisation: str
    bases: Mapping[str, Base]
    rules: Rules
    extensions: Mapping[str, Extension]
    mirrors: Mapping[str, str]
    waivers: tuple[Waiver, ...]
    document: Document


NO_DAY = date.min
"""What stands for a 31st of June."""
