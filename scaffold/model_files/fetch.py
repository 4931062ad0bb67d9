"""Measures files outside the project: size and SHA-256, over https or from S3. Nothing is stored.

A server may redirect up to five times, over https, but no further into the network than its own address: an untrusted
spec must not make this machine send requests to internal hosts.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError
from scaffold.findings.source import visible
from scaffold.model_files.answer import Pace, length_of

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator, Mapping

    Progress = Callable[[int, int | None], None]  # called with the bytes so far, and the total if it is known

MAX_BYTES = 10 * 2**30
_SECONDS = 60
_CHUNK = 2**20


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """The size and the digest of a file."""

    sha256: str
    size: int


def https(address: str, progress: Progress, headers: Mapping[str, str] | None = None) -> FileFacts:
    """Download a file and return its facts."""
    with opened(address, headers) as response:
        expected = length_of(response, address)
        fact = _measure(response, address, lambda here: progress(here, expected))
    if expected not in {None, fact.size}:
        raise CannotDecideError(
            f"cannot download {address}: the connection closed after {fact.size} of {expected} bytes"
        )
    return fact


def s3(address: str, version: str | None, progress: Progress) -> FileFacts:
    """Download an object with the `aws` command line, and return its facts."""
    bucket, key = _parts(address)
    read, write = os.pipe()
    words = ["aws", "s3api", "get-object", f"--bucket={bucket}", f"--key={key}", f"/dev/fd/{write}"]
    if version:
        words.insert(-1, f"--version-id={version}")
    try:
        process = subprocess.Popen(
            words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment(), text=True
        )
    except FileNotFoundError:
        os.close(read)
        raise _without_aws(address) from None
    finally:
        os.close(write)
    with process, open(read, "rb") as pipe:  # noqa: PTH123 - a descriptor, not a path
        fact = _measure(pipe, address, lambda here: progress(here, None))
        _, output = process.communicate()
    if process.returncode:
        raise CannotDecideError(f"cannot download {address}: {visible(' '.join(output.split()))[:500]}")
    return fact


def s3_paths(prefix: str) -> list[str]:
    """Return the paths of the objects below a prefix, which ends in /, relative to it; hidden ones are left out."""
    bucket, key = _parts(prefix)
    words = ["aws", "s3api", "list-objects-v2", f"--bucket={bucket}", f"--prefix={key}", "--output=json"]
    try:
        done = subprocess.run(words, capture_output=True, check=False, env=_environment(), text=True)
    except FileNotFoundError:
        raise _without_aws(prefix) from None
    if done.returncode:
        raise CannotDecideError(f"cannot list {prefix}: {visible(' '.join(done.stderr.split()))[:500]}")
    try:
        rows = json.loads(done.stdout or "{}").get("Contents", [])
        paths = [str(row["Key"]).removeprefix(key) for row in rows]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CannotDecideError(f"cannot list {prefix}: the aws command returned something else") from error
    return sorted(path for path in paths if path and not path.endswith("/") and not f"/{path}".count("/."))


def _parts(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def _environment() -> dict[str, str]:
    bundle = os.environ.get("CA_BUNDLE")
    return dict(os.environ) | ({"AWS_CA_BUNDLE": bundle} if bundle else {})


def _without_aws(address: str) -> CannotDecideError:
    return CannotDecideError(f"{address} requires the aws command line (https://aws.amazon.com/cli/)")


def _measure(
    stream: io.BufferedReader | http.client.HTTPResponse, address: str, progress: Callable[[int], None]
) -> FileFacts:
    digest, size, pace = hashlib.sha256(), 0, Pace(address=address)
    while chunk := _read(stream, address):
        digest.update(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise CannotDecideError(f"cannot download {address}: the file is larger than {MAX_BYTES} bytes")
        pace.reached(size)
        progress(size)
    return FileFacts(sha256=digest.hexdigest(), size=size)


def _read(stream: io.BufferedReader | http.client.HTTPResponse, address: str) -> bytes:
    try:
        # What there is, so that one that drips is seen.
        return stream.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise CannotDecideError(f"cannot download {address}: {_reason(error)}") from error


@contextmanager
def opened(address: str, headers: Mapping[str, str] | None = None) -> Iterator[http.client.HTTPResponse]:
    """Open an https URL. Raises CannotDecideError on failure."""
    if not address.startswith("https://"):
        raise CannotDecideError(f"cannot download {address}: only https is supported")
    try:
        context = ssl.create_default_context(cafile=os.environ.get("CA_BUNDLE") or None)
        opener = urllib.request.build_opener(_Opener(_Reach(), context), _Redirects())
        request = urllib.request.Request(address, headers={"Accept-Encoding": "identity", **(headers or {})})  # noqa: S310
        response = opener.open(request, timeout=_SECONDS)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CannotDecideError(f"cannot download {address}: {_reason(error)}") from error
    with response:
        yield response


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return visible(f"the server responded with {error.code} {error.reason}"[:200])
    return visible(str(getattr(error, "reason", "") or str(error) or type(error).__name__)[:500])


class _Reach:
    """Limits how far into the network connections may lead: as far as the first one."""

    def __init__(self) -> None:
        self.depth: int | None = None

    def connect(self, address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        """Connect to one of the addresses that were checked, not to those of a second look-up."""
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        depth = max(inside(str(row[4][0])) for row in found)
        if self.depth is None:
            self.depth = depth
        elif depth > self.depth:
            raise OSError(f"a redirect to {address[0]}, inside the network")
        for number, row in enumerate(found, start=1):
            try:
                return socket.create_connection((str(row[4][0]), address[1]), *rest, **named)
            except OSError:
                if number == len(found):
                    raise
        raise OSError(f"{address[0]} has no address")


def inside(address: str) -> int:
    """Return how internal an address is: 0 public, 1 private network, 2 this machine or its link, or disguised."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return 2
    if ip.is_global and not ip.is_multicast:
        return 0
    beside = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified
    return 2 if beside else 1


class _Connection(http.client.HTTPSConnection):
    def __init__(self, *words: Any, reach: _Reach, **named: Any) -> None:
        super().__init__(*words, **named)
        self._create_connection = reach.connect

    def set_tunnel(self, *words: Any, **named: Any) -> None:
        # A proxy resolves names itself, and its own address is the user's choice.
        self._create_connection = socket.create_connection
        super().set_tunnel(*words, **named)


class _Opener(urllib.request.HTTPSHandler):
    def __init__(self, reach: _Reach, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self.reach, self.context = reach, context

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, **named: Any) -> _Connection:
            return _Connection(host, reach=self.reach, context=self.context, **named)

        return self.do_open(connection, request)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = max_repeats = 5

    def redirect_request(  # noqa: PLR0913, PLR0917 - the signature is urllib's
        self, request: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        parts = urllib.parse.urlsplit(newurl)
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise OSError(f"a redirect to {newurl}")
        following = super().redirect_request(request, fp, code, msg, headers, newurl)
        if following and following.host != request.host:
            following.headers.pop("Authorization", None)
        return following
