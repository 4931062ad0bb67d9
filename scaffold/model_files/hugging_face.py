"""Files of a Hugging Face repository at one commit: a listing, and the size and digest of each."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from scaffold.errors import CannotDecideError
from scaffold.model_files import fetch
from scaffold.model_files.fetch import FileFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.model_files.fetch import Progress

_ADDRESS = re.compile(r"hf://(?P<repository>[^@]+)@(?P<commit>[0-9a-f]{40})(?:/(?P<path>.+))?")
_HIDDEN = re.compile(r"(^|/)\.")
_LISTING_BYTES = 2**24
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


@dataclass(frozen=True, kw_only=True)
class HubFile:
    """One file of a repository; `fact` is set for large files, which the hub stores by SHA-256."""

    path: str
    fact: FileFacts | None


def endpoint() -> str:
    """Return the URL of the hub."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def headers() -> dict[str, str]:
    """Return the request headers: the user's token, if there is one."""
    token = os.environ.get("HF_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def matching(address: str, include: Sequence[str]) -> list[HubFile]:
    """Return the files of a repository that match the patterns, sorted; for an address with a path, that file.

    Patterns do not match hidden files, such as the `.gitattributes` of every repository.
    """
    parts = _parts(address)
    patterns = [parts["path"]] if parts["path"] else include
    seen = [entry for entry in _listing(address) if not _HIDDEN.search(entry.path)]
    found = [entry for entry in seen if any(fnmatchcase(entry.path, pattern) for pattern in patterns)]
    if not found:
        raise CannotDecideError(f"{address} has no file {' or '.join(patterns)}")
    return sorted(found, key=lambda entry: entry.path)


def fact(address: str, entry: HubFile, progress: Progress) -> FileFacts:
    """Return the facts of one file: from the hub's listing, or by downloading it."""
    if entry.fact:
        return entry.fact
    parts = _parts(address)
    place = f"{parts['repository']}/resolve/{parts['commit']}/{quote(entry.path)}"
    return fetch.https(f"{endpoint()}/{place}", progress, headers())


def _parts(address: str) -> dict[str, str]:
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise ValueError(f"{address} is not a Hugging Face address")
    return found.groupdict(default="")


def _listing(address: str) -> Iterator[HubFile]:
    parts = _parts(address)
    page: str | None = f"{endpoint()}/api/models/{parts['repository']}/tree/{parts['commit']}?recursive=true"
    while page:
        with fetch.opened(page, headers()) as response:
            text = response.read(_LISTING_BYTES)
            following = _NEXT.search(response.headers.get("Link", ""))
        try:
            yield from [_entry(row) for row in json.loads(text) if row["type"] == "file"]
        except (ValueError, KeyError, TypeError) as error:
            raise CannotDecideError(f"cannot list {address}: {page} did not return a list of files") from error
        page = following[1] if following else None
        if page and urlsplit(page)[:2] != urlsplit(endpoint())[:2]:
            raise CannotDecideError(f"cannot list {address}: the next page is at {page}")


def _entry(row: Any) -> HubFile:
    large = row.get("lfs")
    fact = FileFacts(sha256=str(large["oid"]), size=int(large["size"])) if large else None
    if fact and not re.fullmatch(r"[0-9a-f]{64}", fact.sha256):
        raise ValueError(fact.sha256)
    return HubFile(path=str(row["path"]), fact=fact)
