"""What an image is, and what is wrong with it: facts and expectations in, findings out. Pure.

The proof of a base is a comparison of layers: the first `diff_ids` of an image's configuration are the digests of its
lowest layers, and an engine refuses to unpack a layer that has another one. Labels prove nothing: anybody writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding
from scaffold.oci.image import ImageFacts, chain_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, timedelta

    from scaffold.standards.model import Base


MANIFESTS = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)
"""The manifests that Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html."""
LAYERS = frozenset(
    {
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    }
)
"""The layers that Lambda takes: others end in InvalidImage: UnsupportedImageLayerDetected."""

_ONE_MANIFEST = "Build it for one --platform with --provenance=false --sbom=false, as scripts/build does."


@dataclass(frozen=True, kw_only=True)
class BaseMatch:
    """What an image stands on: the bases whose `layers` are its lowest, as many of them as possible.

    Several names are several entries of one base. `superseded` is the last day on which they had these layers, None of
    those that they have today. `unpinned` are bases that it may stand on as well: the standards say nothing of their
    layers.
    """

    architecture: str
    bases: tuple[Base, ...] = ()
    layers: int = 0
    superseded: date | None = None
    unpinned: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the bases, sorted."""
        return tuple(sorted(base.name for base in self.bases))


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a project's plan says its image is. `base` is its base as it really is, None where that cannot be read."""

    platform: str
    base_name: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    working_directory: str
    base: ImageFacts | None = None


def match_base(facts: ImageFacts, bases: Mapping[str, Base], platforms: Mapping[str, str]) -> BaseMatch:
    """What an image stands on, of these bases; `platforms` is each architecture's platform."""
    architecture = next((name for name, platform in platforms.items() if platform == facts.platform), facts.platform)
    unpinned = tuple(base.name for base in bases.values() if not base.diff_ids.get(architecture))
    for layers, chain in reversed(list(enumerate(chain_ids(facts.diff_ids), start=1))):
        below = facts.diff_ids[:layers]
        if now := tuple(base for base in bases.values() if base.diff_ids.get(architecture) == below):
            return BaseMatch(architecture=architecture, bases=now, layers=layers, unpinned=unpinned)
        until = {base.name: base.superseded.get(architecture, {}).get(chain) for base in bases.values()}
        if day := max(filter(None, until.values()), default=None):
            then = tuple(bases[name] for name, last in until.items() if last)
            return BaseMatch(architecture=architecture, bases=then, layers=layers, superseded=day, unpinned=unpinned)
    return BaseMatch(architecture=architecture, unpinned=unpinned)


def of_lambda(facts: ImageFacts, platforms: Sequence[str], megabytes: int) -> Iterator[Finding]:
    """What Lambda would not take: it has these platforms, and takes so many megabytes of unpacked layers."""
    if facts.index:
        message = f"this is an index ({facts.index}), and Lambda takes one manifest alone"
        yield _finding(facts, "several-manifests", message, _ONE_MANIFEST)
    elif facts.media_type and facts.media_type not in MANIFESTS:
        message = f"Lambda takes no manifest of the type {facts.media_type}"
        yield _finding(facts, "media-type", message, _ONE_MANIFEST)
    if others := sorted(set(facts.layer_types) - LAYERS):
        message = f"Lambda takes layers compressed by gzip only, and some are {', '.join(others)}"
        yield _finding(facts, "media-type", message, "Build it with compression=gzip,force-compression=true.")
    if facts.platform not in platforms:
        message = f"the image is for {facts.platform}, and Lambda has {' and '.join(sorted(platforms))}"
        yield _finding(facts, "wrong-platform", message, "Build it with the --platform of the function.")
    size, largest = max(facts.size or 0, facts.compressed), megabytes * 1024**2
    if size > largest:
        message = f"the image has {size:,} bytes, and Lambda takes {largest:,}"
        yield _finding(facts, "image-too-large", message, "Leave out what the function does not read.")
    if facts.on_build:
        message = f"ONBUILD would run in every build on this image: {facts.on_build[0]}"
        yield _finding(facts, "onbuild", message, "Build it, and its base, without ONBUILD.")


def of_base(facts: ImageFacts, standing: BaseMatch, today: date) -> Iterator[Finding]:
    """What the standards say against the base, where it is known: `undecided` tells where it is not."""
    if not standing.bases and not standing.unpinned:
        message = "its lowest layers are those of no base in the standards"
        fix = "Build it on a base of the standards (`scaffold standards show`)."
        yield _finding(facts, "uncatalogued-base", message, fix)
    if standing.superseded:
        names = " = ".join(standing.names)
        message = f"it stands on {names} as it was until {standing.superseded}, {_ago(today - standing.superseded)}"
        yield _finding(facts, "stale-base", message, "Build it anew, on the base as it is now.")
    for base in standing.bases:
        move = f"Build it on {base.replaced_by}." if base.replaced_by else "Build it on another base."
        if base.withdrawn:
            yield _finding(facts, "withdrawn-base", f"its base {base.name} is withdrawn", move)
        if base.expired(today):
            message = f"its base {base.name} was supported until {base.supported_until}"
            yield _finding(facts, "expired-base", message, move)


def of_files(facts: ImageFacts, altered: Sequence[str]) -> Iterator[Finding]:
    """What is said of files of the base that the image changes or removes; their absolute paths, sorted."""
    if altered:
        some = ", ".join(altered[:5]) + (", …" if len(altered) > 5 else "")
        message = f"it changes or removes what its base has: {some} ({len(altered)} in all)"
        fix = "Put files beside those of the base, or let whoever keeps the base change it."
        yield _finding(facts, "altered-base", message, fix)


def _ago(time: timedelta) -> str:
    return f"{time.days} day{'' if time.days == 1 else 's'} ago" if time.days else "today"


def undecided(facts: ImageFacts, standing: BaseMatch, wanted: str = "") -> Iterator[Finding]:
    """What keeps the base from being known, or whether it is the `wanted` one."""
    if wanted in standing.unpinned or (not standing.bases and standing.unpinned):
        names = [wanted] if wanted in standing.unpinned else standing.unpinned
        some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        message = f"its base cannot be told: the standards have no layers of {some} for {standing.architecture}"
        yield _finding(facts, "unproved-base", message, "Run `scaffold standards pin`, and keep what it writes.")


def of_plan(facts: ImageFacts, standing: BaseMatch, expected: Expected) -> Iterator[Finding]:
    """What differs from the project's plan: the platform, the base, and what of the configuration the plan decides."""
    if facts.platform != expected.platform:
        message = f"the image is for {facts.platform}, and the spec says {expected.platform}"
        yield _finding(facts, "wrong-platform", message, "Build it with scripts/build.")
    if standing.bases and expected.base_name not in (*standing.names, *standing.unpinned):
        message = (
            f"it stands on {' = '.join(standing.names)}, and the spec says {expected.base_name or 'another image'}"
        )
        yield _finding(facts, "other-base", message, "Build it from the generated Dockerfile, with scripts/build.")
    for what, found, wanted in _configuration(facts, expected):
        if found != wanted:
            message = f"{what} is {_shown(found)}, and the plan says {_shown(wanted)}"
            yield _finding(
                facts, "not-as-planned", message, "Build it from the generated Dockerfile, with scripts/build."
            )


def _configuration(facts: ImageFacts, expected: Expected) -> Iterator[tuple[str, object, object]]:
    """What the plan decides: its name, what it is in the image, what it should be."""
    base = expected.base
    inherited = dict(base.environment) if base else {}
    yield "the command", facts.command, expected.command
    yield "the working directory", facts.working_directory, expected.working_directory
    yield "the user", facts.user, base.user if base else facts.user
    yield "the entry point", facts.entrypoint, expected.entrypoint or (base.entrypoint if base else facts.entrypoint)
    wanted = inherited | dict(expected.environment)
    for name in sorted(wanted.keys() | (facts.environment.keys() if base else ())):
        yield f"the variable {name}", facts.environment.get(name), wanted.get(name)
    for name, text in sorted(expected.labels.items()):
        yield f"the label {name}", facts.labels.get(name), text


def unread_base(facts: ImageFacts, expected: Expected, reason: str) -> Iterator[Finding]:
    """What could not be compared because the base itself could not be read."""
    if expected.base is None:
        message = f"what it inherits from its base, such as the entry point, was not compared: {reason}"
        yield _finding(facts, "undecided", message, "Pull the base, or log in to its registry.")


def _shown(value: object) -> str:
    if value is None:
        return "not there"
    return str(list(value)) if isinstance(value, tuple) else f'"{value}"'


def _finding(facts: ImageFacts, code: str, message: str, fix: str) -> Finding:
    return Finding(code=code, message=message, fix=fix, file=facts.reference)
