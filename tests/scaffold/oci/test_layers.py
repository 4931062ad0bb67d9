"""What layers do to the files below them: small archives, as `docker image save` wraps them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from hashlib import sha256

import pytest

from scaffold.errors import CannotDecideError
from scaffold.oci.archive import read_image
from scaffold.oci.filesystem import altered

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
    return altered(read_image(saved(*reversed(blobs)), list(map(digest, blobs))).layers, 1)


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
        (["opt/a=x", "opt/b == opt/a", "usr/bin/python == opt/b"], ["/usr/bin/python"]),
        (["opt/twin=one", "usr/bin/python == opt/twin"], []),
        (["usr/bin/python/"], ["/usr/bin/python"]),
        (["usr/bin -> /opt"], ["/usr/bin/python"]),
        (["usr=x"], ["/usr/bin/python", "/usr/lib/libc"]),
        (["lib/"], ["/lib"]),
        (["x/", "x/python=evil", "x -> usr/bin"], []),
        (["usr/bin/python=one", "usr/.wh..wh..opq="], ["/usr/lib/libc"]),
        (["usr/bin/python=one", "usr/bin/evil=x", "usr/.wh..wh..opq=", "usr/lib/libc=three"], []),
        (["lib/", "lib/.wh..wh..opq=", "lib/x=y"], ["/lib"]),
        (["entry=four", ".wh.entry="], ["/entry"]),
        ([".wh.entry="], ["/entry"]),
        (["usr/bin/.wh.python="], ["/usr/bin/python"]),
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
    assert altered(read_image(stream, [digest(lower), digest(upper)]).layers, 1) == ["/entry"]


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


@pytest.mark.parametrize(
    "words",
    [
        ["../entry=evil"],
        ["usr/../../entry=evil"],
        ["lib/libc=evil"],
        ["lib/.wh.libc="],
        ["lib/.wh..wh..opq="],
        ["x -> usr/bin", "x/python=evil"],
        ["entry/x=y"],
        ["opt/x == usr/bin/python"],
        ["opt/x == somewhere/else"],
        ["usr/bin/python=one", "opt/x == usr/bin/python !777"],
        ["usr/bin/python=one", "opt/x == usr/bin/python @12"],
        ["opt/x/twin=one", "opt/x2/twin=evil", "opt/x -> x2", "usr/bin/python == opt/x/twin"],
        ["opt/x/twin=one", "opt/x -> x2", "opt/x/", "usr/bin/python == opt/x/twin"],
        ["=evil"],
    ],
)
def test_what_engines_do_not_write_is_not_judged(words: list[str]) -> None:
    with pytest.raises(CannotDecideError):
        judged(layer(*words))


def entry(name: str, content: bytes = b"", kind: bytes = b"0", link: str = "", **fields: bytes) -> bytes:
    """One header with what follows it, as an attacker would write it: `fields` are by the offset in the header."""
    header = bytearray(512)
    values = {0: name.encode(), 100: b"0000644\0", 108: b"0000000\0", 116: b"0000000\0", 124: b"%011o\0" % len(content)}
    values |= {136: b"00000000000\0", 156: kind, 157: link.encode(), 257: b"ustar\x0000"}
    for offset, value in (values | {int(key[1:]): value for key, value in fields.items()}).items():
        header[offset : offset + len(value)] = value
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + content + bytes(-len(content) % 512)


def records(**values: str) -> bytes:
    """The content of a header that lengthens the next one."""
    lines = b""
    for name, value in values.items():
        body = f" {name.replace('__', '.')}={value}\n".encode()
        size = len(body) + len(str(len(body) + len(str(len(body)))))
        lines += str(size).encode() + body
    return lines


EVIL = entry("entry", b"evil")
TWO_WAYS = {
    "an empty path": entry("x", records(path=""), b"x") + EVIL,
    "another name for a file with holes": entry("x", records(GNU__sparse__name="opt/x"), b"x") + EVIL,
    "holes": entry("x", records(GNU__sparse__major="9", GNU__sparse__map="0,4", GNU__sparse__size="4"), b"x") + EVIL,
    "endless holes": entry("x", records(GNU__sparse__size=str(10**15)), b"x") + EVIL,
    "two ways of a long name": entry("x", records(path="opt/x"), b"x") + entry("L", b"entry\0", b"L") + EVIL,
    "two ways of a long link": entry("x", records(linkpath="usr/lib"), b"x")
    + entry("K", b"/opt/evil\0", b"K")
    + entry("lib", b"", b"2", "x"),
    "two long names": entry("L", b"opt/x\0", b"L") + entry("L", b"entry\0", b"L") + EVIL,
    "many long names": entry("L", b"opt/x\0", b"L") * 1500 + EVIL,
    "two headers before one": entry("x", records(path="opt/x"), b"x") + entry("x", records(path="entry"), b"x") + EVIL,
    "a global header between": entry("x", records(path="opt/x"), b"x") + entry("g", b"", b"g") + EVIL,
    "a number after a zero": EVIL + entry("opt/x", entry("entry", b"four"), f124=b"\0000002000\0"),
    "an empty number": EVIL + entry("x", records(size=""), b"x") + entry("opt/x", entry("entry", b"four")),
    "a character set": entry("x", records(hdrcharset="BINARY", path="entry"), b"x") + EVIL,
    "an old kind": entry("opt/x/", entry("entry", b"four"), b"\0"),
    "another old kind": entry("entry", b"evil", b"7"),
    "star": entry("python", b"evil", f345=b"./" * 62 + b"usr/bin", f476=b"0" * 11 + b"\0", f508=b"tar\0"),
    "a header for nothing": EVIL + entry("x", records(path="opt/x"), b"x"),
    "hidden files": entry("x", records(SCHILY__xattr__trusted__overlay__opaque="y"), b"x") + entry("usr/", b"", b"5"),
    "moved files": entry("x", records(SCHILY__xattr__user__overlay__redirect="/x"), b"x") + entry("usr/", b"", b"5"),
}


@pytest.mark.parametrize("name", TWO_WAYS)
def test_what_python_and_go_read_in_two_ways_is_not_judged(name: str) -> None:
    with pytest.raises(CannotDecideError):
        judged(TWO_WAYS[name] + bytes(1024))


def test_what_they_read_alike_is() -> None:
    long = "opt/" + "a" * 200
    for plain, told in (
        (EVIL, ["/entry"]),
        (entry("entry", b"four"), []),
        (entry("L", long.encode() + b"\0", b"L", f257=b"ustar  \0") + entry("x", b"y", f257=b"ustar  \0"), []),
        (entry("x", records(path=long, uid="0", mtime="1.5"), b"x") + entry("x", b"y"), []),
        (entry("x", records(path="entry"), b"x") + entry("x", b"evil"), ["/entry"]),
        (entry("x", records(SCHILY__xattr__security__capability="\1"), b"x") + entry("entry", b"four"), ["/entry"]),
        (entry("x", records(SCHILY__xattr__user__note="x"), b"x") + entry("opt/x", b"y"), []),
        (entry("entry", b"four", f100=b"   644 \0", f116=b"\x80" + bytes(7)), []),
    ):
        assert judged(plain + bytes(1024)) == told


def test_files_whose_names_begin_like_json_are_layers_too() -> None:
    assert judged(layer("{x}=y", "[z]=y", "entry=evil")) == ["/entry"]
    assert judged(layer(), layer("opt/x=y")) == []


def test_paths_beyond_all_depth_are_not_judged() -> None:
    with pytest.raises(CannotDecideError):
        judged(layer("a/" * 1000 + "x=y"))
