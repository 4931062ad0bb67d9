"""What Lambda, the plan and the base have against a built image, besides the rules of the standards. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.gates.image_facts import BaseMatch, Expected
    from scaffold.oci.image import ImageFacts


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


def of_lambda(facts: ImageFacts, megabytes: int) -> Iterator[Finding]:
    """Reasons for Lambda to refuse an image: it takes at most so many megabytes of unpacked layers."""
    if facts.index:
        message = f"this is an index ({facts.index}), and Lambda takes a single manifest"
        yield _finding(facts, "several-manifests", message, _ONE_MANIFEST)
    elif facts.media_type and facts.media_type not in MANIFESTS:
        message = f"Lambda does not take manifests of the type {facts.media_type}"
        yield _finding(facts, "media-type", message, _ONE_MANIFEST)
    if others := sorted(set(facts.layer_types) - LAYERS):
        message = f"Lambda takes layers compressed by gzip only, and some are {', '.join(others)}"
        yield _finding(facts, "media-type", message, "Build it with compression=gzip,force-compression=true.")
    size, largest = max(facts.size or 0, facts.compressed), megabytes * 1024**2
    if size > largest:
        message = f"the image has {size:,} bytes, and Lambda takes {largest:,}"
        yield _finding(facts, "image-too-large", message, "Leave out what the function does not read.")


def of_files(facts: ImageFacts, altered: Sequence[str]) -> Iterator[Finding]:
    """Report the files of its base that an image changes or removes: their absolute paths, sorted."""
    if altered:
        some = ", ".join(altered[:5]) + (", …" if len(altered) > 5 else "")
        message = f"it changes or removes files of its base: {some} ({len(altered)} in all)"
        fix = "Add files beside those of the base, or ask whoever keeps the base to change it."
        yield _finding(facts, "altered-base", message, fix)


def undecided(facts: ImageFacts, match: BaseMatch, wanted: str = "") -> Iterator[Finding]:
    """Report that the base, or whether it is the `wanted` one, cannot be determined."""
    if wanted in match.unpinned or (not match.bases and match.unpinned):
        names = [wanted] if wanted in match.unpinned else match.unpinned
        some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        message = f"cannot determine its base: the standards do not have the layers of {some} for {match.architecture}"
        yield _finding(facts, "unproved-base", message, "Run `scaffold standards pin`, and keep what it writes.")


def of_plan(facts: ImageFacts, match: BaseMatch, expected: Expected) -> Iterator[Finding]:
    """Differences from the project's plan: the base, and the configuration that the plan decides."""
    if match.bases and expected.base_name not in (*match.names, *match.unpinned):
        message = f"it is built on {' = '.join(match.names)}, and the spec says {expected.base_name or 'another image'}"
        yield _finding(facts, "other-base", message, "Build it from the generated Dockerfile, with scripts/build.")
    for what, found, wanted in _configuration(facts, expected):
        if found != wanted:
            message = f"{what} is {_shown(found)}, and the plan says {_shown(wanted)}"
            yield _finding(
                facts, "not-as-planned", message, "Build it from the generated Dockerfile, with scripts/build."
            )


def _configuration(facts: ImageFacts, expected: Expected) -> Iterator[tuple[str, object, object]]:
    """The settings that the plan decides: name, value in the image, value wanted."""
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
    """Report the settings that were not compared because the base image could not be read."""
    if expected.base is None:
        message = f"settings inherited from its base, such as the entry point, were not compared: {reason}"
        yield _finding(facts, "undecided", message, "Pull the base, or log in to its registry.")


def _shown(value: object) -> str:
    if value is None:
        return "absent"
    return str(list(value)) if isinstance(value, tuple) else f'"{value}"'


def _finding(facts: ImageFacts, code: str, message: str, fix: str) -> Finding:
    return Finding(code=code, message=message, fix=fix, file=facts.reference)
