"""Images by hand: layers, ELF files, and the archive that `docker image save` writes and `docker load` reads."""

from __future__ import annotations

import io
import json
import struct
import tarfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

MACHINES = {"x86_64": 62, "aarch64": 183, "i386": 3}


class Member(NamedTuple):
    """A file of a layer; a directory if its path ends with a slash, a symbolic link if it has a target."""

    path: str
    content: bytes = b""
    mode: int = 0o644
    target: str = ""
    time: int = 0


def file(path: str, content: bytes | str = b"x", mode: int = 0o644, time: int = 0) -> Member:
    return Member(path, content.encode() if isinstance(content, str) else content, mode, "", time)


def program(path: str, content: bytes | str = b"x") -> Member:
    return file(path, content, 0o755)


def folder(path: str, mode: int = 0o755) -> Member:
    return Member(f"{path}/", b"", mode)


def link(path: str, target: str) -> Member:
    return Member(path, b"", 0o777, target)


def layer(*members: Member, parents: bool = True) -> bytes:
    """A tar of these, each after its directories."""
    stream, seen = io.BytesIO(), set[str]()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for member in members:
            steps = member.path.strip("/").split("/")
            for depth in range(1, len(steps) if parents else 1):
                if (above := "/".join(steps[:depth])) not in seen:
                    seen.add(above)
                    archive.addfile(_info(folder(above)))
            seen.add(member.path.strip("/"))
            archive.addfile(_info(member), io.BytesIO(member.content))
    return stream.getvalue()


def _info(member: Member) -> tarfile.TarInfo:
    info = tarfile.TarInfo(member.path.strip("/"))
    info.mode, info.mtime, info.size, info.linkname = member.mode, member.time, len(member.content), member.target
    if member.path.endswith("/"):
        info.type = tarfile.DIRTYPE
    elif member.target:
        info.type = tarfile.SYMTYPE
    return info


def digest(blob: bytes) -> str:
    return f"sha256:{sha256(blob).hexdigest()}"


def configuration(layers: Sequence[bytes], config: Mapping[str, Any], history: Sequence[str], machine: str) -> bytes:
    """The configuration of an image; the history has a step for each layer, then these."""
    steps = [{"created_by": "COPY . /"} for _ in layers] + [
        {"created_by": text, "empty_layer": True} for text in history
    ]
    value = {"os": "linux", "architecture": machine, "config": config, "history": steps}
    return json.dumps(value | {"rootfs": {"type": "layers", "diff_ids": list(map(digest, layers))}}).encode()


def saved(layers: Sequence[bytes], configured: bytes, name: str = "fn:1") -> bytes:
    """The archive of an image, as `docker image save` writes it."""
    blobs = {f"blobs/sha256/{digest(blob)[7:]}": blob for blob in (configured, *layers)}
    row = {"Config": f"blobs/sha256/{digest(configured)[7:]}", "RepoTags": [name]}
    row["Layers"] = [f"blobs/sha256/{digest(blob)[7:]}" for blob in layers]
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, blob in (*sorted(blobs.items()), ("manifest.json", json.dumps([row]).encode())):
            archive.addfile(_info(file(path, blob)), io.BytesIO(blob))
    return stream.getvalue()


def elf(
    machine: str = "x86_64",
    *,
    interpreter: str = "",
    needed: Sequence[str] = (),
    versions: Sequence[str] = (),
    weak: Sequence[str] = (),
    defined: Sequence[str] = (),
    kind: int = 3,
) -> bytes:
    """A file with the tables that a loader reads, as a linker lays them out: no code, no sections."""
    strings, offsets = bytearray(b"\0"), dict[str, int]()
    for text in ("libc.so.6", interpreter, *needed, *versions, *weak, *defined):
        offsets[text] = len(strings)
        strings += text.encode() + b"\0"
    wanted = [(text, 0) for text in versions] + [(text, 2) for text in weak]
    requires = struct.pack("<HHIII", 1, len(wanted), offsets["libc.so.6"], 16, 0)
    for number, (text, flags) in enumerate(wanted, 1):
        requires += struct.pack("<IHHII", 0, flags, number, offsets[text], 16 if number < len(wanted) else 0)
    offers = b""
    for number, text in enumerate(defined, 1):
        offers += struct.pack("<HHHHIII", 1, 0, number, 1, 0, 20, 28 if number < len(defined) else 0)
        offers += struct.pack("<II", offsets[text], 0)
    start, base = 64 + 3 * 56, 0x400000
    places = [start, start + len(strings), start + len(strings) + len(requires)]
    dynamic_at = places[2] + len(offers)
    tags = [(1, offsets[text]) for text in needed] + [(5, base + places[0]), (10, len(strings))]
    tags += [(0x6FFFFFFE, base + places[1]), (0x6FFFFFFF, 1)] if wanted else []
    tags += [(0x6FFFFFFC, base + places[2]), (0x6FFFFFFD, len(defined))] if defined else []
    dynamic = b"".join(struct.pack("<qQ", *tag) for tag in [*tags, (0, 0)])
    size = dynamic_at + len(dynamic)
    rows = [(1, 0, base, size), (2, dynamic_at, base + dynamic_at, len(dynamic))]
    rows.append((3, start + offsets[interpreter], 0, len(interpreter) + 1) if interpreter else (0, 0, 0, 0))
    table = b"".join(struct.pack("<IIQQQQQQ", kind, 4, at, to, to, length, length, 1) for kind, at, to, length in rows)
    bits = 1 if machine == "i386" else 2
    header = (
        b"\x7fELF"
        + bytes([bits, 1, 1])
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", kind, MACHINES[machine], 1, 0, 64, 0, 0, 64, 56, len(rows), 0, 0, 0)
    )
    return header + table + bytes(strings) + requires + offers + dynamic
