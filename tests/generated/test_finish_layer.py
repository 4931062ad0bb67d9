"""scripts/finish-layer of a generated project: modes, times and bytecode, with the programs of the smallest image."""

import json
import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.template import CASES

SCRIPT = CASES / "minimal/expected/scripts/finish-layer"
SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]


def finish(shell: str, where: Path, *words: str, epoch: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the script of a function on the version of Python that is here."""
    version = subprocess.run(["python3", "-V"], capture_output=True, text=True, check=True).stdout.rpartition(".")[0]
    text = SCRIPT.read_text(encoding="utf-8").replace("Python 3.13", version)
    return subprocess.run(
        [shell, "-c", text, SCRIPT, "code", "/var/task", *words],
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
    links_out = {"dangling": "nowhere", "link": "../outside"}
    for name, target in links_out.items():
        (tmp_path / "code" / name).symlink_to(target)
    done = finish(shell, tmp_path, epoch="1000000000")
    links = (f"{name}: leads to {to}, which is not in the image\n" for name, to in links_out.items())
    assert (done.returncode, done.stderr) == (0, "".join(links))
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


def test_tests_of_packages_stay_source(tmp_path: Path) -> None:
    for path in ("package/tests/deep/test_a.py", "package/tests/test_b.py", "package/module.py"):
        (tmp_path / "code" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / path).write_text("x = 1\n")
    assert finish("sh", tmp_path).returncode == 0
    assert [path.parts[-3] for path in (tmp_path / "code").rglob("*.pyc")] == ["package"]
    assert finish("sh", tmp_path, "--own").returncode == 0
    assert len(list((tmp_path / "code").rglob("*.pyc"))) == 3


LINKS = {
    "shared": ("../shared", "leads to ../shared, which is not in the image: list that under code, too"),
    "nowhere": ("absent", "leads to absent, which is not in the image: list that under code, too"),
    "abroad": ("/srv/x", "leads to /srv/x, which is not in the image: list that under code, too"),
    "sub/up": ("../../shared", "leads to ../../shared, which is not in the image: list that under code, too"),
    "sub/fine": ("../good.py", ""),
    "folder": ("sub", ""),
    "system": ("/etc/passwd", ""),
    "model": ("/opt/ml/model/x", ""),
    "relative-model": ("../../opt/ml/model/x", ""),
    "cache": ("/tmp/cache", ""),
    "packages": ("/var/task/json", ""),
}
PROGRAMS = {
    "run.sh": ("#!/bin/sh\necho\n", ""),
    "spaced": ("#! /bin/sh -e\n", ""),
    "by-name": ("#!/usr/bin/env sh\n", ""),
    "split": ("#!/usr/bin/env -S sh -e\n", ""),
    "of-a-layer": ("#!/opt/bin/tool\n", ""),
    "binary": ("\x7fELF\0\n#!/absent\n", ""),
    "windows.sh": ("#!/bin/sh\r\necho\r\n", "its lines end in CR LF: save it with LF"),
    "other.py": ("#!/usr/bin/python9\n", "starts /usr/bin/python9, which is not in the image"),
    "named": ("#!/usr/bin/env python9 -u\n", "starts python9, which is not in the image"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_what_could_not_start_in_the_image_is_said_by_its_name_in_the_project(shell: str, tmp_path: Path) -> None:
    (tmp_path / "code/sub").mkdir(parents=True)
    (tmp_path / "shared").mkdir()
    (tmp_path / "code/good.py").write_text("x = 1\n")
    assert finish(shell, tmp_path, "--own").returncode == 0
    for name, (target, _) in LINKS.items():
        (tmp_path / "code" / name).symlink_to(target)
    for name, (text, _) in PROGRAMS.items():
        (tmp_path / "code" / name).write_text(text)
        (tmp_path / "code" / name).chmod(0o755)
    (tmp_path / "code/plain.py").write_text("#!/usr/bin/python9\n")
    done = finish(shell, tmp_path, "--own")
    found = {**LINKS, **PROGRAMS}
    expected = {f"src/{name}: {said}" for name, (_, said) in found.items() if said}
    assert done.returncode == 1
    assert {line for line in done.stderr.splitlines() if line.startswith("src/")} == expected


def snapshot(folder: Path) -> dict[str, tuple[int, float, bytes]]:
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime, content)
    return found


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """Make a folder like what pip installs, with everything that must not matter in it."""
    folder = tmp_path / "code"
    for package in ("json", "html"):
        source = Path(json.__file__).parents[1] / package
        shutil.copytree(source, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "sets.py").write_text("def f(x):\n    return x in {'a', 'b', 'c', 'd', 'e', ('f', 'g')}\n")
    (folder / "where.py").write_text("def f():\n    raise ValueError\n")
    (folder / "secret.txt").touch(mode=0o600)
    (folder / "dangling.py").symlink_to("/var/task/absent.py")
    return folder


@pytest.mark.parametrize("python", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_the_same_input_gives_the_same_layer(
    layer: Path, tmp_path: Path, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = [*Path.home().glob(f".pyenv/versions/{python}.*/bin/python3"), shutil.which(f"python{python}")]
    works = (found for found in installed if found and subprocess.run([found, "-V"], check=False).returncode == 0)
    interpreter = next(works, None)
    if not interpreter:
        pytest.skip(f"no Python {python} here")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").write_text(f'#!/bin/sh\nexec "{interpreter}" "$@"\n')
    (tmp_path / "bin/python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    second = tmp_path / "elsewhere/code"
    shutil.copytree(layer, second, symlinks=True)
    os.utime(second / "json/decoder.py", (1e9, 1e9))
    for folder, seed in ((layer, "1"), (second, "2")):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        done = finish("sh", folder.parent, epoch="1700000000")
        assert done.returncode == 0, done.stderr
    first = snapshot(layer)
    assert first == snapshot(second)
    assert {mtime for _, mtime, _ in first.values()} == {1700000000}
    sources = [path for path in first if path.endswith(".py")]
    assert len([path for path in first if path.endswith(".pyc")]) == len(sources) - 1, "all but the dangling one"
    finish("sh", layer.parent, epoch="1700000000")
    assert snapshot(layer) == first, "a second run over its own result changes nothing"


def test_bytecode_is_used_and_knows_its_path_in_the_image(layer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert finish("sh", layer.parent).returncode == 0
    [bytecode] = (layer / "__pycache__").glob("where.*.pyc")
    assert marshal.loads(bytecode.read_bytes()[16:]).co_filename == "/var/task/where.py"
    # Unchecked: the bytecode counts although its source has changed.
    (layer / "where.py").write_text("def f():\n    return 1\n")
    words = [sys.executable, "-c", "import where; where.f()"]
    assert "ValueError" in subprocess.run(words, cwd=layer, capture_output=True, text=True, check=False).stderr


def test_bytecode_is_compiled_by_many_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").mkdir()
    for number in range(40):
        (tmp_path / f"code/m{number}.py").write_text("x = 1\n")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(
        "import os\nfork = os.fork\n\n\ndef noted():\n    open(os.environ['FORKS'], 'a').write('x')\n"
        "    return fork()\n\n\nos.fork = noted\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("FORKS", str(tmp_path / "forks"))
    assert finish("sh", tmp_path).returncode == 0
    assert len((tmp_path / "forks").read_text()) == 16
    assert len(list((tmp_path / "code/__pycache__").iterdir())) == 40
