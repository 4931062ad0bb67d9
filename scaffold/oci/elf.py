"""Reads from an ELF file what a loader looks at (https://gabi.xinuos.com), and finds the loaders of other systems.

pyelftools, the library for this, takes twenty times as long, and an image has hundreds of such files.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAGIC = b"\x7fELF"

_TOKEN = re.compile(r"[A-Za-z0-9_.+/-]+")
_CHANGES_ROOT = frozenset(
    {"bwrap", "chroot", "crun", "fakechroot", "nsenter", "pivot_root", "proot", "runc", "switch_root", "systemd-nspawn"}
    | {"unshare"}
)
_LOADER = re.compile(r"ld(?:-linux|-musl|64)?[a-z0-9_.-]*\.so(?:\.[0-9]+)*")
_SYSTEM = re.compile(r"/(?:usr/)?lib(?:32|64)?/(?:[a-z0-9_-]+-linux-[a-z0-9]+/)?[^/]+")
_RELEASE = ("/etc/os-release", "/usr/lib/os-release")


_MACHINES = {3: "i386", 8: "mips", 21: "ppc64le", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_LOADED = frozenset({2, 3})  # programs and libraries; the others are for linkers and debuggers
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_END, _NEEDED, _STRINGS, _DEFINED_AT, _DEFINED, _REQUIRED_AT, _REQUIRED = (
    *(0, 1, 5, 0x6FFFFFFC),
    *(0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF),
)
_WEAK = 2
_MOST = 5000
_LONGEST = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Elf:
    """A program or a library: its machine, its loader, and the libraries and versions of symbols that it needs.

    `needed` and what follows are empty unless it is for 64-bit little-endian machines. Weak versions are left out.
    `defined` are the versions that it offers, as the C library does.
    """

    machine: str
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()


def read(file: IO[bytes]) -> Elf | None:
    """Return the facts of a seekable file; None if it is not ELF, or nothing that a loader reads."""
    header = _at(file, 0, 64)
    if not header.startswith(MAGIC) or len(header) < 64:
        return None
    order = "<" if header[5] == 1 else ">"
    kind, number = struct.unpack_from(f"{order}HH", header, 16)
    if kind not in _LOADED:
        return None
    machine = _MACHINES.get(number, str(number))
    if header[4] != 2 or order == ">":
        return Elf(machine=machine)
    try:
        return _loaded(file, header, machine)
    except (struct.error, ValueError, OSError, OverflowError):
        return Elf(machine=machine)


def _loaded(file: IO[bytes], header: bytes, machine: str) -> Elf:
    start, size, count = *struct.unpack_from("<Q", header, 32), *struct.unpack_from("<HH", header, 54)
    rows = _at(file, start, size * min(count, _MOST))
    segments = [struct.unpack_from("<IIQQQQ", rows, size * number) for number in range(len(rows) // (size or 1))]
    loads = [(address, offset, length) for kind, _, offset, address, _, length in segments if kind == _LOAD]
    interpreter, dynamic = "", b""
    for kind, _, offset, _, _, length in segments:
        if kind == _INTERPRETER:
            interpreter = _text(_at(file, offset, min(length, _LONGEST)), 0)
        elif kind == _DYNAMIC:
            dynamic = _at(file, offset, min(length, 16 * _MOST))
    tags: dict[int, int] = {}
    needed = []
    for tag, value in struct.iter_unpack("<qQ", dynamic[: len(dynamic) // 16 * 16]):
        if tag == _END:
            break
        if tag == _NEEDED:
            needed.append(value)
        tags[tag] = value
    strings = _Strings(file, _offset(tags.get(_STRINGS, 0), loads))
    return Elf(
        machine=machine,
        interpreter=interpreter,
        needed=tuple(map(strings.at, needed)),
        versions=tuple(sorted(set(_required(file, tags, loads, strings)))),
        defined=tuple(sorted(set(_offered(file, tags, loads, strings)))),
    )


def _required(
    file: IO[bytes], tags: Mapping[int, int], loads: Sequence[tuple[int, int, int]], strings: _Strings
) -> Iterator[str]:
    if _REQUIRED_AT not in tags:
        return
    place = _offset(tags[_REQUIRED_AT], loads)
    for _ in range(min(tags.get(_REQUIRED, 0), _MOST)):
        _, count, _, first, following = struct.unpack("<HHIII", _at(file, place, 16))
        aux = place + first
        for _ in range(min(count, _MOST)):
            _, flags, _, name, step = struct.unpack("<IHHII", _at(file, aux, 16))
            if not flags & _WEAK:
                yield strings.at(name)
            aux += step
        place += following


def _offered(
    file: IO[bytes], tags: Mapping[int, int], loads: Sequence[tuple[int, int, int]], strings: _Strings
) -> Iterator[str]:
    if _DEFINED_AT not in tags:
        return
    place = _offset(tags[_DEFINED_AT], loads)
    for _ in range(min(tags.get(_DEFINED, 0), _MOST)):
        *_, aux, following = struct.unpack("<HHHHIII", _at(file, place, 20))
        yield strings.at(struct.unpack("<I", _at(file, place + aux, 4))[0])
        place += following


@dataclass(frozen=True)
class _Strings:
    file: IO[bytes]
    start: int

    def at(self, offset: int) -> str:
        """Return the string at an offset of the table."""
        return _text(_at(self.file, self.start + offset, _LONGEST), 0)


def _offset(address: int, loads: Sequence[tuple[int, int, int]]) -> int:
    for start, offset, length in loads:
        if start <= address < start + length:
            return address - start + offset
    raise ValueError(address)


def _at(file: IO[bytes], offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode("ascii", "replace")


def other_root(words: Sequence[str]) -> str:
    """Return the program in a command that enters another root, or a loader that replaces the system's; or nothing."""
    tokens = (token.rpartition("/")[2] for word in words for token in _TOKEN.findall(word))
    return next((token for token in tokens if token in _CHANGES_ROOT or _LOADER.fullmatch(token)), "")


def other_systems(paths: Iterable[str]) -> list[str]:
    """Return the loaders and release files among these paths that are not where a system has its own."""
    loaders = (path for path in paths if _is_of_a_system(path))
    return [path for path in loaders if not _SYSTEM.fullmatch(path) and path not in _RELEASE]


def _is_of_a_system(path: str) -> bool:
    return bool(_LOADER.fullmatch(path.rpartition("/")[2])) or path.endswith(_RELEASE)
