"""What an image contains of a language, and whether it fits: compiled modules, bytecode, packages, jars."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.gates.preflight.subject import below, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject

_PYTHON = re.compile(r"/lib(?:64)?/python3\.(\d+)/")
_MODULE = re.compile(r"(.*)\.cpython-3(\d+)[a-z]*-[^/]*\.so")
_BYTECODE = re.compile(r"(.*)/__pycache__/([^/]+)\.cpython-3(\d+)\.pyc")


def of(subject: Subject) -> str:
    """Return the language whose interpreter the image has, or nothing if it has none or several."""
    programs = subject.table.rows["interpreters"]
    for folders in (["/var/lang/bin"], ["/usr/local/bin", "/usr/bin"]):  # a base of AWS may have the system's as well
        paths = {name: [f"{folder}/{word}" for folder in folders] for name, word in programs.items()}
        if found := [name for name in paths if any(path in subject.files for path in paths[name])]:
            return found[0] if len(found) == 1 else ""
    return ""


def python_of(subject: Subject, path: str) -> int | None:
    """Return the minor version of the Python that imports a file: that of its directory, or the function's."""
    found = _PYTHON.search(path)
    return int(found[1]) if found else subject.python_version


def node(subject: Subject) -> int | None:
    """Return the major version of Node.js, if the image declares it as the official images do."""
    found = re.match(r"v?(\d+)\.", subject.facts.environment.get("NODE_VERSION", ""))
    return int(found[1]) if found else None


def compiled(subject: Subject) -> Iterator[Finding]:
    """A compiled module is imported only by the version of Python that it was built for."""
    wrong = []
    for path in subject.own:
        matched = _MODULE.fullmatch(path)
        given = python_of(subject, path) if matched else None
        if matched is None or given is None or int(matched[2]) == given:
            continue
        if not any(other.startswith(f"{matched[1]}.cpython-3{given}") for other in subject.own):
            wrong.append(path)
    if wrong:
        message = f"compiled modules are for another version of Python: {some(wrong)}"
        fix = "Install the dependencies with the Python of the base, or for its version."
        yield subject.finding("wrong-python", message, fix)


def bytecode(subject: Subject) -> Iterator[Finding]:
    """Bytecode that does not match its source is compiled again at each cold start, because Lambda cannot write it."""
    stale = []
    for path, entry in subject.own.items():
        matched = _BYTECODE.fullmatch(path)
        if matched is None or entry.seen is None or int(matched[3]) != python_of(subject, path):
            continue
        source = subject.files.get(f"{matched[1]}/{matched[2]}.py")
        flags, time, size = (int.from_bytes(entry.seen.start[at : at + 4], "little") for at in (4, 8, 12))
        if flags or source is None or source.entry is None or source.entry.kind != "file":
            continue
        if (time, size) != (source.entry.modified & 0xFFFFFFFF, source.entry.size & 0xFFFFFFFF):
            stale.append(path)
    if stale:
        message = f"bytecode is older or newer than its source: {some(stale)}"
        fix = "Compile it with `python3 -m compileall --invalidation-mode unchecked-hash`."
        yield subject.finding("stale-bytecode", message, fix, Severity.WARNING)


def development(subject: Subject) -> Iterator[Finding]:
    """A package manager records beside the packages which of them are for development only."""
    lock, found = subject.table.rows["development"], list[str]()
    for path, entry in subject.own.items():
        if not path.endswith(lock["path"]) or entry.seen is None:
            continue
        try:
            packages = json.loads(entry.seen.text)["packages"].items()
            names = [name for name, row in packages if row.get("dev")]
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            continue
        root = posixpath.dirname(posixpath.dirname(path))
        found += [f"{root}/{name}" for name in names if f"{root}/{name}" in subject.own]
    if found:
        message = f"packages are for development only: {some(sorted(found))}"
        yield subject.finding("development-dependencies", message, lock["fix"], Severity.WARNING)


def jars(subject: Subject) -> Iterator[Finding]:
    """AWS's base for Java looks for jars in some directories only."""
    row, root = subject.table.rows["class_path"], subject.table.task_root
    if not subject.on_aws_entrypoint or of(subject) != row["language"] or row["variable"] in subject.facts.environment:
        return
    folders = row["directories"]
    found = (path for path in subject.own if path.endswith(".jar") and below(path, [root]))
    lost = [path for path in found if posixpath.dirname(path) not in folders]
    if lost:
        message = f"jars are not on the class path: {some(lost)}"
        yield subject.finding("unused-jar", message, f"Copy them to {folders[0]}.")
