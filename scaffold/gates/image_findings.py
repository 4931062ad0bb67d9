"""Findings about a built image from Lambda's limits, the plan and the base, besides the rules. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding, Severity
from scaffold.oci.elf import other_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from scaffold.gates.image_facts import BaseMatch, Expected
    from scaffold.oci.image import ImageFacts


MANIFESTS = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)
"""The manifests that Lambda accepts: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html."""
LAYERS = frozenset(
    {
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
    }
)
"""The layers that Lambda accepts; others fail with InvalidImage: UnsupportedImageLayerDetected."""
MANIFEST_BYTES = 25_400
"""https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-reqs"""

_ONE_MANIFEST = "Build it for one --platform with --provenance=false --sbom=false, as scripts/build does."


def of_lambda(facts: ImageFacts, megabytes: int, largest: Sequence[str] = ()) -> Iterator[Finding]:
    """Report reasons for Lambda to reject an image, such as more than this many megabytes of unpacked layers.

    `largest` describes what takes most of them, if the layers were read.
    """
    if facts.index:
        message = f"this is an index ({facts.index}), and Lambda accepts only a single manifest"
        yield _finding(facts, "several-manifests", message, _ONE_MANIFEST)
    elif facts.media_type and facts.media_type not in MANIFESTS:
        message = f"Lambda does not accept manifests of the type {facts.media_type}"
        yield _finding(facts, "media-type", message, _ONE_MANIFEST)
    if others := sorted(set(facts.layer_types) - LAYERS):
        message = f"Lambda accepts only layers compressed with gzip, and some are {', '.join(others)}"
        yield _finding(facts, "media-type", message, "Build it with compression=gzip,force-compression=true.")
    if message := _excess(facts, megabytes, "Lambda's limit is", largest):
        yield _finding(facts, "image-too-large", message, "Remove files that the function does not read.")
    if facts.manifest_size > MANIFEST_BYTES:
        message = f"the manifest has {facts.manifest_size:,} bytes, and AWS recommends at most {MANIFEST_BYTES:,}"
        fix = "Use fewer layers, and no annotations on them."
        yield replace(_finding(facts, "large-manifest", message, fix), severity=Severity.WARNING)


def of_budget(facts: ImageFacts, megabytes: int, largest: Sequence[str] = ()) -> Iterator[Finding]:
    """Report that the layers of an image, unpacked, exceed its spec's budget; `largest` is as in `of_lambda`."""
    if message := _excess(facts, megabytes, "image_budget allows", largest):
        fix = "Remove files that the function does not read, or raise the budget."
        yield _finding(facts, "over-budget", message, fix)


def _excess(facts: ImageFacts, megabytes: int, limit: str, largest: Sequence[str]) -> str:
    """Return how many bytes of layers an image has, if they are more than these megabytes."""
    size, most = max(facts.size or 0, facts.compressed), megabytes * 1024**2
    if size <= most:
        return ""
    return f"the image has {size:,} bytes, and {limit} {most:,}" + (
        f"; the largest: {', '.join(largest)}" if largest else ""
    )


def of_start(facts: ImageFacts) -> Iterator[Finding]:
    """Report an entry point that does not run on the system of the image."""
    if word := other_root((*facts.entrypoint, *facts.command)):
        message = f"the entry point starts the function in another root, with {word}"
        yield _finding(facts, "other-system", message, "Start the function's own program, on the base's system.")


def of_files(
    facts: ImageFacts, altered: Sequence[str], in_front: Sequence[str] = (), systems: Sequence[str] = ()
) -> Iterator[Finding]:
    """Report the base's files that an image changes or removes, hides behind others, or has a second time.

    All are absolute paths, sorted; those `in_front` say before which one. `systems` are signs of another system.
    """
    if in_front:
        message = f"the image has files that are found before those of its base: {_some(in_front)}"
        fix = "Give them other names, or put their directory behind those of the base."
        yield _finding(facts, "altered-base", message, fix)
    if systems:
        message = f"the image contains another system besides its base: {_some(systems)}"
        yield _finding(facts, "other-system", message, "Copy only the files that the function needs.")
    if altered:
        message = f"the image changes or removes files of its base: {_some(altered)}"
        fix = "Add files next to the base's, or ask the owner of the base to change it."
        yield _finding(facts, "altered-base", message, fix)


def undecided(facts: ImageFacts, match: BaseMatch, wanted: str = "") -> Iterator[Finding]:
    """Report that the base, or whether it is the `wanted` one, cannot be determined."""
    if wanted in match.unpinned or (not match.bases and match.unpinned):
        names = [wanted] if wanted in match.unpinned else match.unpinned
        some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        message = f"cannot determine the base: the standards lack the layers of {some} for {match.architecture}"
        fix = "Run `scaffold standards pin`, and commit the result."
        if set(names) <= set(match.layerless):
            message = f"cannot determine the base: {some} has no layers that would prove it"
            fix = "Give its project, with --project, whose plan says how many layers it has."
        yield _finding(facts, "unproved-base", message, fix)


def of_plan(facts: ImageFacts, match: BaseMatch, expected: Expected) -> Iterator[Finding]:
    """Report differences from the project's plan: the base, and the configuration that the plan sets."""
    if match.bases and expected.base_name not in (*match.names, *match.unpinned):
        required = expected.base_name or "another image"
        message = f"the image is built on {' = '.join(match.names)}, and the spec requires {required}"
        yield _finding(facts, "other-base", message, "Build it from the generated Dockerfile, with scripts/build.")
    for what, found, wanted in _configuration(facts, expected):
        if found != wanted:
            message = f"{what} is {_quoted(found)}, and the plan has {_quoted(wanted)}"
            yield _finding(
                facts, "not-as-planned", message, "Build it from the generated Dockerfile, with scripts/build."
            )


def of_build(facts: ImageFacts, built: Mapping[str, Any], spec: str) -> Iterator[Finding]:
    """Report that an image is the one that scripts/build made from an earlier spec.

    `built` is the content of `.image/build.json`, `spec` the SHA-256 of the spec as it is now.
    """
    described = built.get("build")
    digests = {key: value for key, value in described.items() if "digest" in key} if isinstance(described, dict) else {}
    if facts.digest in digests.values() and built.get("spec") not in {spec, ""}:
        message = "it was built from an earlier lambda-image.yaml than the project has"
        yield _finding(facts, "outdated-image", message, "Run `scaffold render`, then `make build`.")


def _configuration(facts: ImageFacts, expected: Expected) -> Iterator[tuple[str, object, object]]:
    """Yield the settings of the plan: name, value in the image, value in the plan."""
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
        message = f"settings inherited from the base, such as the entry point, were not compared: {reason}"
        yield _finding(facts, "undecided", message, "Pull the base, or log in to its registry.")


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:5]) + (", …" if len(paths) > 5 else "") + f" ({len(paths)} in total)"


def _quoted(value: object) -> str:
    if value is None:
        return "absent"
    return str(list(value)) if isinstance(value, tuple) else f'"{value}"'


def _finding(facts: ImageFacts, code: str, message: str, fix: str) -> Finding:
    return Finding(code=code, message=message, fix=fix, file=facts.reference)
