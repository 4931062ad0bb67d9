"""`scaffold models lock`: finds out what each model file outside the project is, and writes it into the spec."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from scaffold.documents import rewrite
from scaffold.errors import CannotDecideError
from scaffold.model_files import fetch, hugging_face
from scaffold.project.answers import SPEC
from scaffold.project.apply import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.documents.scalars import Json
    from scaffold.findings.finding import Finding
    from scaffold.model_files.fetch import FileFacts, Progress

LOCKABLE = {"missing-digest", "not-included"}
"""The findings that locking mends."""


def lock(root: Path, document: Document, wanted: Sequence[int]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Write into the spec of a project what these rows of `model_files` are.

    Gives each file's `from`, `sha256` and `size`, and a finding for each row that could not be had: it hides no other.
    """
    spec: Any = document.value
    edits: dict[KeyPath, Mapping[str, Json]] = {}
    failed: list[Finding] = []
    for index in wanted:
        path: KeyPath = ("model_files", index)
        try:
            edits[path] = _values(spec["model_files"][index])
        except CannotDecideError as error:
            fix = "Mend the address or the network, and run this again."
            failed.append(document.finding("unavailable", str(error), path=(*path, "from"), fix=fix))
    text = rewrite.with_values(document, edits)
    if text != document.text:
        replace(root / SPEC, before=document.text.encode(), after=text.encode())
    rows = [_rows(spec["model_files"][index]["from"], values) for (_, index), values in edits.items()]
    return [row for more in rows for row in more], failed


def _rows(address: str, values: Mapping[str, Json]) -> list[dict[str, Any]]:
    files: Any = values.get("files")
    if files is None:
        return [{"from": address, **values}]
    return [{"from": f"{address}/{file['path']}", "sha256": file["sha256"], "size": file["size"]} for file in files]


def unlocked(document: Document, found: Sequence[Finding], *, update: bool) -> list[int]:
    """The rows of `model_files` to find out about: those with a lockable finding, or all from outside the project."""
    spec: Any = document.value
    places = {(finding.line, finding.column) for finding in found if finding.code in LOCKABLE}
    return [
        index
        for index, row in enumerate(spec.get("model_files", []))
        if "://" in row["from"] and (update or places & set(_places(document, index, row)))
    ]


def _places(document: Document, index: int, row: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    paths: list[KeyPath] = [("model_files", index)]
    paths += [("model_files", index, "files", number, "path") for number in range(len(row.get("files", [])))]
    for path in paths:
        position = document.position(path)
        yield position.line, position.column


def _values(row: Mapping[str, Any]) -> Mapping[str, Json]:
    address = row["from"]
    match address.partition(":")[0]:
        case "s3":
            return _digest(fetch.s3(address, row.get("version"), _progress(address)))
        case "hf":
            entries = hugging_face.matching(address, row.get("include", ()))
            if "include" not in row:
                return _digest(hugging_face.fact(address, entries[0], _progress(address)))
            return {"files": [{"path": entry.path, **_digest(_fact(address, entry))} for entry in entries]}
        case _:
            return _digest(fetch.https(address, _progress(address)))


def _fact(address: str, entry: hugging_face.HubFile) -> FileFacts:
    return hugging_face.fact(address, entry, _progress(f"{address}/{entry.path}"))


def _digest(fact: FileFacts) -> dict[str, Json]:
    return {"sha256": fact.sha256, "size": fact.size}


def _progress(address: str) -> Progress:
    """Show on a terminal how far a download is."""
    if not sys.stderr.isatty():
        return lambda _here, _all: None
    shown = 0.0

    def show(here: int, of: int | None) -> None:
        nonlocal shown
        if here == of or time.monotonic() - shown > 0.2:
            shown = time.monotonic()
            amount = f"{here / 2**20:.1f}" + (f" of {of / 2**20:.1f}" if of else "")
            print(f"\r\x1b[K{address}: {amount} MB", end="\n" if here == of else "", file=sys.stderr, flush=True)

    return show
