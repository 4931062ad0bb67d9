"""Finds every file in a directory that a builder could build from, and checks the files that configure builds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold import reading
from scaffold.dockerfile.build_files import judge as build_file_judge
from scaffold.dockerfile.detect import looks_like_dockerfile
from scaffold.findings.finding import Finding
from scaffold.findings.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = ("dockerfile", "containerfile")
_PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""The first bytes of programs, to which a virtual environment links."""


@dataclass(kw_only=True)
class DockerfileSearch:
    """The Dockerfiles found, each with its bytes, the stacks, and findings about files that could not be checked."""

    dockerfiles: dict[Path, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    stacks: list[tuple[Path, dict[str, Any]]] = field(default_factory=list)


def find(paths: Sequence[Path]) -> DockerfileSearch:
    """Find the Dockerfiles: each path is one, or a directory to search. Never raises: unreadable files are findings.

    In a directory, a file counts by its name, by its first lines, or because a Compose, Bake or SAM file names it.
    Directories named `.git` are skipped.
    """
    found = DockerfileSearch()
    for path in paths:
        if path.is_dir():
            _folder(path, found)
        else:
            _read(path, found, keep=True)
    found.findings += [_preprocessed(path) for path in found.dockerfiles if path.name.lower().endswith(".in")]
    found.findings = list(dict.fromkeys(found.findings))
    if not found.dockerfiles:
        message = f"no Dockerfile in {', '.join(map(str, paths))}: nothing was checked"
        found.findings.append(_undecided(paths[0] if paths else Path(), message, "Give a file or another directory."))
    return found


def beside(root: Path, names: Sequence[str]) -> DockerfileSearch:
    """Find what some of the files in a directory say about builds. Never raises: unreadable files are findings."""
    found = DockerfileSearch()
    imports: list[Path] = []
    for name in names:
        path = root / name
        imports += _settings(path, _read(path, found, keep=is_dockerfile(name)), root, found)
    _imported(imports, root, found)
    found.findings = list(dict.fromkeys(found.findings))
    return found


def _folder(root: Path, found: DockerfileSearch) -> None:
    seen = len(found.dockerfiles)
    imports: list[Path] = []
    for path in _files(root, found):
        named = is_dockerfile(path.name)
        if not os.path.isfile(path):  # noqa: PTH113 - never raises
            if named:
                found.findings.append(_undecided(path, "not a readable file", "Remove it."))
            continue
        data = _read(path, found, keep=named)
        if not named and looks_like_dockerfile(data):
            found.dockerfiles[path] = data
        imports += _settings(path, data, root, found)
    _imported(imports, root, found)
    if len(found.dockerfiles) == seen:
        message = "no Dockerfile in this directory: nothing was checked"
        found.findings.append(_undecided(root, message, "Give a file or another directory."))


def _settings(path: Path, data: bytes, root: Path, found: DockerfileSearch, *, named: bool = False) -> list[Path]:
    """Add what a file contributes if it configures builds, and return the other such files that it names."""
    settings = build_file_judge.read(path, data, root, named=named)
    found.findings += settings.findings
    found.stacks += [(path, stack) for stack in settings.stacks]
    for other in settings.dockerfiles:
        _read(root / other.relative_to(root.resolve()), found, keep=True)
    return [root / other.relative_to(root.resolve()) for other in settings.imports]


def _imported(paths: list[Path], root: Path, found: DockerfileSearch) -> None:
    """Check the files that other files name, whatever they are called."""
    judged: set[Path] = set()
    while paths:
        path = paths.pop()
        if path not in judged:
            judged.add(path)
            paths += _settings(path, _read(path, found, keep=False), root, found, named=True)


def _preprocessed(path: Path) -> Finding:
    message = "Buildah runs this Dockerfile through the C preprocessor, which can insert anything"
    return Finding(code="not-understood", message=message, fix="Rename it without .in.", file=str(path))


def is_dockerfile(name: str) -> bool:
    """Return whether a builder, or a person with `--file`, would use a file of this name as a Dockerfile."""
    lower = name.lower()
    if lower.endswith(".dockerignore"):
        return False
    if lower in _NAMES or lower.endswith(tuple(f".{word}" for word in _NAMES)):
        return True
    # In lower case, the suffix is that of a language: dockerfile.py is a module, and counts only by its first lines.
    return lower.startswith(tuple(f"{word}." for word in _NAMES)) and name[0].isupper()


def _files(root: Path, found: DockerfileSearch) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        found.findings.append(_undecided(Path(error.filename), str(error.strerror), "Make it readable."))

    for folder, folders, names in os.walk(root, onerror=failed):
        folders[:] = sorted(name for name in folders if name.lower() != ".git")
        for name in folders:
            path = Path(folder, name)
            if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
                message = "a link to a directory outside the checked one"
                found.findings.append(_undecided(path, message, "Remove it, or check that directory too."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink() and _leads_out(path, root):
                message = "a link to a file outside the checked directory, which may be another one elsewhere"
                found.findings.append(_undecided(path, message, "Put the file in its place."))
            yield path


def _leads_out(path: Path, root: Path) -> bool:
    """Return whether a link leads to a file outside of a directory that is not a program of the machine."""
    try:
        target = path.resolve()
        outside = target.is_file() and not target.is_relative_to(root.resolve())
        return outside and not reading.read(target, 4).startswith(_PROGRAMS)
    except (OSError, RuntimeError):
        return True


def _read(path: Path, found: DockerfileSearch, *, keep: bool) -> bytes:
    """Read the part of a file that is checked, and one byte more; with `keep`, add it as a Dockerfile."""
    try:
        data = reading.read(path, MAX_BYTES)
    except FileNotFoundError:
        found.findings.append(_undecided(path, "the file does not exist", "Give a file or a directory."))
        return b""
    except (OSError, ValueError) as error:
        found.findings.append(_undecided(path, getattr(error, "strerror", "") or str(error), "Make it readable."))
        return b""
    if keep:
        found.dockerfiles[path] = data
    return data


def _undecided(path: Path, message: str, fix: str) -> Finding:
    return Finding(code="undecided", message=message, fix=fix, file=str(path))
