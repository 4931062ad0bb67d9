"""The process pool: a worker that crashes loses one item, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scaffold.fleet import workers

METHODS = ["fork", "spawn"]


def square(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.mark.parametrize(("method", "processes"), [("fork", 1), ("fork", 3), ("spawn", 2)])
def test_every_item_comes_back_once_and_a_death_costs_one(method: str, processes: int) -> None:
    done = list(workers.run(square, range(40), processes, method=method))
    assert len(done) == 40
    assert dict(done) == {number: None if number == 13 else number * number for number in range(40)}


class Unstartable:
    """Can be sent, and cannot be received: a process that starts with it ends before it is ready."""

    def __call__(self, number: int) -> int:
        return -number

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (os._exit, (1,))


def test_where_no_process_starts_this_one_does_the_work() -> None:
    done = list(workers.run(Unstartable(), range(10), 3, method="spawn"))
    assert dict(done) == {number: -number for number in range(10)}


@pytest.mark.parametrize("spare", [0, 2, 4, 6])
def test_where_no_process_can_be_had_this_one_does_the_work(spare: int) -> None:
    """Without file descriptors to spare, there are fewer processes or none."""
    script = (
        "import os, resource\nfrom scaffold.fleet import workers\n"
        "used = len(os.listdir('/proc/self/fd')) - 1\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (used + {spare}, used + {spare}))\n"
        "done = list(workers.run(abs, range(-20, 0), 3, method='fork'))\n"
        "assert sorted(done) == [(n, -n) for n in range(-20, 0)], done\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


def test_leaving_early_leaves_no_process() -> None:
    before = children()
    results = workers.run(square, range(1000), 2, method="fork")
    next(results)
    assert len(children() - before) == 2
    results.close()
    assert children() == before


def test_threads_make_a_process_spawn() -> None:
    assert workers.start_method() in METHODS
    assert workers.worthwhile(1) == 0
    assert workers.worthwhile(10_000) >= 100
    assert workers.cores() >= 1


def test_the_death_of_the_parent_is_noticed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, time\nfrom scaffold.fleet import workers\nworkers._PARENT_CHECK_SECONDS = 0.1\n"
        "def act(item):\n    os.write(1, b'%d\\n' % os.getpid())\n    return item\n"
        "if __name__ == '__main__':\n    for done in workers.run(act, range(4), 2, method='fork'):\n"
        "        if done[0] == 3:\n            time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        processes = {int(parent.stdout.readline()) for _ in range(4)}
        parent.kill()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in processes if Path(f"/proc/{child}").exists()]
