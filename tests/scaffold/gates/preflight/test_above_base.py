"""What stands above a base, in front of it or beside it: images made by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from support.archives import Member, file, folder, layer, link, program
from support.broken_images import APP, AWS, BASE, PYTHON, TASK, Checked, env

from scaffold.findings.finding import Finding
from scaffold.gates import above_base
from scaffold.gates.image import ImageCheck
from scaffold.gates.image_facts import BaseMatch
from scaffold.gates.preflight import checks, table
from scaffold.gates.preflight.loader_cache import libraries
from scaffold.gates.preflight.subject import Subject
from scaffold.gates.preflight.table import Table
from scaffold.oci.image import NOTHING
from scaffold.oci.layer import read_layer
from scaffold.rendering.engine import Engine
from scaffold.standards.base_paths import BasePaths
from scaffold.standards.load import own

USERS = "root:x:0:0:root:/root:/bin/sh\nsbx:x:993:990::/:/bin/false\n"
PATHS = BasePaths(own=("/var/runtime/",), runtime=("/var/runtime/",))


def cache(**rows: str) -> bytes:
    """A cache of glibc's loader with these libraries."""
    head = 48 + 24 * len(rows)
    text, entries = b"", b""
    for name, path in rows.items():
        soname = name.replace("_", ".").encode() + b"\0"
        entries += struct.pack("<iIIIQ", 0x303, head + len(text), head + len(text) + len(soname), 0, 0)
        text += soname + path.encode() + b"\0"
    return b"glibc-ld.so.cache1.1" + struct.pack("<II", len(rows), len(text)) + bytes(20) + entries + text


LOADED = cache(libc_so_6="/lib64/libc.so.6", libm_so_6="/lib64/libm.so.6")
BELOW = (*BASE, *PYTHON, file("/etc/passwd", USERS), file("/etc/ld.so.cache", LOADED), folder("/etc/pki"))


def told(checked: Checked, *more: Member, config: Mapping[str, Any] = AWS) -> list[tuple[str, str]]:
    found: list[Finding] = checked([layer(*BELOW), layer(*APP), layer(*more, parents=False)], config)
    return [(row.code, row.message.partition(": ")[2]) for row in found if row.code in {"altered-base", "other-system"}]


@pytest.mark.parametrize(
    ("member", "path"),
    [
        (folder("/var/runtime", 0o777), "/var/runtime/"),
        (folder("/usr/bin", 0o1777), "/usr/bin/"),
        (folder("/etc", 0o777), "/etc/"),
        (file("/etc/passwd", USERS + "evil:x:0:0::/:/bin/sh\n"), "/etc/passwd"),
        (file("/etc/passwd", USERS + "evil:x:00:0::/:/bin/sh\n"), "/etc/passwd"),
        (file("/etc/passwd", USERS.partition("\n")[2]), "/etc/passwd"),
        (file("/etc/passwd", USERS, 0o666), "/etc/passwd"),
        (file("/etc/ld.so.preload", "/opt/evil.so\n"), "/etc/ld.so.preload"),
        (file("/etc/ld-musl-x86_64.path", "/opt\n"), "/etc/ld-musl-x86_64.path"),
        (file("/etc/ld.so.cache", cache(libc_so_6="/opt/libc.so.6", libm_so_6="/lib64/libm.so.6")), "/etc/ld.so.cache"),
        (file("/etc/ld.so.cache", cache(libm_so_6="/lib64/libm.so.6")), "/etc/ld.so.cache"),
        (file("/etc/ld.so.cache", LOADED[:60]), "/etc/ld.so.cache"),
    ],
)
def test_changes_of_the_base(member: Member, path: str, checked: Checked) -> None:
    assert told(checked, member) == [("altered-base", f"{path} (1 in total)")]


@pytest.mark.parametrize(
    "member",
    [
        folder("/var/runtime"),
        folder("/opt", 0o700),
        folder(TASK, 0o775),
        folder("/var/new", 0o777),
        file("/etc/passwd", USERS + "daemon:x:2:2::/:/bin/false\n"),
        file("/etc/ld.so.cache", cache(libc_so_6="/lib64/libc.so.6", libm_so_6="/lib64/libm.so.6", a="/opt/a")),
        program("/usr/local/bin/tool"),
        program("/opt/bin/sh"),
        file("/opt/lib/libnew.so"),
    ],
)
def test_what_leaves_the_base_as_it_is(member: Member, checked: Checked) -> None:
    assert told(checked, member) == []


def test_what_packages_rewrite_is_read_only_where_they_may(checked: Checked) -> None:
    """`rewritten` is that of the plan: with nothing that installs packages, the files must be the base's."""
    users = file("/etc/passwd", USERS + "daemon:x:2:2::/:/bin/false\n")
    subject = made(layer(*BELOW), layer(users))
    assert above_base.altered(subject, 1, [], PATHS) == ["/etc/passwd"]
    assert above_base.altered(subject, 1, ["/etc/passwd"], PATHS) == []
    assert above_base.altered(made(layer(*BELOW), layer(folder("/etc/pki", 0o777))), 1, ["/etc/pki/"], PATHS) == []


def test_the_directory_of_the_runtime_is_open_on_some_bases() -> None:
    subject = made(layer(*BELOW), layer(folder("/var/runtime", 0o700)))
    assert above_base.altered(subject, 1, [], PATHS) == ["/var/runtime/"]
    assert above_base.altered(subject, 1, [], replace(PATHS, own=())) == []


def test_the_root_directory_counts() -> None:
    root = Member("./", b"", 0o755)
    subject = made(layer(root, *BELOW), layer(root._replace(mode=0o777)))
    assert above_base.altered(subject, 1, [], PATHS) == ["/"]
    assert "/" not in subject.files


@pytest.mark.parametrize(
    ("members", "config", "path"),
    [
        ([program("/usr/local/bin/env")], AWS, "/usr/local/bin/env (before /usr/bin/env)"),
        ([program("/opt/bin/sh")], env("PATH=/opt/bin:/usr/bin:/bin"), "/opt/bin/sh (before /bin/sh)"),
        ([link("/usr/local/bin/make", "/opt/x")], AWS, "/usr/local/bin/make (before /usr/bin/make)"),
        ([link("/p", "opt/bin"), program("/opt/bin/sh")], env("PATH=/p:/bin"), "/opt/bin/sh (before /bin/sh)"),
        (
            [file("/opt/lib/libc.so.6")],
            env("LD_LIBRARY_PATH=/opt/lib"),
            "/opt/lib/libc.so.6 (before /lib64/libc.so.6)",
        ),
    ],
)
def test_files_in_front_of_the_bases(
    members: list[Member], config: Mapping[str, Any], path: str, checked: Checked
) -> None:
    assert told(checked, *members, config=config) == [("altered-base", f"{path} (1 in total)")]


def test_only_libraries_count_where_the_loader_looks(checked: Checked) -> None:
    config = env("LD_LIBRARY_PATH=/opt/lib:/usr/bin")
    assert told(checked, file("/opt/lib/make"), config=config) == []


def test_another_system(checked: Checked) -> None:
    loader = file("/opt/rootfs/lib64/ld-linux-x86-64.so.2")
    release = file("/opt/rootfs/etc/os-release")
    assert told(checked, loader) == [("other-system", f"{loader.path} (1 in total)")]
    assert told(checked, release) == [("other-system", f"{release.path} (1 in total)")]
    entered = {**AWS, "Entrypoint": ["/bin/busybox", "chroot", "/opt/rootfs", "/bin/x"]}
    assert [code for code, _ in told(checked, config=entered)] == ["other-system"]
    assert [row.code for row in checked([layer(*BELOW)], entered, files=False) if row.code == "other-system"]
    for member in (file("/etc/os-release"), file("/usr/lib/os-release"), file("/lib/ld-linux-aarch64.so.1")):
        assert told(checked, member) == []


def test_caches_of_the_loader() -> None:
    assert libraries(LOADED) == {"libc.so.6": ("/lib64/libc.so.6",), "libm.so.6": ("/lib64/libm.so.6",)}
    assert libraries(b"ld.so-1.7.0" + bytes(21) + LOADED) == libraries(LOADED)
    assert libraries(cache(a="/b")[:-1]) is None
    assert libraries(b"") is None
    assert libraries(LOADED[:20] + b"\xff\xff\xff\x7f" + LOADED[24:]) is None


def made(*blobs: bytes) -> Subject:
    facts: Table = table.load(Engine())
    layers = [row[1] for blob in blobs if (row := read_layer(BytesIO(blob), checks.look(facts, ())))]
    return Subject(facts=NOTHING, layers=layers, table=facts, base=1)


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        (None, True),
        ({"system_packages": [], "hooks": {"after_code": []}, "certificates": []}, False),
        ({"system_packages": ["a"], "hooks": {"after_code": []}, "certificates": []}, True),
        ({"system_packages": [], "hooks": {"after_code": ["a"]}, "certificates": []}, True),
        ({"system_packages": [], "hooks": {"after_code": []}, "certificates": ["a"]}, False),
    ],
)
def test_what_may_be_rewritten_follows_from_the_plan(plan: Any, kept: bool) -> None:
    """Packages and hooks may rewrite users, certificates only the bundles, and nobody knows without a plan."""
    engine = Engine()
    facts: Table = table.load(engine)
    base = next(iter(own(engine).bases.values()))
    check = ImageCheck(
        standards=own(engine), platforms=engine.platforms, where="", plan=plan, today=date(2026, 11, 29), files=None,
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()}, table=facts,
    )  # fmt: skip
    users, bundle = file("/etc/group", "a"), file("/etc/pki/bundle", "a")
    subject = made(layer(*BELOW, file("/etc/group", "b"), file("/etc/pki/bundle", "b")), layer(users, bundle))
    found = list(check._above(subject, BaseMatch(architecture="x86_64", bases=(base,), layers=1)))
    certified = bool(plan and plan["certificates"])
    changed = [path for path, fine in (("/etc/group", kept), ("/etc/pki/bundle", certified)) if not fine]
    assert [row.message.partition(": ")[2] for row in found] == (
        [f"{', '.join(changed)} ({len(changed)} in total)"] if changed else []
    )
