"""scripts/finish-layer of a generated project: modes, times and bytecode, with the programs of the smallest image."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.template import CASES

SCRIPT = CASES / "minimal/expected/scripts/finish-layer"
SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]


def finish(shell: str, where: Path, *words: str, epoch: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shell, SCRIPT, "code", "/var/task", *words],
        cwd=where,
        env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_everything_has_one_time_and_one_of_two_modes(shell: str, tmp_path: Path) -> None:
    odd = ["plain", ".hidden", "..odd", "-n", "a b", "new\nline", "*", "[x]", "deep/.er/file", "empty/x"]
    for name in odd:
        path = tmp_path / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        path.chmod(0o600)
    (tmp_path / "code/empty/x").unlink()
    (tmp_path / "code/empty").chmod(0o2700)
    (tmp_path / "code/program").write_text("")
    (tmp_path / "code/program").chmod(0o4700)
    (tmp_path / "outside").mkdir(mode=0o700)
    (tmp_path / "code/link").symlink_to("../outside")
    (tmp_path / "code/dangling").symlink_to("nowhere")
    done = finish(shell, tmp_path, epoch="1000000000")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "outside").stat().st_mtime != 1_000_000_000
    assert (tmp_path / "outside").stat().st_mode & 0o7777 == 0o700
    for path in [tmp_path / "code", *(tmp_path / "code").rglob("*")]:
        status = path.lstat()
        assert status.st_mtime == 1_000_000_000, path
        mode = 0o755 if path.is_dir() or path.name == "program" else 0o644
        assert path.is_symlink() or status.st_mode & 0o7777 == mode, path


def test_more_files_than_a_command_takes(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    for number in range(12_000):
        (tmp_path / "code" / f"{number:0200}").touch()
    assert finish("sh", tmp_path).returncode == 0
    assert {path.stat().st_mtime for path in (tmp_path / "code").iterdir()} == {0}


def test_nothing_is_an_empty_layer(tmp_path: Path) -> None:
    assert finish("sh", tmp_path).returncode == 0
    assert (tmp_path / "code").stat().st_mtime == 0


def test_a_syntax_error_matters_in_own_code_only(tmp_path: Path) -> None:
    (tmp_path / "code/inner").mkdir(parents=True)
    (tmp_path / "code/inner/bad.py").write_text("def (:\n")
    (tmp_path / "code/good.py").write_text("x = 1\n")
    done = finish("sh", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list((tmp_path / "code/__pycache__").iterdir())) == 1
    assert not list((tmp_path / "code/inner").glob("__pycache__/*"))
    done = finish("sh", tmp_path, "--own")
    assert done.returncode == 1
    assert "/var/task/inner/bad.py" in done.stdout
    assert "SyntaxError" in done.stdout
