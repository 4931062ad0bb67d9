"""Decides which answers of a server are a whole file, by the rules of the generated downloader, `scripts/models`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    import http.client

SLOWEST = 1024
"""The bytes each second below which a download is given up after `PATIENCE` seconds."""
PATIENCE = 60.0


def length_of(response: http.client.HTTPResponse, address: str) -> int | None:
    """Return the length that a response promises, None without one. Raises CannotDecideError if it is not a file."""
    lengths = {value.strip() for value in response.headers.get_all("Content-Length", [])}
    reason = ""
    if response.status != 200:
        reason = f"the server responded with {response.status}"
    elif response.headers.get("Content-Encoding", "identity") != "identity":
        reason = "the response is compressed, although that was not requested"
    elif len(lengths) > 1:
        reason = "the response has several lengths"
    elif not all(value.isascii() and value.isdecimal() for value in lengths):
        reason = "the length of the response is not a number"
    elif lengths and "Transfer-Encoding" in response.headers:
        reason = "the response has both a length and a transfer encoding"
    if reason:
        raise CannotDecideError(f"cannot download {address}: {reason}")
    return int(lengths.pop()) if lengths else None


@dataclass(kw_only=True)
class Pace:
    """The progress of a download."""

    address: str
    since: float = field(default_factory=time.monotonic)
    at: int = 0

    def reached(self, size: int) -> None:
        """Note how many bytes there are. Raises CannotDecideError if there were too few in the last minute."""
        now = time.monotonic()
        if size - self.at >= SLOWEST * PATIENCE:
            self.since, self.at = now, size
        elif now - self.since > PATIENCE:
            raise CannotDecideError(f"cannot download {self.address}: {size - self.at} bytes in {PATIENCE:.0f} seconds")
