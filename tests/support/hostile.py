"""A server for model files that does to its clients whatever a test wants, over TLS, with an authority of its own."""

from __future__ import annotations

import gzip
import http.server
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Request = http.server.BaseHTTPRequestHandler
Answer = Callable[[Request], None]


@dataclass
class Server:
    """Gives each request the next of its answers; the last one again and again."""

    folder: Path
    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def trusted(self) -> dict[str, str]:
        return {"CA_BUNDLE": str(self.folder / "ca.pem")}

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]


def authority(folder: Path, names: str = "DNS:localhost,DNS:models.test,DNS:cdn.test,IP:127.0.0.1") -> Path:
    """Make an authority and a server's key and certificate in a folder."""
    common = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    signed = ["-CAcreateserial", "-days", "2", "-extfile", "ext"]
    (folder / "ext").write_text(f"subjectAltName={names}", encoding="utf-8")
    for words in (
        ["req", "-x509", *common, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Own CA", "-days", "2"],
        ["req", *common, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", *signed, "-out", "server.pem"],
    ):
        subprocess.run(["openssl", *words], check=True, cwd=folder, capture_output=True)
    return folder


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Serve on a free port of the loopback, with the certificate in the folder."""
    server = Server(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            self.close_connection = True
            with suppress(OSError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    listener = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
    listener.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are what is tested
    listener.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    server.port = int(listener.server_address[1])
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def start_of(request: Request) -> int | None:
    """Where the range starts that was asked for."""
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    return int(found[1]) if found else None


def _head(request: Request, status: int, **headers: object) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()


def whole(content: bytes) -> Answer:
    """What an honest server does, ranges included."""
    return broken_off(content, len(content))


def broken_off(content: bytes, after: int) -> Answer:
    """The right headers, and the connection closed after some bytes."""

    def answer(request: Request) -> None:
        start = start_of(request) or 0
        if start and start >= len(content):
            _head(request, 416, Content_Range=f"bytes */{len(content)}")
            return
        span = {"Content_Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        _head(request, 206 if start else 200, Content_Length=len(content) - start, Accept_Ranges="bytes", **span)
        request.wfile.write(content[start : start + after])

    return answer


def without_length(content: bytes) -> Answer:
    """The end of the connection is the end of the file: nobody can tell a file that was cut."""

    def answer(request: Request) -> None:
        _head(request, 200)
        request.wfile.write(content)

    return answer


def deaf_to_ranges(content: bytes) -> Answer:
    """200 and everything, whatever was asked for."""

    def answer(request: Request) -> None:
        _head(request, 200, Content_Length=len(content))
        request.wfile.write(content)

    return answer


def another_range(content: bytes) -> Answer:
    """206, and a range that nobody asked for."""

    def answer(request: Request) -> None:
        start = (start_of(request) or 0) // 2
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        _head(request, 206, Content_Length=len(content) - start, Content_Range=span)
        request.wfile.write(content[start:])

    return answer


def claims_length(content: bytes, length: int) -> Answer:
    """A length that is not the content's."""

    def answer(request: Request) -> None:
        _head(request, 200, Content_Length=length)
        request.wfile.write(content)

    return answer


def with_head(content: bytes, code: int, *headers: tuple[str, str], message: str = "OK") -> Answer:
    """Any status and any headers, of one name too, and these bytes."""

    def answer(request: Request) -> None:
        request.send_response(code, message)
        for name, value in headers:
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def endless(piece: bytes = b"x" * 65536) -> Answer:
    """More and more, without saying how much."""

    def answer(request: Request) -> None:
        _head(request, 200)
        for _ in range(100_000):
            request.wfile.write(piece)

    return answer


def dripping(content: bytes, pause: float = 0.2) -> Answer:
    """A byte now and then."""

    def answer(request: Request) -> None:
        _head(request, 200, Content_Length=len(content))
        for byte in content:
            request.wfile.write(bytes([byte]))
            time.sleep(pause)

    return answer


def zipped(content: bytes) -> Answer:
    """Compressed, although nobody said that they could read that."""

    def answer(request: Request) -> None:
        body = gzip.compress(content)
        _head(request, 200, Content_Length=len(body), Content_Encoding="gzip")
        request.wfile.write(body)

    return answer


def redirect(location: str) -> Answer:
    """302, with a page that says so."""

    def answer(request: Request) -> None:
        page = b"<html>moved</html>"
        _head(request, 302, Location=location, Content_Length=len(page))
        request.wfile.write(page)

    return answer


def status(code: int) -> Answer:
    """An error, with a page that says so."""

    def answer(request: Request) -> None:
        _head(request, code, Content_Length=5)
        request.wfile.write(b"error")

    return answer


def hang_up(request: Request) -> None:
    """Nothing."""
