"""The `scaffold` process: Ctrl-C at any moment, and streams that cannot be written, end it without a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import pexpect
import pytest
from support.template import CASES, PINNED

from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine

BIN = Path(sys.executable).parent
SCAFFOLD = str(BIN / "scaffold")
INTERRUPTED = "scaffold: interrupted\n"
FULL = "scaffold: cannot write to standard output: No space left on device\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("one") / "my-function"
    where.mkdir()
    spec = (CASES / "minimal" / SPEC).read_text(encoding="utf-8")
    (where / SPEC).write_text(f"{spec}base: {PINNED}\n", encoding="utf-8")
    apply(where, state.read(where, Engine()).changes)
    return where


@pytest.fixture(scope="module")
def many(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("many")
    for number in range(120):
        shutil.copytree(project, where / f"p{number:03}")
    return where


def start(*words: object, **settings: Any) -> subprocess.Popen[str]:
    """Start the program as a shell's foreground job: pytest's own may ignore SIGINT, which is inherited."""
    script = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", script, SCAFFOLD, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **settings,
    )


def children_of(process: subprocess.Popen[str]) -> list[str]:
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def wait_for_children(process: subprocess.Popen[str], count: int) -> None:
    deadline = time.monotonic() + 60
    while len(children_of(process)) < count and time.monotonic() < deadline:
        time.sleep(0.01)


# Ctrl-C


@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_ends_a_check_in_many_processes(many: Path, whole_group: bool) -> None:
    with start("check", "-j", "2", many) as process:
        wait_for_children(process, 2)
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (130, "", INTERRUPTED)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_ctrl_c_twice_and_more_is_one_line(many: Path) -> None:
    with start("check", "-j", "2", many) as process:
        wait_for_children(process, 2)
        for _ in range(2):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.01)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (130, "", INTERRUPTED)


AT_IMPORT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            {act}

class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("act", ["os.kill(os.getpid(), signal.SIGINT)", "Late()"])
@pytest.mark.parametrize("name", ["scaffold.cli.main", "argparse", "scaffold.cli.commands.check", "scaffold.fleet"])
def test_ctrl_c_during_an_import(name: str, act: str, project: Path, tmp_path: Path) -> None:
    """`Late` is interrupted where Python only reports exceptions, and goes on."""
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT.format(name=name, act=act))
    with start("check", project, env=os.environ | {"PYTHONPATH": str(tmp_path)}) as process:
        assert process.communicate(timeout=60) == ("", INTERRUPTED)
    assert process.returncode == 130


@pytest.mark.parametrize("by_key", [True, False])
def test_ctrl_c_at_a_question(by_key: bool, tmp_path: Path) -> None:
    words = ["-c", 'exec "$0" new "$1" 2>"$2"', SCAFFOLD, str(tmp_path / "asked"), str(tmp_path / "errors")]
    child = pexpect.spawn("/bin/sh", words, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect("Name of the function")
    if by_key:
        child.sendintr()
    else:
        child.kill(signal.SIGINT)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert (tmp_path / "errors").read_text() == INTERRUPTED
    assert not (tmp_path / "asked").exists()


def test_ctrl_c_does_not_wait_for_threads(tmp_path: Path) -> None:
    """Only the program gets the signal, and its threads wait for clients that take their time."""
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\nexec sleep 60\n")
    client.chmod(0o755)
    images = [f"registry.example.com/image-{number}:1" for number in range(12)]
    with start("image", "check", *images, env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}) as process:
        deadline = time.monotonic() + 60
        tasks = Path(f"/proc/{process.pid}/task")
        while len(list(tasks.iterdir())) < 8 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        process.wait(timeout=20)
        os.killpg(process.pid, signal.SIGKILL)  # the clients
        out, error = process.communicate(timeout=20)
    assert (process.returncode, out, error) == (130, "", INTERRUPTED)


def test_a_background_job_goes_on_when_it_gets_ctrl_c(project: Path) -> None:
    words = ["sh", "-c", 'trap "" INT; kill -INT $$; exec "$0" check "$1"', SCAFFOLD, str(project)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "No problems found.\n", "")


# Standard streams

COMMANDS = [["check"], ["plan"], ["--help"], ["--version"]]


def words_of(command: list[str], project: Path) -> list[str]:
    return [SCAFFOLD, *command, str(project)] if command in (["check"], ["plan"]) else [SCAFFOLD, *command]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_standard_output(
    command: list[str], unbuffered: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("w") as full:
        done = run(words_of(command, project), stdout=full)
    assert (done.returncode, done.stderr) == (3, FULL)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_closed_standard_output(command: list[str], project: Path) -> None:
    done = run(["sh", "-c", 'exec "$@" >&-', "-", *words_of(command, project)])
    assert (done.returncode, done.stderr) == (3, "scaffold: cannot write to standard output: Bad file descriptor\n")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves(
    command: list[str], unbuffered: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        done = run(words_of(command, project), stdout=pipe)
    assert (done.returncode, done.stderr) == (3, "scaffold: cannot write to standard output: Broken pipe\n")


def test_a_failing_command_that_prints_nothing_there_says_why(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run([SCAFFOLD, "check", str(tmp_path)], stdout=full)
    assert done.returncode == 2, "nothing was written to standard output"
    assert done.stderr == (f"scaffold: no lambda-image.yaml in {tmp_path}: `scaffold new` creates a project\n")


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full", "2>&- >/dev/full", ">&- 2>&- <&-"])
def test_without_standard_error_the_exit_status_says_it(where: str, tmp_path: Path) -> None:
    done = run(["sh", "-c", f'exec "$@" {where}', "-", SCAFFOLD, "check", str(tmp_path)])
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_closed_streams_do_not_become_files_of_the_project(tmp_path: Path) -> None:
    """Whatever is opened first would get the number of a closed standard stream, and the output with it."""
    done = run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "-", SCAFFOLD, "new", "--defaults", str(tmp_path / "made")])
    assert done.returncode == 3
    assert run([SCAFFOLD, "check", str(tmp_path / "made")]).returncode == 0


def run(words: list[str], *, stdout: IO[str] | int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
