"""What the reader of ELF files says of files made by hand, of real ones, and of rubbish."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys

import pytest
from support.archives import elf as made

from scaffold.oci import elf

LOADER = "/lib64/ld-linux-x86-64.so.2"


def read(data: bytes) -> elf.Elf | None:
    return elf.read(io.BytesIO(data))


def test_a_program_says_what_it_needs() -> None:
    data = made(interpreter=LOADER, needed=["libc.so.6", "libm.so.6"], versions=["GLIBC_2.9", "GLIBC_2.34"])
    assert read(data) == elf.Elf(
        machine="x86_64",
        interpreter=LOADER,
        needed=("libc.so.6", "libm.so.6"),
        versions=("GLIBC_2.34", "GLIBC_2.9"),
    )


def test_a_library_says_what_it_offers_and_weak_needs_do_not_count() -> None:
    found = read(made("aarch64", defined=["libc.so.6", "GLIBC_2.17"], versions=["GLIBC_2.2"], weak=["GLIBC_2.99"]))
    assert found == elf.Elf(machine="aarch64", defined=("GLIBC_2.17", "libc.so.6"), versions=("GLIBC_2.2",))


def test_what_no_loader_reads_is_not_read() -> None:
    assert read(made(kind=1)) is None, "an object file"
    assert read(b"") is None
    assert read(b"#!/bin/sh\n" * 10) is None
    assert read(made()[:40]) is None


def test_other_machines_are_named_and_no_more() -> None:
    assert read(made("i386", versions=["GLIBC_2.34"])) == elf.Elf(machine="i386")


@pytest.mark.parametrize("cut", range(64, 400, 24))
def test_a_file_that_was_cut_ends_in_its_machine(cut: int) -> None:
    data = made(interpreter=LOADER, needed=["libc.so.6"], versions=["GLIBC_2.34"])
    found = read(data[:cut])
    assert found
    assert found.machine == "x86_64"


@pytest.mark.parametrize("at", range(16, 300, 6))
def test_rubbish_ends_in_an_answer(at: int) -> None:
    data = bytearray(made(interpreter=LOADER, needed=["libc.so.6"], versions=["GLIBC_2.34"], defined=["X"]))
    data[at : at + 4] = b"\xff\xff\xff\xff"
    read(bytes(data))


@pytest.mark.skipif(not shutil.which("objdump") or sys.platform != "linux", reason="objdump is the oracle")
@pytest.mark.parametrize("name", ["sh", "tar", "git"])
def test_real_programs_are_read_as_objdump_reads_them(name: str) -> None:
    path = shutil.which(name)
    assert path
    listed = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout
    with open(path, "rb") as file:  # noqa: PTH123 - a seekable file is what it takes
        found = elf.read(file)
    assert found
    assert sorted(found.needed) == sorted(re.findall(r"NEEDED +(\S+)", listed))
    assert set(found.versions) == set(re.findall(r"0x\w+ 0x00 \d+ (\S+)", listed))
