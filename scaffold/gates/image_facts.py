"""The facts about a built image: the base it is built on, and what its project's plan expects. Pure.

A base is proved by its layers: the first `diff_ids` of an image's configuration are the digests of its lowest layers,
and an engine refuses to unpack a layer with another digest. Labels prove nothing, because anyone can write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffold.oci.image import ImageFacts, chain_ids
from scaffold.oci.names import SCRATCH
from scaffold.standards.facts import Facts, LayeredImage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Base, Standards


@dataclass(frozen=True, kw_only=True)
class BaseMatch:
    """The bases whose `layers` are the lowest of an image, as many layers as possible.

    Several names are several entries of one base. `superseded` is the last day on which the bases had these layers,
    None if they still have them. `unpinned` are other bases that the image may be built on, because the standards do
    not have their layers, among them the `layerless`, which never have any. `builder` is the name of a builder on
    which it is built instead, or empty.
    """

    architecture: str
    bases: tuple[Base, ...] = ()
    layers: int = 0
    superseded: date | None = None
    unpinned: tuple[str, ...] = ()
    layerless: tuple[str, ...] = ()
    builder: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Sorted names of the bases."""
        return tuple(sorted(base.name for base in self.bases))


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the plan expects of the image. `base` is the base image as found in the registry, or None."""

    platform: str
    base_name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    working_directory: str
    base: ImageFacts | None = None


def own_layers(plan: Plan) -> int:
    """Return how many layers the build of a plan's Dockerfile adds at most to an empty base; -1 if its base is not."""
    if plan["base"]["image"] != SCRATCH:
        return -1
    copied = len(plan["layers"]) + sum(len(extension["paths"]) for extension in plan["extensions"])
    return copied + 1  # WORKDIR


def match_base(
    facts: ImageFacts, standards: Standards, platforms: Mapping[str, str], own: int | None = None
) -> BaseMatch:
    """Return the base on which an image is built; `platforms` maps each architecture to its platform.

    `own` is `own_layers` of the plan. No layer proves the empty base: an image has it if no base is below and it has no
    more layers than its plan makes. Without a plan, that is not known.
    """
    bases = {name: base for name, base in standards.bases.items() if not base.empty}
    empty = tuple(base for base in standards.bases.values() if base.empty)
    architecture = next((name for name, platform in platforms.items() if platform == facts.platform), facts.platform)
    unpinned = tuple(base.name for base in bases.values() if not base.diff_ids.get(architecture))
    for layers, chain in reversed(list(enumerate(chain_ids(facts.diff_ids), start=1))):
        below = facts.diff_ids[:layers]
        for builder in standards.builds.values():
            if below == builder.diff_ids.get(architecture) or chain in builder.superseded.get(architecture, {}):
                return BaseMatch(architecture=architecture, layers=layers, builder=builder.name)
        if now := tuple(base for base in bases.values() if base.diff_ids.get(architecture) == below):
            return BaseMatch(architecture=architecture, bases=now, layers=layers, unpinned=unpinned)
        until = {base.name: base.superseded.get(architecture, {}).get(chain) for base in bases.values()}
        if day := max(filter(None, until.values()), default=None):
            then = tuple(bases[name] for name, last in until.items() if last)
            return BaseMatch(architecture=architecture, bases=then, layers=layers, superseded=day, unpinned=unpinned)
    if own is None:
        layerless = tuple(base.name for base in empty)
        return BaseMatch(architecture=architecture, unpinned=(*unpinned, *layerless), layerless=layerless)
    proved = empty if len(facts.diff_ids) <= own else ()
    return BaseMatch(architecture=architecture, bases=proved, unpinned=unpinned)


def facts_for_rules(
    image: ImageFacts, match: BaseMatch, standards: Standards, today: date, platforms: Sequence[str]
) -> Facts:
    """Return the facts about an image for the rules; it must be for one of these platforms."""
    bases = [LayeredImage(role="base", name=base.name, row=base, superseded=match.superseded) for base in match.bases]
    if not bases and not match.unpinned:
        bases = [LayeredImage(role="base", name=match.builder, row=None)]
    return Facts(
        standards=standards,
        today=today,
        subject="image",
        architecture=match.architecture,
        images=tuple(bases),
        on_build=image.on_build,
        platforms=(image.platform,),
        wanted_platforms=tuple(platforms),
    )


def expected_of(plan: Plan, base: ImageFacts | None) -> Expected:
    """Return what a plan expects of its image, with or without the base image from the registry."""
    return Expected(
        platform=plan["architecture"]["platform"],
        base_name=plan["base"]["name"] or "",
        entrypoint=tuple(plan["entrypoint"]),
        command=tuple(plan["command"]),
        environment=plan["environment"],
        labels=plan["labels"],
        working_directory=plan["task_root"],
        base=base,
    )
