"""Compares the versions of the language that files of a project name, such as `.nvmrc`, with those of the spec.

Which files, and how each is read, is a table, `catalogue/versions.json`: text is searched, and no file is parsed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold.findings.finding import Severity
from scaffold.findings.source import Source, visible
from scaffold.project import observation
from scaffold.project.answers import SPEC
from scaffold.project.code import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.findings.finding import Finding
    from scaffold.project.code.ranges import Version
    from scaffold.project.code.subject import Subject


class _Wanted(NamedTuple):
    """The version that the spec decides: that of its runtime, or of the builder."""

    version: Version
    text: str
    place: str


def check(project: Subject) -> Iterator[Finding]:
    """Yield a finding for each version that contradicts the spec, and a note for each that cannot be compared."""
    table = project.versions.get(project.plan["runtime"]["language"])
    wanted = _wanted(project, table["of"]) if table else None
    if not table or not wanted:
        return
    for path, row in _files(project, table["files"]):
        content = observation.content(project.root, path)
        if content and len(content) <= observation.MOST_BYTES:
            yield from _in_file(project, path, content.decode(errors="replace"), row, wanted)


def _wanted(project: Subject, of: str) -> _Wanted | None:
    line = f"{SPEC}:{project.document.position(('runtime',)).line}"
    plan, builder = project.plan, project.plan["builder"]
    if of == "runtime":
        text, name = plan["runtime"]["version"], plan["runtime"]["name"]
        number = ranges.version(text)
        return _Wanted(number, text, f"{line} says runtime: {name}") if number else None
    number = ranges.version(builder["tag"]) if builder else None
    if not builder or not number:
        return None
    if "base" in (project.spec.get("build") or {}):
        line = f"{SPEC}:{project.document.position(('build', 'base')).line}"
    text = ".".join(map(str, number))
    return _Wanted(number, text, f"the builder of {line}, {builder['name'] or builder['image']}, has {text}")


def _files(project: Subject, names: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each file that may be there, once: beside the spec or a manifest; of the context, only those with a dot."""
    manifests = [project.on_disk(path) for path in project.plan["dependencies"]["files"]]
    folders = dict.fromkeys(["", *map(posixpath.dirname, manifests)])
    root = project.plan["place"]["root"]
    for name, row in names.items():
        if name.startswith("*"):
            paths = [path for path in manifests if path.endswith(name[1:])]
        else:
            paths = [posixpath.join(folder, name) for folder in (*folders, *([root] if name.startswith(".") else ()))]
        yield from ((path, row) for path in dict.fromkeys(map(posixpath.normpath, paths)))


def _in_file(project: Subject, path: str, text: str, row: Mapping[str, Any], wanted: _Wanted) -> Iterator[Finding]:
    searched = text
    if "comment" in row:
        searched = re.sub(row["comment"], _blank, text, flags=re.MULTILINE | re.DOTALL)
    for read in row["reads"]:
        for found in re.finditer(read["pattern"], searched, re.MULTILINE):
            said = _resolved(found["version"], searched, row)
            fits = _fits(said, read["means"], wanted.version)
            if not fits:
                source = Source(file=str(project.root / path), text=text)
                yield _finding(source, found.start("version"), said, wanted, fits=fits)
            if read["means"] == "exactly":
                break  # The first one decides.


def _blank(comment: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", comment[0])


def _resolved(said: str, text: str, row: Mapping[str, Any]) -> str:
    """Return the value of a property that is named instead of a version, if the same file has it."""
    named = re.fullmatch(row["reference"], said) if "reference" in row else None
    value = re.search(row["property"].replace("NAME", re.escape(named[1])), text) if named else None
    return value[1] if value else said


def _fits(said: str, means: str, wanted: Version) -> bool | None:
    """Return whether a text agrees with a version; None if it cannot be read."""
    if means == "range":
        return ranges.admits(said, wanted)
    number = ranges.version(said)
    if not number:
        return None
    least = min(len(number), len(wanted))
    match means:
        case "at-most":
            return number[:least] <= wanted[:least]
        case "at-least":
            return number[:least] >= wanted[:least]
    return ranges.agree(number, wanted)


def _finding(source: Source, at: int, said: str, wanted: _Wanted, *, fits: bool | None) -> Finding:
    position, shown = source.position_of(at), visible(said[:100])
    if fits is None:
        message = f'"{shown}" is not compared with the spec: {wanted.place}'
        fix = f"Write the version in numbers, such as {wanted.text}."
        return replace(source.finding_at(position, "unread-version", message, fix=fix), severity=Severity.NOTE)
    message = f'this file says "{shown}", and {wanted.place}'
    return source.finding_at(position, "other-version", message, fix=f"Write {wanted.text} here, or change the spec.")
