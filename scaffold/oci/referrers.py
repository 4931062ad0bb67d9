"""Stores files beside an image in its registry, as artifacts that refer to it, and never changes the image.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject: a registry that
lists referrers says so; for any other, the tag that is named after the image's digest lists them.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from scaffold.errors import CannotDecideError
from scaffold.findings.source import visible
from scaffold.oci.docker import credential
from scaffold.oci.names import parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_EMPTY = "application/vnd.oci.empty.v1+json"
_ACCEPTED = f"{_MANIFEST}, application/vnd.docker.distribution.manifest.v2+json, {_INDEX}"
_PATIENCE = 60
_LARGEST_ANSWER = 4 * 1024 * 1024
_NO_TIME = "1970-01-01T00:00:00Z"  # the same file gives the same artifact


class Artifact(NamedTuple):
    """A file to store: its name, its type, and its bytes."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Attached:
    """The digests of the artifacts, and whether the registry lists them: by itself, by a tag, or not at all."""

    digests: tuple[str, ...]
    listed: str


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


def attach(reference: str, artifacts: Sequence[Artifact]) -> Attached:
    """Store artifacts beside the image `REPOSITORY@DIGEST`, and return how they are found.

    A tag that lists the referrers is written once for all; where it exists and may not move, the artifacts are stored
    without it. Raises CannotDecideError if the registry does not have the image, or does not take them.
    """
    registry = _Registry(reference)
    subject = registry.subject()
    rows, native = [], True
    for artifact in artifacts:
        row, is_listed = registry.store(artifact, subject)
        rows.append(row)
        native &= is_listed
    listed = "registry" if native else "tag" if registry.list_by_tag(rows) else ""
    return Attached(digests=tuple(str(row["digest"]) for row in rows), listed=listed)


class _Registry:
    """A repository in a registry, with the credentials that Docker has for it."""

    def __init__(self, reference: str) -> None:
        repository, _, self.digest = parts(reference)
        self.host, _, self.repository = repository.partition("/")
        if not (self.repository and self.digest):
            raise CannotDecideError(f"{reference}: an image in a registry is given as HOST/REPOSITORY@DIGEST")
        self.reference = reference
        local = self.host.partition(":")[0] in {"localhost", "127.0.0.1"}
        self.scheme = "http" if local else "https"  # as Docker itself does
        self.authorization = _basic(self.host)

    def subject(self) -> dict[str, Any]:
        """Return the descriptor of the image."""
        answer = self._call("GET", f"manifests/{self.digest}", accept=_ACCEPTED)
        found = f"sha256:{sha256(answer.body).hexdigest()}"
        if found != self.digest:
            raise CannotDecideError(f"{self.reference}: the registry returned {found}")
        kind = answer.headers.get("content-type", "")
        return {"mediaType": kind, "digest": self.digest, "size": len(answer.body)}

    def store(self, artifact: Artifact, subject: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Store an artifact, and return its descriptor, and whether the registry lists what refers to the image."""
        config = self._blob(b"{}", _EMPTY)
        layer = self._blob(artifact.content, artifact.type)
        layer["annotations"] = {"org.opencontainers.image.title": artifact.name}
        annotations = {"org.opencontainers.image.created": _NO_TIME}
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "artifactType": artifact.type,
            "config": config,
            "layers": [layer],
            "subject": dict(subject),
            "annotations": annotations,
        }
        body = json.dumps(manifest, separators=(",", ":")).encode()
        digest = f"sha256:{sha256(body).hexdigest()}"
        answer = self._call("PUT", f"manifests/{digest}", body, kind=_MANIFEST)
        row = {"mediaType": _MANIFEST, "digest": digest, "size": len(body), "artifactType": artifact.type}
        return row | {"annotations": annotations}, "oci-subject" in answer.headers

    def list_by_tag(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """List artifacts under the tag for the image's referrers; return False if that tag exists and may not move."""
        tag = self.digest.replace(":", "-")
        before = self._call("GET", f"manifests/{tag}", accept=_INDEX, missing=True)
        empty = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": []}
        index: dict[str, Any] = json.loads(before.body) if before.status == 200 else empty
        known = {row["digest"] for row in index.get("manifests", [])}
        new = [dict(row) for row in rows if row["digest"] not in known]
        if not new:
            return True
        index["manifests"] = [*index.get("manifests", []), *new]
        body = json.dumps(index, separators=(",", ":")).encode()
        answer = self._call("PUT", f"manifests/{tag}", body, kind=_INDEX, missing=True, refused=True)
        if answer.status >= 400 and before.status != 200:
            raise CannotDecideError(f"{self.reference}: the registry does not take the tag {tag}: {_reason(answer)}")
        return answer.status < 400

    def _blob(self, content: bytes, kind: str) -> dict[str, Any]:
        digest = f"sha256:{sha256(content).hexdigest()}"
        if self._call("HEAD", f"blobs/{digest}", missing=True).status != 200:
            place = self._call("POST", "blobs/uploads/").headers.get("location", "")
            query = "&" if "?" in place else "?"
            self._call(
                "PUT", f"{place}{query}{urlencode({'digest': digest})}", content, kind="application/octet-stream"
            )
        return {"mediaType": kind, "digest": digest, "size": len(content)}

    def _call(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        accept: str = "*/*",
        kind: str = "",
        missing: bool = False,
        refused: bool = False,
    ) -> _Answer:
        address = urljoin(f"{self.scheme}://{self.host}/v2/{self.repository}/", path)
        headers = {"Accept": accept, "Content-Length": str(len(body))} | ({"Content-Type": kind} if kind else {})
        answer = self._send(method, address, headers, body)
        if answer.status == 401 and self._log_in(answer.headers.get("www-authenticate", "")):
            answer = self._send(method, address, headers, body)
        if answer.status < 400 or (missing and answer.status == 404) or refused:
            return answer
        raise CannotDecideError(f"{self.reference}: the registry answered {answer.status}: {_reason(answer)}")

    def _send(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> _Answer:
        place = urlsplit(address)
        if (place.scheme, place.netloc) != (self.scheme, self.host):
            raise CannotDecideError(f"{self.reference}: the registry refers to another host, {visible(place.netloc)}")
        known = {"Authorization": self.authorization} if self.authorization else {}
        return _request(method, address, dict(headers) | known, body)

    def _log_in(self, challenge: str) -> bool:
        """Get a token where a registry asks for one (https://distribution.github.io/distribution/spec/auth/token/)."""
        kind, _, rest = challenge.partition(" ")
        if kind.lower() != "bearer":
            return False
        fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        realm = fields.get("realm", "").strip('"')
        scope = urlencode(
            {"service": fields.get("service", "").strip('"'), "scope": f"repository:{self.repository}:pull,push"}
        )
        if urlsplit(realm).scheme != "https":
            return False
        known = {"Authorization": self.authorization} if self.authorization else {}
        answer = _request("GET", f"{realm}?{scope}", known, b"")
        if answer.status != 200:
            return False
        found = json.loads(answer.body)
        self.authorization = f"Bearer {found.get('token') or found.get('access_token')}"
        return True


def _request(method: str, address: str, headers: Mapping[str, str], body: bytes) -> _Answer:
    place = urlsplit(address)
    kind = HTTPConnection if place.scheme == "http" else HTTPSConnection
    connection = kind(place.netloc, timeout=_PATIENCE)
    try:
        target = f"{place.path}?{place.query}" if place.query else place.path
        connection.request(method, target, body or None, dict(headers))
        answer: HTTPResponse = connection.getresponse()
        read = answer.read(_LARGEST_ANSWER)
        return _Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)
    except (OSError, HTTPException) as error:
        raise CannotDecideError(f"{place.netloc} does not answer: {type(error).__name__}") from error
    finally:
        connection.close()


def _reason(answer: _Answer) -> str:
    return visible(answer.body[:200].decode(errors="replace")).strip()


def _basic(host: str) -> str:
    """Return the credentials that Docker keeps for a registry, for a header; empty if it has none."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        config = json.loads((folder / "config.json").read_bytes())
        helper = config.get("credHelpers", {}).get(host) or config.get("credsStore")
        stored = config.get("auths", {}).get(host, {}).get("auth", "")
    except (AttributeError, OSError, ValueError):
        return ""
    if helper:
        user, secret = credential(helper, host)
        stored = base64.b64encode(f"{user}:{secret}".encode()).decode() if secret else ""
    return f"Basic {stored}" if stored else ""
