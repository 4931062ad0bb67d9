"""Artifacts beside an image, in registries that list them and in those that do not, with tags that move or not."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scaffold.errors import CannotDecideError
from scaffold.oci.referrers import Artifact, attach

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST}).encode()
DIGEST = f"sha256:{sha256(IMAGE).hexdigest()}"
TAG = DIGEST.replace(":", "-")
SBOMS = [Artifact("sbom.spdx.json", "application/spdx+json", b"{}"), Artifact("sbom.cdx.json", "application/x", b"[]")]


class Registry(BaseHTTPRequestHandler):
    """As much of a registry as an artifact needs, by https://github.com/opencontainers/distribution-spec."""

    manifests: dict[str, tuple[str, bytes]]
    blobs: dict[str, bytes]
    native = immutable = False
    login = ""

    def log_message(self, *_: Any) -> None: ...

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if (
            self.login
            and self.headers.get("Authorization") != f"Basic {base64.b64encode(self.login.encode()).decode()}"
        ):
            self._answer(401, b"who are you?", WWW_Authenticate="Basic")
        elif found := re.fullmatch(r"/v2/fn/manifests/(.+)", self.path):
            self._manifest(found[1], body)
        elif self.command == "POST":
            self._answer(202, Location="/v2/fn/blobs/uploads/1?state=x")
        elif self.command == "PUT":
            digest = f"sha256:{sha256(body).hexdigest()}"
            assert self.path == f"/v2/fn/blobs/uploads/1?state=x&digest=sha256%3A{digest[7:]}"
            self.blobs[digest] = body
            self._answer(201)
        else:
            self._answer(200 if self.path.rpartition("/")[2] in self.blobs else 404)

    def _manifest(self, name: str, body: bytes) -> None:
        if self.command == "PUT":
            if self.immutable and not name.startswith("sha256:") and name in self.manifests:
                self._answer(400, b"TAG_INVALID: the tag is immutable")
                return
            self.manifests[name] = (self.headers["Content-Type"], body)
            listed = {"OCI_Subject": DIGEST} if self.native and b'"subject"' in body else {}
            self._answer(201, **listed)
        elif name in self.manifests:
            kind, content = self.manifests[name]
            self._answer(200, content, Content_Type=kind)
        else:
            self._answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = _handle  # noqa: N815 - the names that the server calls


@contextmanager
def registry(**settings: Any) -> Iterator[tuple[str, dict[str, tuple[str, bytes]]]]:
    manifests: dict[str, tuple[str, bytes]] = {DIGEST: (MANIFEST, IMAGE)}
    kind = type("Made", (Registry,), settings | {"manifests": manifests, "blobs": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}/fn@{DIGEST}", manifests
    finally:
        server.shutdown()
        server.server_close()


def test_a_registry_that_lists_referrers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with registry(native=True) as (reference, manifests):
        done = attach(reference, SBOMS)
        assert done.listed == "registry"
        assert sorted(manifests) == sorted([DIGEST, *done.digests])
        kept = json.loads(manifests[done.digests[0]][1])
        assert kept["subject"] == {"mediaType": MANIFEST, "digest": DIGEST, "size": len(IMAGE)}
        assert kept["artifactType"] == SBOMS[0].type
        assert manifests[DIGEST] == (MANIFEST, IMAGE)
        assert attach(reference, SBOMS) == done


def test_a_registry_that_does_not_list_them_gets_one_tag_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with registry() as (reference, manifests):
        done = attach(reference, SBOMS)
        assert done.listed == "tag"
        rows = json.loads(manifests[TAG][1])["manifests"]
        assert [row["digest"] for row in rows] == list(done.digests)
        more = attach(reference, [Artifact("more", "application/y", b"more")])
        assert [row["digest"] for row in json.loads(manifests[TAG][1])["manifests"]] == [*done.digests, *more.digests]


def test_a_tag_that_may_not_move_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with registry(immutable=True) as (reference, manifests):
        assert attach(reference, SBOMS).listed == "tag"
        assert attach(reference, SBOMS).listed == "tag", "nothing new: nothing to write"
        before = manifests[TAG]
        done = attach(reference, [Artifact("more", "application/y", b"more")])
        assert (done.listed, manifests[TAG]) == ("", before)
        assert done.digests[0] in manifests


def test_credentials_are_those_of_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with registry(login="me:secret") as (reference, _):
        with pytest.raises(CannotDecideError, match="401: who are you"):
            attach(reference, SBOMS)
        host = reference.partition("/")[0]
        stored = {"auths": {host: {"auth": base64.b64encode(b"me:secret").decode()}}}
        (tmp_path / "config.json").write_text(json.dumps(stored))
        assert attach(reference, SBOMS).listed == "tag"
        helper = tmp_path / "docker-credential-test"
        helper.write_text('#!/bin/sh\necho \'{"Username": "me", "Secret": "secret"}\'\n')
        helper.chmod(0o755)
        (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {host: "test"}}))
        assert attach(reference, SBOMS).listed == "tag"


def test_another_image_than_the_named_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with registry() as (reference, manifests):
        manifests[DIGEST] = (MANIFEST, b"{}")
        with pytest.raises(CannotDecideError, match="returned sha256:44136fa"):
            attach(reference, SBOMS)
        with pytest.raises(CannotDecideError, match="404"):
            attach(reference.replace(DIGEST, f"sha256:{'0' * 64}"), SBOMS)
    with pytest.raises(CannotDecideError, match="HOST/REPOSITORY@DIGEST"):
        attach("fn:latest", SBOMS)
    with pytest.raises(CannotDecideError, match="does not answer"):
        attach(reference, SBOMS)
