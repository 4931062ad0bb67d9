"""`unpack.py` of a generated project: what is in an archive gets where it belongs, and nowhere else."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.parts import program

SCRIPT = program("languages/python/unpack.py.jinja")
TAR = tarfile.TarInfo


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder / "bin"


def unpack(download: Path, to: Path, *words: str, digest: str = "") -> subprocess.CompletedProcess[str]:
    digest = digest or hashlib.sha256(download.read_bytes()).hexdigest()
    command = [sys.executable, SCRIPT, f"--sha256={digest}", f"--to={to}", *words, download]
    return subprocess.run(command, text=True, capture_output=True, check=False, umask=0o077)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o600) -> TAR:
    info = TAR(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def tar(path: Path, *members: TAR, how: str = "w:xz") -> Path:
    with tarfile.open(path, how) as archive:  # type: ignore[call-overload]
        for info in members:
            info.size = len(info.name) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(info.name.encode()))
    return path


def tree(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else (path.read_text(), oct(path.stat().st_mode & 0o777))
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("how", ["w:xz", "w:gz", "w:bz2", "w"])
def test_a_tar_archive(tmp_path: Path, place: Path, how: str) -> None:
    archive = tar(
        tmp_path / "a",
        member("t-1", tarfile.DIRTYPE, mode=0o700),
        member("t-1/bin/tool", mode=0o700),
        member("t-1/share/words"),
        member("t-1/bin/alias", tarfile.SYMTYPE, "tool"),
        member("t-1/bin/twin", tarfile.LNKTYPE, "t-1/bin/tool"),
        how=how,
    )
    done = unpack(archive, place, "--format=tar")
    assert done.returncode == 0, done.stderr
    tool = ("t-1/bin/tool", "0o755")
    assert tree(place) == {
        "t-1/bin/tool": tool,
        "t-1/bin/alias": "-> tool",
        "t-1/bin/twin": (tool[0], "0o644"),
        "t-1/share/words": ("t-1/share/words", "0o644"),
    }
    assert (place / "t-1/bin").stat().st_mode & 0o777 == 0o755


def test_what_was_picked_and_nothing_else(tmp_path: Path, place: Path) -> None:
    archive = tar(tmp_path / "a", member("t/bin/tool", mode=0o755), member("t/share/a/b"), member("t/LICENSE"))
    assert unpack(archive, place, "--format=tar", "--pick=t/bin/tool", "--pick=t/share").returncode == 0
    assert sorted(tree(place)) == ["share/a/b", "tool"]
    done = unpack(archive, place.with_name("other"), "--format=tar", "--pick=bin/tool")
    assert done.returncode == 1
    assert "the archive has no bin/tool. It has t/bin/tool" in done.stderr


def test_a_zip_archive(tmp_path: Path, place: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode in (("t/tool", 0o100755), ("t/words", 0o100600), ("t/", 0o040755), ("t/alias", 0o120777)):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, "tool" if name == "t/alias" else name)
    done = unpack(tmp_path / "a.zip", place, "--format=zip")
    assert done.returncode == 0, done.stderr
    assert tree(place) == {"t/tool": ("t/tool", "0o755"), "t/words": ("t/words", "0o644"), "t/alias": "-> tool"}


@pytest.mark.parametrize(("words", "mode"), [(["--executable"], "0o755"), ([], "0o644")])
def test_a_file_as_it_is(tmp_path: Path, place: Path, words: list[str], mode: str) -> None:
    (tmp_path / "a").write_text("program")
    assert unpack(tmp_path / "a", place, "--format=file", "--name=yq", *words).returncode == 0
    assert tree(place) == {"yq": ("program", mode)}


EVIL = {
    "above": [member("../evil")],
    "above, later": [member("a/../../evil")],
    "absolute": [member("/tmp/evil")],
    "a link above": [member("link", tarfile.SYMTYPE, "../evil")],
    "an absolute link": [member("link", tarfile.SYMTYPE, "/etc/passwd")],
    "through a link": [member("link", tarfile.SYMTYPE, "."), member("link/evil")],
    "through a link to above": [member("link", tarfile.SYMTYPE, ".."), member("link/evil")],
    "through two links": [member("x/a", tarfile.SYMTYPE, ".."), member("y", tarfile.SYMTYPE, "x/a/../..")],
    "a link through a link": [member("a", tarfile.SYMTYPE, "b"), member("a/c", tarfile.SYMTYPE, "d")],
    "a link above through a link": [member("x/a", tarfile.SYMTYPE, ".."), member("x/a/../e", tarfile.SYMTYPE, "x")],
    "a loop": [member("a", tarfile.SYMTYPE, "b"), member("b", tarfile.SYMTYPE, "a")],
    "a hard link to outside": [member("evil", tarfile.LNKTYPE, "/etc/passwd")],
    "a device": [member("null", tarfile.CHRTYPE)],
    "a pipe": [member("pipe", tarfile.FIFOTYPE)],
    "twice": [member("a"), member("a")],
}


@pytest.mark.parametrize("name", EVIL)
def test_nothing_gets_outside(tmp_path: Path, place: Path, name: str) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    archive = tar(tmp_path / "a", *EVIL[name])
    done = unpack(archive, place, "--format=tar")
    assert done.returncode != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "a"])
    assert [path.name for path in place.parent.iterdir()] in ([], ["bin"])
    assert not Path("/tmp/evil").exists()


def test_a_wrong_download_is_not_touched(tmp_path: Path, place: Path) -> None:
    archive = tar(tmp_path / "a", member("tool"))
    done = unpack(archive, place, "--format=tar", digest="0" * 64)
    assert done.returncode == 1
    assert f"expected SHA-256 {'0' * 64}" in done.stderr
    assert not place.exists()
