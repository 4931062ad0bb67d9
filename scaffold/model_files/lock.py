"""Determines the size and SHA-256 of model files outside the project, and records them in the spec."""

from __future__ import annotations

from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from scaffold.documents.edit import edit
from scaffold.errors import CannotDecideError, ExitCode
from scaffold.findings.finding import Severity
from scaffold.model_files import fetch, hugging_face
from scaffold.progress import megabytes
from scaffold.project.answers import SPEC
from scaffold.project.apply import replace
from scaffold.rendering import validation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.rendering.engine import Engine

LOCKABLE = {"missing-digest", "not-included"}
"""The findings that locking resolves."""


def lock_project(
    root: Path, engine: Engine, *, update: bool
) -> tuple[list[dict[str, Any]] | None, list[tuple[ExitCode, Finding]]]:
    """Lock the model files of one project that are not locked yet, or all of them with `update`.

    Returns the `from`, `sha256` and `size` of each file, or None if other errors in the spec prevent that, and the
    findings with their exit statuses.
    """
    document = validation.read(root / SPEC)
    found = validation.findings(document, engine)
    other = [finding for finding in found if finding.code not in LOCKABLE]
    rows = [(ExitCode.INVALID, finding) for finding in other]
    if any(finding.severity is Severity.ERROR for finding in other):
        return None, rows
    files, failed = lock(root, document, unlocked(document, found, update=update))
    rows += [(ExitCode.UNDECIDED, finding) for finding in failed]
    if not failed:
        rows += [(ExitCode.INVALID, finding) for finding in validation.findings(validation.read(root / SPEC), engine)]
    return files, rows


def lock(root: Path, document: Document, wanted: Sequence[int]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Write the size and SHA-256 of these rows of `model_files` into the spec of a project.

    Returns each file's `from`, `sha256` and `size`, and a finding for each row that could not be downloaded; the others
    are recorded.
    """
    spec: Any = document.value
    values: dict[int, dict[str, Any]] = {}
    failed: list[Finding] = []
    for index in wanted:
        try:
            values[index] = _values(spec["model_files"][index])
        except CannotDecideError as error:
            fix = "Correct the address or the network settings, and run this again."
            place = ("model_files", index, "from")
            failed.append(document.finding("unavailable", str(error), path=place, fix=fix))
    if values:
        text = edit(document, {"model_files": values}, after_first=True)
        if text != document.text:
            replace(root / SPEC, before=document.text.encode(), after=text.encode())
    rows = []
    for index, row in values.items():
        for file in row.get("files", [row]):
            address = "/".join(
                [spec["model_files"][index]["from"].rstrip("/"), *([file["path"]] if "path" in file else [])]
            )
            rows.append({"from": address, "sha256": file["sha256"], "size": file["size"]})
    return rows, failed


def unlocked(document: Document, found: Sequence[Finding], *, update: bool) -> list[int]:
    """Return the rows of `model_files` to lock: those with a lockable finding, or all from outside the project."""
    spec: Any = document.value
    places = {(finding.line, finding.column) for finding in found if finding.code in LOCKABLE}
    wanted = []
    for index, row in enumerate(spec.get("model_files", [])):
        paths: list[KeyPath] = [("model_files", index)]
        paths += [("model_files", index, "files", number, "path") for number in range(len(row.get("files", [])))]
        positions = [document.position(path) for path in paths]
        lockable = places & {(position.line, position.column) for position in positions}
        if "://" in row["from"] and (update or lockable):
            wanted.append(index)
    return wanted


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `sha256` and `size` of one row, or of its `files`. Raises CannotDecideError."""
    address = row["from"]
    match address.partition(":")[0]:
        case "s3" if address.endswith("/"):
            return {"files": _below_prefix(address, row.get("include", ["*"]))}
        case "s3":
            return asdict(fetch.s3(address, row.get("version"), megabytes(address)))
        case "hf":
            entries = hugging_face.matching(address, row.get("include", ()))
            if "include" not in row:
                return asdict(hugging_face.fact(address, entries[0], megabytes(address)))
            facts = [hugging_face.fact(address, entry, megabytes(f"{address}/{entry.path}")) for entry in entries]
            return {"files": [{"path": entry.path, **asdict(fact)} for entry, fact in zip(entries, facts, strict=True)]}
        case _:
            return asdict(fetch.https(address, megabytes(address)))


def _below_prefix(prefix: str, include: Sequence[str]) -> list[dict[str, Any]]:
    """Return the `path`, `sha256` and `size` of the objects below a prefix that match the patterns."""
    found = [path for path in fetch.s3_paths(prefix) if any(fnmatchcase(path, pattern) for pattern in include)]
    if not found:
        raise CannotDecideError(f"{prefix} has no object that matches {' or '.join(include)}")
    return [{"path": path, **asdict(fetch.s3(f"{prefix}{path}", None, megabytes(f"{prefix}{path}")))} for path in found]
