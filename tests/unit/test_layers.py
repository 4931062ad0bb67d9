"""What layers do to the files below them: small archives, as `docker image save` wraps them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from hashlib import sha256

import pytest

from scaffold.errors import CannotDecideError
from scaffold.layer_tree import altered
from scaffold.layers import read_image

BASE = ("opt/", "usr/bin/python=one", "var/runtime/client=two", "lib -> usr/lib", "usr/lib/libc=three", "entry=four")


def layer(*words: str) -> bytes:
    """A tar of `folder/`, `path=text`, `path -> link`, `path == hard link`, `path=text !755` and `path=text @12`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for word in words:
            text, _, owner = word.partition(" @")
            text, _, mode = text.partition(" !")
            member, data = tarfile.TarInfo(text), b""
            member.mode = int(mode or "644", 8)
            member.uid = int(owner or 0)
            if text.endswith("/"):
                member.type = tarfile.DIRTYPE
            elif " -> " in text:
                member.name, _, member.linkname = text.partition(" -> ")
                member.type = tarfile.SYMTYPE
            elif " == " in text:
                member.name, _, member.linkname = text.partition(" == ")
                member.type = tarfile.LNKTYPE
            else:
                member.name, _, content = text.partition("=")
                data = content.encode()
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def saved(*blobs: bytes) -> io.BytesIO:
    """As `docker image save` writes them: each under a name that says nothing, between files that are no layers."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number, blob in enumerate((b'{"config": {}}', *blobs, b"\x28\xb5\x2f\xfd something else")):
            member = tarfile.TarInfo(f"blobs/sha256/{number}")
            member.size = len(blob)
            archive.addfile(member, io.BytesIO(blob))
        manifest = json.dumps([{"Layers": ["0" * 600]}]).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        archive.addfile(member, io.BytesIO(manifest))
    stream.seek(0)
    return stream


def digest(blob: bytes) -> str:
    return f"sha256:{sha256(blob).hexdigest()}"


def judged(*upper: bytes, lower: bytes | None = None) -> list[str]:
    blobs = [lower or layer(*BASE), *upper]
    return altered(read_image(saved(*reversed(blobs)), list(map(digest, blobs))), 1)


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        ([], []),
        (["opt/tool=x", "usr/bin/other=y", "var/task/"], []),
        (["usr/bin/python=one"], []),
        (["usr/bin/", "usr/bin/ !777"], []),
        (["usr/bin/python=evil"], ["/usr/bin/python"]),
        (["./usr/bin//python=evil"], ["/usr/bin/python"]),
        (["usr/bin/python=one !755"], ["/usr/bin/python"]),
        (["usr/bin/python=one @12"], ["/usr/bin/python"]),
        (["usr/bin/python -> /opt/evil"], ["/usr/bin/python"]),
        (["opt/evil=x", "usr/bin/python == opt/evil"], ["/usr/bin/python"]),
        (["opt/twin=one", "usr/bin/python == opt/twin"], []),
        (["usr/bin/python == somewhere/else"], ["/usr/bin/python"]),
        (["usr/bin/python/"], ["/usr/bin/python"]),
        (["usr/bin -> /opt"], ["/usr/bin/python"]),
        (["usr=x"], ["/usr/bin/python", "/usr/lib/libc"]),
        (["lib/libc=evil"], ["/usr/lib/libc"]),
        (["lib/libc=three"], []),
        (["lib/"], ["/lib"]),
        (["x -> usr/bin", "x/python=evil", "x/"], ["/usr/bin/python"]),
        (["x/", "x/python=evil", "x -> usr/bin"], []),
        (["usr/lib/libc=three", "usr/bin/", "usr/bin/python=one", "usr/.wh..wh..opq="], ["/usr/lib/libc"]),
        (["lib/", "lib/.wh..wh..opq=", "lib/x=y"], ["/lib"]),
        (["lib/.wh..wh..opq="], ["/usr/lib/libc"]),
        (["entry=four", ".wh.entry="], ["/entry"]),
        (["x -> usr/../y", "y -> usr", "x/bin/python=evil"], ["/usr/bin/python"]),
        ([".wh.entry="], ["/entry"]),
        (["usr/bin/.wh.python="], ["/usr/bin/python"]),
        (["lib/.wh.libc="], ["/usr/lib/libc"]),
        (["usr/.wh.bin="], ["/usr/bin/python"]),
        ([".wh.nothing="], []),
        (["usr/.wh..wh..opq="], ["/usr/bin/python", "/usr/lib/libc"]),
        (["usr/.wh..wh..opq=", "usr/bin/python=one", "usr/lib/libc=three"], []),
        ([".wh.entry=", "entry=four"], []),
    ],
)
def test_what_one_layer_changes(words: list[str], paths: list[str]) -> None:
    assert judged(layer(*words)) == paths


def test_only_the_end_counts() -> None:
    evil, good = layer("usr/bin/python=evil"), layer("usr/bin/python=one")
    assert judged(evil, good) == []
    assert judged(good, evil) == ["/usr/bin/python"]
    assert judged(layer(".wh.usr="), layer("usr/bin/python=one")) == ["/usr/lib/libc"]


def test_a_layer_may_be_packed() -> None:
    lower, upper = layer(*BASE), layer("entry=evil")
    stream = saved(gzip.compress(upper), gzip.compress(lower))
    assert altered(read_image(stream, [digest(lower), digest(upper)]), 1) == ["/entry"]


def test_a_layer_that_is_not_what_the_configuration_says_is_not_read() -> None:
    lower, upper = layer(*BASE), layer("entry=evil")
    for blobs in ((lower,), (lower, upper[:-1024] + b"\1" * 1024), (lower, gzip.compress(upper)[:-9]), (lower, b"")):
        with pytest.raises(CannotDecideError):
            read_image(saved(*blobs), [digest(lower), digest(upper)])
    with pytest.raises(CannotDecideError, match="cannot be read"):
        read_image(io.BytesIO(b"nothing"), [digest(lower)])


FORMATS = {"posix": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}


def one_file(format: int, magic: bytes = b"", prefix: bytes = b"", more: dict[str, str] | None = None) -> bytes:  # noqa: A002
    """A tar with one file, its header changed where engines, written in Go, read another name from it than Python."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format, pax_headers=more or {}) as archive:
        member = tarfile.TarInfo("entry")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    data = bytearray(stream.getvalue())
    data[257 : 257 + len(magic)] = magic
    data[345 : 345 + len(prefix)] = prefix
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


@pytest.mark.parametrize("format", FORMATS)  # the name of the option
def test_the_formats_that_engines_write_are_read(format: str) -> None:  # noqa: A002
    assert judged(one_file(FORMATS[format])) == ["/entry"]


@pytest.mark.parametrize(
    "archive",
    [
        one_file(tarfile.GNU_FORMAT, prefix=b"elsewhere"),
        one_file(tarfile.GNU_FORMAT, magic=bytes(8)),
        one_file(tarfile.GNU_FORMAT, magic=bytes(8), prefix=b"elsewhere"),
        one_file(tarfile.PAX_FORMAT, more={"path": "elsewhere"}),
        layer("opt/x=y")[:1024] + b"\1" * 512 + layer("entry=evil"),
        layer("opt/x=y")[:1024] + bytes(512) + layer("entry=evil"),
        layer("opt/x=y") + b"\1",
    ],
    ids=["prefix", "old", "old-with-prefix", "global", "invalid", "after-a-zero-block", "after-the-end"],
)
def test_what_an_engine_may_read_otherwise_is_not_judged(archive: bytes) -> None:
    with pytest.raises(CannotDecideError):
        judged(archive)


@pytest.mark.parametrize("words", [["../entry=evil"], ["usr/../../entry=evil"], ["a -> b", "b -> a", "a/x=y"]])
def test_what_no_engine_would_unpack_is_not_judged(words: list[str]) -> None:
    with pytest.raises(CannotDecideError):
        judged(layer(*words))
