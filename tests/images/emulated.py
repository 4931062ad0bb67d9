"""Runs an image as a function behind the runtime interface emulator, and invokes it."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

import daemon
from machine import CommandError, until

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

    port: int

    def invoke(self, event: object, *, timeout: float = 60) -> Answer:
        return self._request("POST", INVOCATIONS, json.dumps(event), timeout)

    def wait(self, seconds: float = 20) -> None:
        """Waits until the emulator listens; any path but one gets a 404 that invokes nothing."""
        if not until(self._listens, seconds):
            msg = "the emulator does not listen"
            raise CommandError(msg)

    def _listens(self) -> bool:
        try:
            self._request("GET", "/", None, 5)
        except (OSError, HTTPException):
            return False
        return True

    def _request(self, method: str, path: str, body: str | None, timeout: float) -> Answer:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as connection:
            connection.request(method, path, body)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())


@contextmanager
def running(image: str, *command: str, **options: Any) -> Iterator[Function]:
    """The image as a running function; takes the options of `daemon.container`."""
    with daemon.container(image, *command, ports={"8080/tcp": ("127.0.0.1", None)}, **options) as container:
        container.start()
        function = Function(daemon.port(container))
        function.wait()
        yield function
