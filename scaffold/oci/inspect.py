"""Reads the configuration and manifest of an image from an engine or a registry, with the user's own docker client.

No layer is read. `docker buildx imagetools inspect --raw` reads from a registry: it uses the credentials of `docker
login` and returns the stored bytes. Given a digest, it returns any blob, including the configuration; its `--format`
would omit parts of that, such as ONBUILD. Every response is verified against the digest that was requested.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.findings.source import visible
from scaffold.oci import strict_json
from scaffold.oci.docker import PATIENCE, docker
from scaffold.oci.image import ImageFacts, history
from scaffold.oci.names import has_host, parts

if TYPE_CHECKING:
    from collections.abc import Mapping


LOCAL, REMOTE = "local", "remote"

_REFERENCE = re.compile(r"(?!.*//)[A-Za-z0-9][A-Za-z0-9._/:-]{0,500}(@sha256:[0-9a-f]{64})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ATTESTATION = "vnd.docker.reference.type"
_LARGEST_ANSWER = 4 * 1024 * 1024
_MOST_PLATFORMS = 30


def read(reference: str, *, where: str = "") -> list[ImageFacts]:
    """Return the facts of an image, or of each platform in an index, without attestations.

    `where` is LOCAL for the engine, REMOTE for the registry; by default, a reference with a registry host is looked up
    there, any other in the engine. Raises InvalidInputError for an invalid reference, CannotDecideError if there is no
    valid response.
    """
    if not _REFERENCE.fullmatch(reference):
        raise InvalidInputError(f"{visible(reference[:200])}: not an image reference")
    try:
        return _from_registry(reference) if is_remote(reference, where) else [_from_engine(reference)]
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        reason = visible(str(error)[:200]) if isinstance(error, ValueError) else type(error).__name__
        raise CannotDecideError(f"{reference}: the response is not a valid image manifest: {reason}") from error


def digest_of(reference: str, platform: str, *, patience: int = PATIENCE) -> str:
    """Return the digest that a tag has in its registry: that of its index, or of its only image.

    Raises CannotDecideError if there is no answer within `patience` seconds, or no image for the platform.
    """
    body = _raw(reference, patience=patience)
    digest = f"sha256:{sha256(body).hexdigest()}"
    try:
        rows = strict_json.loads(body).get("manifests")
        found = [_platform(row["platform"]) for row in rows] if rows is not None else None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        message = f"{reference}: the response is not a valid image manifest: {type(error).__name__}"
        raise CannotDecideError(message) from error
    if found is None:
        found = [facts.platform for facts in read(reference, where=REMOTE)]
    if platform not in found:
        raise CannotDecideError(f"{reference}: the registry has no image for {platform}")
    return digest


def _platform(row: Mapping[str, Any]) -> str:
    return f"{row['os']}/{row['architecture']}"


def is_remote(reference: str, where: str) -> bool:
    """Return whether `read` looks up a reference in its registry."""
    return where == REMOTE or (where != LOCAL and has_host(reference))


def _from_registry(reference: str) -> list[ImageFacts]:
    body = _raw(reference)
    manifest, digest = strict_json.loads(body), f"sha256:{sha256(body).hexdigest()}"
    if "manifests" not in manifest:
        return [_image(reference, digest, body, index="")]
    rows = [row for row in manifest["manifests"] if _ATTESTATION not in (row.get("annotations") or {})]
    if len(rows) > _MOST_PLATFORMS or not rows:
        raise CannotDecideError(f"{reference}: the index has {len(rows)} images")
    return [_image(reference, row["digest"], _blob(reference, row["digest"]), index=digest) for row in rows]


def _image(reference: str, digest: str, body: bytes, *, index: str) -> ImageFacts:
    manifest = strict_json.loads(body)
    configuration = strict_json.loads(_blob(reference, manifest["config"]["digest"]))
    diff_ids, layers = configuration["rootfs"]["diff_ids"] or [], manifest["layers"]
    if len(diff_ids) != len(layers):
        raise CannotDecideError(
            f"{reference}: the manifest has {len(layers)} layers, the configuration {len(diff_ids)}"
        )
    # One blob has one content: two names for it are those of other layers.
    if len({(row["digest"], diff_id) for row, diff_id in zip(layers, diff_ids, strict=True)}) > len(
        {row["digest"] for row in layers}
    ):
        raise CannotDecideError(f"{reference}: the layers are not those of the configuration")
    return ImageFacts(
        reference=reference,
        digest=digest,
        platform=f"{configuration['os']}/{configuration['architecture']}",
        diff_ids=tuple(map(_digest, diff_ids)),
        index=index,
        media_type=str(manifest.get("mediaType") or "application/vnd.oci.image.manifest.v1+json"),
        layer_types=tuple(str(layer["mediaType"]) for layer in layers),
        compressed=sum(int(layer["size"]) for layer in layers),
        manifest_size=len(body),
        history=history(configuration),
        created=str(configuration.get("created") or ""),
        **_settings(configuration.get("config") or {}),
    )


def _from_engine(reference: str) -> ImageFacts:
    [found] = json.loads(docker(reference, "image", "inspect", reference))
    described = found.get("Descriptor") or {}  # from engines with the containerd image store
    classic = bool((found.get("GraphDriver") or {}).get("Data"))  # with it, "Size" also counts compressed layers
    media_type = str(described.get("mediaType") or "")
    listed = "index" in media_type or "manifest.list" in media_type
    return ImageFacts(
        reference=reference,
        digest=_digest(found["Id"]),
        platform=f"{found['Os']}/{found['Architecture']}",
        diff_ids=tuple(map(_digest, found["RootFS"].get("Layers") or [])),
        index=_digest(described["digest"]) if listed else "",
        media_type="" if listed else media_type,
        size=int(found["Size"]) if classic else None,
        created=str(found.get("Created") or ""),
        **_settings(found.get("Config") or {}),
    )


def _settings(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the process settings of a configuration, as arguments of ImageFacts."""
    variables = (str(word).partition("=") for word in configuration.get("Env") or [])
    return {
        "entrypoint": _words(configuration.get("Entrypoint")),
        "command": _words(configuration.get("Cmd")),
        "environment": {name: text for name, _, text in variables},
        "labels": {str(name): str(text) for name, text in (configuration.get("Labels") or {}).items()},
        "on_build": _words(configuration.get("OnBuild")),
        "working_directory": str(configuration.get("WorkingDir") or ""),
        "user": str(configuration.get("User") or ""),
    }


def _words(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value or []))


def _digest(value: Any) -> str:
    if not _DIGEST.fullmatch(value):
        raise ValueError(value)
    return str(value)


def _blob(reference: str, digest: Any) -> bytes:
    """Return a manifest or a configuration by its digest."""
    return _raw(f"{parts(reference)[0]}@{_digest(digest)}")


def _raw(reference: str, *, patience: int = PATIENCE) -> bytes:
    body = docker(reference, "buildx", "imagetools", "inspect", "--raw", reference, patience=patience)
    wanted = reference.partition("@")[2]
    if len(body) > _LARGEST_ANSWER or (wanted and wanted != f"sha256:{sha256(body).hexdigest()}"):
        raise CannotDecideError(f"{reference}: the registry returned something else")
    return body
