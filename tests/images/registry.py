"""A real registry on a free loopback port, and what it says about an image."""

import base64
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from machine import CommandError, debian_program, until

MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


@dataclass(frozen=True)
class Manifest:
    digest: str
    media_type: str
    content: dict[str, Any]


def manifest(host: str, repository: str, reference: str, login: str = "") -> Manifest:
    """The manifest that a tag or a digest stands for; `login` is USER:PASSWORD."""
    with closing(HTTPConnection(host, timeout=30)) as connection:
        headers = {"Accept": ", ".join(MANIFEST_TYPES)}
        if login:
            headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        connection.request("GET", f"/v2/{repository}/manifests/{reference}", headers=headers)
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        msg = f"{host}/{repository}:{reference}: {response.status} {body.decode()}"
        raise CommandError(msg)
    return Manifest(response.headers["Docker-Content-Digest"], response.headers["Content-Type"], json.loads(body))


def put_manifest(host: str, repository: str, tag: str, content: dict[str, Any]) -> str:
    """Store a manifest as it is, whoever would make such a one; its digest."""
    with closing(HTTPConnection(host, timeout=30)) as connection:
        headers = {"Content-Type": content["mediaType"]}
        connection.request("PUT", f"/v2/{repository}/manifests/{tag}", json.dumps(content), headers)
        response = connection.getresponse()
        body = response.read().decode()
    if response.status != 201:
        msg = f"{host}/{repository}:{tag}: {response.status} {body}"
        raise CommandError(msg)
    return str(response.headers["Docker-Content-Digest"])


@contextmanager
def serve(folder: Path, users: str = "") -> Iterator[str]:
    """Debian's docker-registry, its storage in a folder; yields host:port. Docker trusts the loopback without TLS.

    With `users`, lines of htpasswd, nobody else may use it.
    """
    program = debian_program("docker-registry", "usr/bin/docker-registry")
    port = free_port()
    configuration = folder / "registry.json"
    configuration.write_text(json.dumps(_configuration(folder, port, users)))  # JSON is YAML
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", configuration], stdout=log, stderr=log)
        try:
            wait(process, port, folder / "registry.log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _configuration(folder: Path, port: int, users: str) -> dict[str, Any]:
    passwords = folder / "htpasswd"
    passwords.write_text(users)
    return {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
        **({"auth": {"htpasswd": {"realm": "test", "path": str(passwords)}}} if users else {}),
    }


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(process: subprocess.Popen[bytes], where: int | Path, log: Path) -> None:
    """Wait until a server listens, at a port of this machine or at a socket that is a file."""
    family = socket.AF_INET if isinstance(where, int) else socket.AF_UNIX
    address = ("127.0.0.1", where) if isinstance(where, int) else str(where)

    def listens() -> bool:
        with closing(socket.socket(family)) as probe:
            return probe.connect_ex(address) == 0

    if not until(lambda: process.poll() is not None or listens(), 60) or process.poll() is not None:
        msg = f"the server did not start\n{log.read_text()}"
        raise CommandError(msg)
