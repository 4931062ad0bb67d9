"""A small runtime API, which notes when each piece of a response arrives: the emulator gathers them all."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from machine import until

REQUEST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass
class RuntimeApi:
    """An API that offers one event. `pieces` are those of the response, each with the time of its arrival."""

    port: int
    event: object
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    offered: threading.Event = field(default_factory=threading.Event)
    complete: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float = 30) -> None:
        """Wait for the whole response."""
        assert until(self.complete.is_set, seconds), "no response"


def _handler(api: RuntimeApi, stopped: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Offer the event to the runtime, once; extensions get none."""
            if not self.path.endswith("/invocation/next") or api.offered.is_set():
                stopped.wait()
                return
            api.offered.set()
            headers = {"Aws-Request-Id": REQUEST_ID, "Deadline-Ms": str(int(time.time() * 1000) + 60_000)}
            headers["Invoked-Function-Arn"] = "arn:aws:lambda:eu-west-1:111122223333:function:shop"
            self.answer(json.dumps(api.event).encode(), {f"Lambda-Runtime-{key}": headers[key] for key in headers})

        def do_POST(self) -> None:
            """Register an extension, or take a response, piece by piece."""
            if self.path.endswith("/response"):
                api.headers.update({key.lower(): value for key, value in self.headers.items()})
                while size := int(self.rfile.readline(), 16):
                    api.pieces.append((time.monotonic(), self.rfile.read(size)))
                    self.rfile.readline()
                api.complete.set()
            else:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(b"{}", {"Lambda-Extension-Identifier": REQUEST_ID})

        def answer(self, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(event: object) -> Iterator[RuntimeApi]:
    """The API on a free port of all addresses of this machine."""
    stopped = threading.Event()
    api = RuntimeApi(0, event)
    with ThreadingHTTPServer(("0.0.0.0", 0), _handler(api, stopped)) as server:
        server.daemon_threads = True
        server.block_on_close = False
        api.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield api
        finally:
            stopped.set()
            server.shutdown()
