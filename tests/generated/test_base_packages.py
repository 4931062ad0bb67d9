"""scripts/base-packages.py of a generated project: what it leaves to the base image, and what it says of the rest."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.parts import program

SCRIPT = program("languages/python/base-packages.py.jinja")


def install(folder: Path, name: str, version: str, files: Mapping[str, str]) -> None:
    """What pip leaves in a --target folder: files, and a RECORD that calls programs ../../bin/NAME."""
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    for path, text in {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    listed = [f"../../{path}" if path.startswith("bin/") else path for path in files]
    rows = [*listed, f"{about}/METADATA", f"{about}/RECORD"]
    (folder / about / "RECORD").write_text("".join(f"{row},,\n" for row in rows))


def leave(where: Path, base: str) -> subprocess.CompletedProcess[str]:
    (where / "base.txt").write_text(f"# Made by a tool\n{base}\n")
    (where / "packages").mkdir(exist_ok=True)
    words = ["--base", "base.txt", "--shared", "shared", "packages"]
    done = subprocess.run([sys.executable, SCRIPT, *words], cwd=where, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_what_the_base_has_goes_and_the_rest_stays(tmp_path: Path) -> None:
    for folder in ("packages", "shared"):
        files = {"big/__init__.py": "", "big/deep/x.so": "", "space/big.py": "", "bin/big": ""}
        install(tmp_path / folder, "Big.Thing", "1.0", files)
    install(tmp_path / "packages", "own", "2.0", {"own.py": "", "space/own.py": "", "bin/own": ""})
    done = leave(tmp_path, "big-thing==1.0\nabsent==3.0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "left to the base image: big-thing 1.0\n", "")
    wanted = {"own.py", "space", "space/own.py", "bin", "bin/own", "own-2.0.dist-info"}
    assert tree(tmp_path / "packages") == wanted | {"own-2.0.dist-info/METADATA", "own-2.0.dist-info/RECORD"}
    assert "big/deep/x.so" in tree(tmp_path / "shared")


def test_a_file_that_another_package_has_too_stays(tmp_path: Path) -> None:
    for folder in ("packages", "shared"):
        install(tmp_path / folder, "big", "1.0", {"space/__init__.py": "", "space/big.py": ""})
    install(tmp_path / "packages", "own", "2.0", {"space/__init__.py": "", "space/own.py": ""})
    assert leave(tmp_path, "big==1.0").returncode == 0
    assert {"space/__init__.py", "space/own.py"} <= tree(tmp_path / "packages")
    assert "space/big.py" not in tree(tmp_path / "packages")


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("big==1.1", "big 1.0 was installed, and the base image has 1.1: ask for that version\n"),
        ("big==1.0\nother==3.0", "other 3.0 is not in the base image, although the standards say so\n"),
    ],
)
def test_what_does_not_agree_stops_and_removes_nothing(base: str, said: str, tmp_path: Path) -> None:
    install(tmp_path / "packages", "big", "1.0", {"big.py": ""})
    install(tmp_path / "packages", "other", "3.0", {"other.py": ""})
    install(tmp_path / "shared", "big", "1.0", {"big.py": ""})
    done = leave(tmp_path, base)
    assert (done.returncode, done.stderr) == (1, said)
    assert "big.py" in tree(tmp_path / "packages")


def test_nothing_installed_is_nothing_to_do(tmp_path: Path) -> None:
    assert leave(tmp_path, "big==1.0").returncode == 0
