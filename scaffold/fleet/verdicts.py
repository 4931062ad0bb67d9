"""Keeps verdicts on projects between runs, in a directory of the user's, until something they follow from changes.

An entry is data, and holds the verdict on one project beside a digest of everything that it follows from. Whoever can
write to the directory decides what is found, so it must be the user's alone, and out of reach of what is judged.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from scaffold import reading
from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings import codes
from scaffold.findings.finding import Edit, Finding, Severity
from scaffold.locations import PARTS
from scaffold.project import observation
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.find import root_of
from scaffold.repository import work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scaffold.project.observation import Observation

_MAX_BYTES = 4 * 1024 * 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


Verdict: TypeAlias = "tuple[ExitCode, list[Finding]]"
"""The exit status of an error among the findings about a project, and the findings."""


class Verdicts:
    """The verdicts in `folder`. `made_for` is everything that they follow from besides the project.

    Creates the folder. Raises InvalidInputError if it is not the user's alone.
    """

    def __init__(self, folder: Path, made_for: str) -> None:
        self._made_for = hashlib.sha256(made_for.encode()).hexdigest()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise InvalidInputError(f"--cache {folder}: {error.strerror}") from error
        if not _is_ours(os.fstat(self._folder)):
            raise InvalidInputError(
                f"--cache {folder}: others own it or may write to it, and could hide findings; "
                f"use a directory of your own: chmod go-w {folder}"
            )

    def of(self, root: Path, judge: Callable[[Path], Verdict]) -> Verdict:
        """Return the verdict on a project: the one that was kept, if it still holds, or else that of `judge`.

        Keeps it, unless something was not decided. Raises what `judge` raises.
        """
        read = _read(root)
        if read is None:
            return judge(root)
        name = hashlib.sha256(b"\0".join([os.fsencode(root), *read])).hexdigest()
        if kept := self._kept(name, root):
            return kept
        with observation.observed() as seen:
            verdict = judge(root)
        undecided = any(codes.undecided(finding.code) for finding in verdict[1])
        if seen.is_stable and not undecided and _read(root) == read:
            self._keep(name, seen, verdict)
        return verdict

    def _key(self, name: str, seen: str) -> str:
        return hashlib.sha256(f"{self._made_for} {name} {seen}".encode()).hexdigest()

    def _kept(self, name: str, root: Path) -> Verdict | None:
        # Whatever is wrong with an entry, the project is judged as if there were none.
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            text = self._text(name)
            entry = json.loads(text)
            if entry["made_for"] != self._made_for:
                return None
            seen = observation.again(root, [(kind, path) for kind, path in entry["looks"]])
            if entry["key"] == self._key(name, seen.digest()):
                return _verdict(entry)
        return None

    def _text(self, name: str) -> bytes:
        """Return an entry. Raises ValueError for one that is damaged or not the user's alone, OSError."""
        file = os.open(name, _READ, dir_fd=self._folder)
        with os.fdopen(file, "rb") as stream:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or not _is_ours(status) or status.st_size > _MAX_BYTES:
                raise ValueError(name)
            digest, _, text = stream.read().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != digest:
            raise ValueError(name)
        return text

    def _keep(self, name: str, seen: Observation, verdict: Verdict) -> None:
        """Write an entry aside and rename it, since other processes read; a full disk only costs time."""
        code, findings = verdict
        text = json.dumps(
            {"made_for": self._made_for, "key": self._key(name, seen.digest()), "looks": seen.looks}
            | {"code": code, "findings": [vars(finding) for finding in findings]}
        ).encode()
        part = f"{name}.{os.urandom(8).hex()}"
        with suppress(OSError):
            file = os.open(part, _CREATE, 0o600, dir_fd=self._folder)
            try:
                with os.fdopen(file, "wb") as stream:
                    stream.write(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
                os.rename(part, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except OSError:
                os.unlink(part, dir_fd=self._folder)


def require_outside(folder: Path, paths: Sequence[Path]) -> None:
    """Raise InvalidInputError if a cache is within reach of what is judged: below a path, or in its repository."""
    where = folder.resolve()
    for path in paths:
        judged = root_of(path).resolve()
        for reach in (judged, work_tree(judged)):
            if reach and where.is_relative_to(reach):
                raise InvalidInputError(
                    f"--cache {folder}: it is inside {reach}, so what is judged could bring its own verdict; "
                    "use a directory outside of it"
                )


def digest_of_program(template: Path) -> str:
    """Return a digest of this program: its code, the template, and everything that they run on."""
    import sys
    from importlib.metadata import version

    import yaml

    versions = [version(name) for name in ("jinja2", "jinja2-ansible-filters", "pyyaml")]
    digest = hashlib.sha256(repr((sys.version, yaml.__with_libyaml__, versions)).encode())
    package = Path(__file__).parents[1]
    parts = [file for part in PARTS for file in (template / part, *(template / part).rglob("*"))]
    for root, files in ((package, package.rglob("*.py")), (template, parts)):
        for file in sorted(files):
            if file.is_file():
                content = file.read_bytes()
                digest.update(repr((str(file.relative_to(root)), len(content))).encode() + content)
    return digest.hexdigest()


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read(root: Path) -> tuple[bytes, bytes] | None:
    """Return digests of the spec and of the answers, empty without answers; None if they cannot be read."""
    try:
        spec = hashlib.sha256(reading.read(root / SPEC, _MAX_BYTES)).digest()
        with suppress(FileNotFoundError):
            return spec, hashlib.sha256(reading.read(root / ANSWERS, _MAX_BYTES)).digest()
    except OSError:
        return None
    return spec, b""


def _verdict(entry: dict[str, Any]) -> Verdict:
    return ExitCode(entry["code"]), [_finding(row) for row in entry["findings"]]


def _finding(row: dict[str, Any]) -> Finding:
    edits = tuple(Edit(tuple(path), value) for path, value in row["edits"])
    return Finding(**row | {"severity": Severity(row["severity"]), "edits": edits})
