"""Runs an image as a function behind the runtime interface emulator, and invokes it."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from machine import CommandError, docker

INVOCATIONS = "/2015-03-31/functions/function/invocations"


@dataclass(frozen=True)
class Answer:
    """What the emulator said. It says 200 when the handler raised, too: the body tells."""

    status: int
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Function:
    """A running container that answers. One request at a time: the emulator dies of a second one."""

    container: str
    port: int

    def invoke(self, event: object, *, timeout: float = 60) -> Answer:
        return self._request("POST", INVOCATIONS, json.dumps(event), timeout)

    def logs(self) -> str:
        return docker("logs", self.container)

    def wait(self, seconds: float = 20) -> None:
        """Waits until the emulator listens; any path but one gets a 404 that invokes nothing."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self._request("GET", "/", None, 5)
            except (OSError, HTTPException):
                time.sleep(0.05)
            else:
                return
        msg = f"the emulator does not listen\n{self.logs()}"
        raise CommandError(msg)

    def _request(self, method: str, path: str, body: str | None, timeout: float) -> Answer:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request(method, path, body)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())


@contextmanager
def running(image: str, *command: str, options: tuple[str, ...] = ()) -> Iterator[Function]:
    """The image as a running function; `options` are words for `docker run`."""
    container = docker("run", "--detach", "--publish=127.0.0.1::8080", *options, image, *command).strip()
    try:
        port = docker("port", container, "8080/tcp").strip().rpartition(":")[2]
        function = Function(container, int(port))
        function.wait()
        yield function
    finally:
        docker("rm", "--force", "--volumes", container)
