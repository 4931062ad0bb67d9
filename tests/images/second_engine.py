"""A second engine on this machine, with the image store that is the default of new installations of Docker.

It keeps images as they are pushed, and can write what the classic store cannot: OCI layouts, rewritten times of files.
The first engine must not notice it. So it has its own folders and its own bridge, and leaves the rules of the packet
filter alone, which every engine that manages them starts by flushing: the three rules it needs are added here.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import daemon
from docker import DockerClient
from docker.errors import DockerException
from machine import CommandError, docker_client, run
from registry import wait


@dataclass(frozen=True)
class Engine:
    """An engine beside the usual one."""

    host: str
    client: DockerClient

    def buildx(self, *words: str | Path) -> str:
        return run(docker_client(), "--host", self.host, "buildx", "--builder=default", *words)

    def take(self, image: str) -> None:
        """Copies an image from the usual engine."""
        self.client.images.load(daemon.client().api.get_image(image))


@contextmanager
def started() -> Iterator[Engine]:
    folder = Path(tempfile.mkdtemp(prefix="engine-"))  # a short path: it holds sockets
    try:
        with _bridge() as bridge, _daemon(folder, bridge) as engine:
            yield engine
    finally:
        shutil.rmtree(folder)


@contextmanager
def _bridge() -> Iterator[str]:
    """A bridge whose packets are let through, on a network that is reserved for tests (RFC 2544)."""
    name, network = f"second{os.getpid()}", f"198.18.{os.getpid() % 256}"
    rules = [
        ("filter", "FORWARD", "-i", name, "-j", "ACCEPT"),
        ("filter", "FORWARD", "-o", name, "-j", "ACCEPT"),
        ("nat", "POSTROUTING", "-s", f"{network}.0/24", "!", "-o", name, "-j", "MASQUERADE"),
    ]
    run("ip", "link", "add", "name", name, "type", "bridge")
    try:
        run("ip", "address", "add", f"{network}.1/24", "dev", name)
        run("ip", "link", "set", name, "up")
        for table, *rule in rules:
            run("iptables", "--table", table, "--insert", *rule)
        yield name
    finally:
        for table, *rule in rules:
            subprocess.run(["iptables", "--table", table, "--delete", *rule], stderr=subprocess.DEVNULL, check=False)
        run("ip", "link", "delete", name)


@contextmanager
def _daemon(folder: Path, bridge: str) -> Iterator[Engine]:
    configuration = folder / "daemon.json"
    configuration.write_text(json.dumps({"features": {"containerd-snapshotter": True}}))
    socket = folder / "docker.sock"
    words = {
        "config-file": configuration,
        "data-root": folder / "data",
        "exec-root": folder / "exec",
        "pidfile": folder / "pid",
        "host": f"unix://{socket}",
        # Not the folder's name: containerd refuses one with an underscore in a wrong place, and such an engine ends at
        # once without letting go of what it mounted.
        "containerd-namespace": bridge,
        "containerd-plugins-namespace": f"{bridge}-plugins",
        "bridge": bridge,
        "iptables": "false",
        "ip6tables": "false",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["dockerd", *(f"--{name}={value}" for name, value in words.items())], stderr=log)
        try:
            wait(process, socket, folder / "log")  # which listens before the engine answers
            with closing(_client(f"unix://{socket}", folder / "log")) as client:
                yield Engine(f"unix://{socket}", client)
        finally:
            process.terminate()
            process.wait(60)


def _client(host: str, log: Path) -> DockerClient:
    try:
        return DockerClient(host, timeout=daemon.LIMIT)
    except DockerException as error:
        msg = f"the second engine does not answer: {error}\n{log.read_text()}"
        raise CommandError(msg) from error
