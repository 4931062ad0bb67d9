"""Finds packages in lock files by their text, and looks closer only at a lock that names one of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold.findings.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scaffold.gates.writers.table import Writer

_SEPARATORS = re.compile(r"[-_.]+")


class Entry(NamedTuple):
    """The entry of a package in a lock file: what it is, and where its text begins."""

    writer: Writer
    package: str
    source: Source
    offset: int


class Lock(NamedTuple):
    """A lock file: its name in findings, its text, and the pattern of an entry, in which NAME stands for a name."""

    file: str
    text: str
    pattern: str


def entries(lock: Lock, language: str, writers: Sequence[Writer], groups: Collection[str]) -> Iterator[Entry]:
    """Yield the first entry of each writer that the image gets, with these groups of dependencies."""
    names = {_normal(name): row for row in writers for name in row.packages.get(language, ())}
    if not names:
        return
    listed = "|".join("[-_.]+".join(map(re.escape, _SEPARATORS.split(name))) for name in names)
    source, seen = Source(file=lock.file, text=lock.text), set[str]()
    for found in re.finditer(lock.pattern.replace("NAME", listed), lock.text, re.MULTILINE | re.IGNORECASE):
        writer = names[_normal(found[1])]
        if writer.name not in seen and _is_shipped(lock, found, groups):
            seen.add(writer.name)
            yield Entry(writer=writer, package=found[1], source=source, offset=found.start(1))


def pattern_of(file: str, locks: Mapping[str, str]) -> str:
    """Return the pattern of the entries of a lock file by its name; nothing for any other file."""
    from fnmatch import fnmatchcase

    return next((pattern for name, pattern in locks.items() if fnmatchcase(file.rpartition("/")[2], name)), "")


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()


def _is_shipped(lock: Lock, found: re.Match[str], groups: Collection[str]) -> bool:
    """Return whether an entry is installed in an image, and not for development only; true where it is not clear."""
    name = lock.file.rpartition("/")[2]
    try:
        match name:
            case "package-lock.json":
                return not _rows_of_npm(lock.text).get(found[1], True)
            case "Pipfile.lock":
                return any(found[1] in json.loads(lock.text)[part] for part in ("default", *groups))
            case "poetry.lock" | "uv.lock":
                import tomllib

                packages = tomllib.loads(lock.text)["package"]
                return _normal(found[1]) in (_of_poetry if name == "poetry.lock" else _of_uv)(packages, groups)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return True
    return True


def _rows_of_npm(text: str) -> dict[str, bool]:
    """Return whether each package is for development only."""
    rows = json.loads(text)["packages"].items()
    only = [(path.rpartition("node_modules/")[2], bool(row.get("dev"))) for path, row in rows]
    return {name: all(dev for other, dev in only if other == name) for name, _ in only}


def _of_poetry(packages: Sequence[Mapping[str, Any]], groups: Collection[str]) -> set[str]:
    wanted = {"main", *groups}
    return {_normal(row["name"]) for row in packages if wanted & {*row.get("groups", ()), row.get("category", "")}}


def _of_uv(packages: Sequence[Mapping[str, Any]], groups: Collection[str]) -> set[str]:
    """Return what the packages of the project's own need."""
    needs = {row["name"]: [need["name"] for need in row.get("dependencies", ())] for row in packages}
    waiting = list[str]()
    for row in packages:
        if {"editable", "virtual", "directory"} & row.get("source", {}).keys():
            waiting += needs[row["name"]]
            for listed in ("optional-dependencies", "dev-dependencies"):
                wanted = [row.get(listed, {}).get(group, ()) for group in groups]
                waiting += [need["name"] for rows in wanted for need in rows]
    seen = set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += needs.get(name, ())
    return {_normal(name) for name in seen}
