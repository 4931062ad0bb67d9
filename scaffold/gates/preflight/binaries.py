"""Whether the programs and libraries in an image can be loaded there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.gates.preflight.subject import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.oci.elf import Elf

_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")
_LIBRARY = re.compile(r"glibc (\d+)\.(\d+)")
_OTHER_LIBRARY = re.compile(r"glibc|gnu(?![-/.])|musl")  # one of several files, named after its C library
_MUSL = re.compile(r"libc\.musl-\w+\.so\.1")


def machines(subject: Subject) -> Iterator[Finding]:
    """Each file must be for the image's architecture."""
    wrong = [
        path
        for path, elf in _elves(subject).items()
        if subject.machine
        and elf.machine != subject.machine
        and not _one_of_several(subject, path, elf.machine)
        and not set(path.split("/")[:-1]) & set(subject.table.rows["published"])
    ]
    if wrong:
        kinds = sorted({_elves(subject)[path].machine for path in wrong})
        message = f"files are for {', '.join(kinds)}, and the image for {subject.machine}: {some(wrong)}"
        fix = f"Build for --platform={subject.facts.platform}, dependencies included."
        yield subject.finding("wrong-machine", message, fix)


def _one_of_several(subject: Subject, path: str, machine: str) -> bool:
    """Return whether a package brings a file for each architecture, this one among them."""
    names = subject.table.rows["machines"]
    for theirs in names.get(machine, ()):
        pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(theirs)}(?![A-Za-z0-9])")
        if not pattern.search(path):
            continue
        if any(pattern.sub(ours, path) in subject.files for ours in names[subject.machine]):
            return True
    return False


def versions(subject: Subject) -> Iterator[Finding]:
    """Each file may only need versions of symbols that the image's C library has."""
    has, where = _c_library(subject)
    if has is None:
        return
    newer: dict[str, tuple[int, int]] = {}
    for path, elf in _elves(subject).items():
        needs = max((_pair(found) for word in elf.versions if (found := _GLIBC.fullmatch(word))), default=(0, 0))
        if needs > has and elf.machine == subject.machine:
            newer[path] = needs
    if newer:
        most = max(newer.values())
        message = f"files need glibc {most[0]}.{most[1]}, and {where} has {has[0]}.{has[1]}: {some(list(newer))}"
        fix = "Build or install them on the base, choose wheels for an older manylinux, or use a newer base."
        yield subject.finding("newer-c-library", message, fix)


def _c_library(subject: Subject) -> tuple[tuple[int, int] | None, str]:
    """Return the version of glibc: of the library in the image, otherwise of the base by the standards."""
    for path in subject.table.rows["c_libraries"]:
        found = subject.find(path)
        elf = found[1].seen.elf if found and found[1].seen else None
        defined = [_pair(match) for word in (elf.defined if elf else ()) if (match := _GLIBC.fullmatch(word))]
        if defined:
            return max(defined), "the image"
    stated = _LIBRARY.fullmatch(subject.c_library)
    return (_pair(stated) if stated else None), "the base"


def _pair(found: re.Match[str]) -> tuple[int, int]:
    return int(found[1]), int(found[2])


def loaders(subject: Subject) -> Iterator[Finding]:
    """A program's loader, and musl's library, must be in the image."""
    musl = any(_MUSL.search(path) or "/ld-musl-" in path for path in subject.files)
    lost: dict[str, str] = {}
    for path, elf in _elves(subject).items():
        if elf.machine != subject.machine or _OTHER_LIBRARY.search(path):
            continue
        if elf.interpreter and subject.find(elf.interpreter) is None:
            lost[path] = elf.interpreter
        elif not musl and any(_MUSL.fullmatch(name) for name in elf.needed):
            lost[path] = "musl"
    if lost:
        names = ", ".join(sorted(set(lost.values())))
        message = f"files need {names}, which the image does not have: {some(list(lost))}"
        fix = "Build them for the C library of the base, or link them statically."
        yield subject.finding("missing-interpreter", message, fix)


def _elves(subject: Subject) -> Mapping[str, Elf]:
    return {path: entry.seen.elf for path, entry in subject.own.items() if entry.seen and entry.seen.elf}
