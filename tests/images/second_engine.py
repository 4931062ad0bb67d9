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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from machine import CommandError, docker_client, run


@dataclass(frozen=True)
class Engine:
    """An engine beside the usual one."""

    host: str

    def docker(self, *words: str | Path) -> str:
        return run(docker_client(), "--host", self.host, *words)

    def take(self, image: str) -> None:
        """Copies an image from the usual engine."""
        with subprocess.Popen([docker_client(), "save", image], stdout=subprocess.PIPE) as saved:
            run(docker_client(), "--host", self.host, "load", "--quiet", stdin=saved.stdout)


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
    host = f"unix://{folder}/docker.sock"
    words = {
        "config-file": configuration,
        "data-root": folder / "data",
        "exec-root": folder / "exec",
        "pidfile": folder / "pid",
        "host": host,
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
            engine = Engine(host)
            _wait(process, engine, folder / "log")
            yield engine
        finally:
            process.terminate()
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], engine: Engine, log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            engine.docker("version")
        except CommandError:
            time.sleep(0.2)
        else:
            return
    msg = f"the second engine does not answer\n{log.read_text()}"
    raise CommandError(msg)
