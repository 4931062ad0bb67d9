"""check-requirements.py and refuse-cuda.py of a generated project: what passes, and what they say of the rest."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.parts import program

SCRIPT = program("languages/python/check-requirements.py.jinja")
CUDA = program("languages/python/refuse-cuda.py.jinja")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HASH = f"--hash=sha256:{'0' * 64}"


def check(where: Path, *words: str, script: Path = SCRIPT) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, script, *words], cwd=where, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        f"tool @ git+https://git.example.com/tool.git@{COMMIT}",
        f"tool @ git+https://git.example.com/tool.git@{COMMIT}#subdirectory=a ; python_version > '3'",
        f"-e git+ssh://git@git.example.com/tool.git@{COMMIT}#egg=tool",
        f"git+https://git.example.com/tool.git@{COMMIT}  # why",
        "six==1.17.0  # not git+https://git.example.com/tool.git@main",
    ],
)
def test_a_whole_commit_passes(line: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(line + "\n")
    assert check(tmp_path, "requirements.txt") == (0, "")


@pytest.mark.parametrize("revision", ["", "@main", "@v1.0", f"@{COMMIT[:12]}", f"@{COMMIT}0", f"@main#{COMMIT}"])
def test_anything_else_is_said_with_file_and_line(revision: str, tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text(f"six==1.17.0\n\ntool @ \\\n git+https://git.example.com/t.git{revision}\n")
    (tmp_path / "requirements.txt").write_text("-r base.txt\n-r requirements.txt\n")
    code, said = check(tmp_path, "requirements.txt")
    assert code == 1
    assert said.startswith("base.txt:3: tool @ git+https://git.example.com/t.git")
    assert "write @ and the whole commit" in said


def test_an_exported_lock_is_divided(tmp_path: Path) -> None:
    git = f"tool @ git+https://git.example.com/tool.git@{COMMIT}"
    (tmp_path / "exported.txt").write_text(
        f"-i https://pypi.org/simple\n--extra-index-url https://pypi.example.com/simple\nsix==1.17.0 \\\n    {HASH}\n"
        f"{git}\n-e ./packages/shared\n./vendor/rules.whl {HASH}\nown @ file://{tmp_path}/own ; python_version > '3'\n"
    )
    known = [f"--local={tmp_path}/{path}" for path in ("packages/shared", "vendor/rules.whl", "own")]
    assert check(tmp_path, "--lock=.", *known, "exported.txt") == (0, "")
    hashed = f"--extra-index-url https://pypi.example.com/simple\nsix==1.17.0 {HASH}\n"
    assert (tmp_path / "hashed.txt").read_text() == hashed
    assert (tmp_path / "git.txt").read_text() == f"{git}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("six==1.17.0", "the lock has no hash"),
        ("six==1.17.0 --hash=", "the lock has no hash"),
        ("-e ./packages/shared", "list its folder in dependencies.projects"),
        ("shared @ file:///packages/shared", "list its folder in dependencies.projects"),
        ("tool @ git+https://git.example.com/tool.git@main", "write @ and the whole commit"),
    ],
)
def test_a_lock_that_says_less_is_refused(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "exported.txt").write_text(f"{line}\n")
    code, stderr = check(tmp_path, "--lock=.", "exported.txt")
    assert code == 1
    assert stderr.startswith("exported.txt:1: ")
    assert said in stderr


@pytest.mark.parametrize(("cuda", "code"), [("None", 0), ("'12.8'", 1), ('"13.0"', 1)])
def test_torch_with_cuda_is_refused(cuda: str, code: int, tmp_path: Path) -> None:
    assert check(tmp_path, ".", script=CUDA) == (0, "")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/version.py").write_text(f"from typing import Optional\ncuda: Optional[str] = {cuda}\n")
    assert check(tmp_path, ".", script=CUDA)[0] == code
