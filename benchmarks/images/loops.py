"""From an edit to the answer of the edited function, compared with the same loops of the SAM CLI."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING

import registry
import sam
from builds import SECONDS
from machine import cache_folder, run
from measure import medians
from measure import run as output
from space import Skip
from table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measure import Command
    from space import Contender, Space

_FUNCTION = "plain"
_PATIENCE = 60
_SETTLE = 1.0
"""Seconds between an answer and the next edit, so that a watcher is watching again."""


def by_hand(space: Space) -> Iterator[Row]:
    """Edit, build, run, invoke, each as a command."""
    ours, theirs = space.ours(_FUNCTION), space.rival(_FUNCTION, "sam")
    sam.template(space, theirs, "image")
    program = sam.program()
    port = str(registry.free_port())
    steps = {
        "ours": [
            ours.build(),
            ours.command("scripts/run", PORT=port),
            ours.command("scripts/invoke", PORT=port),
        ],
        "theirs": [
            theirs.command(program, "build", **sam.QUIET),
            theirs.command(*(program, "local", "invoke", "--skip-pull-image", "--event", "event.json"), **sam.QUIET),
        ],
    }
    contenders = {"ours": ours, "theirs": theirs}
    try:
        loops = {name: _loop(contenders[name], words) for name, words in steps.items()}
        times = medians(loops, rounds=min(space.rounds, 5))
    finally:
        output(ours.command("make", "stop"))
    what = "Edit, `scripts/build`, `scripts/run`, `scripts/invoke`"
    yield Row(name=what, against="edit, `sam build`, `sam local invoke`", form=SECONDS, **times)


def _loop(contender: Contender, steps: list[Command]) -> Callable[[], float]:
    def measure() -> float:
        version = contender.edit()
        start = perf_counter()
        answers = [output(step) for step in steps]
        seconds = perf_counter() - start
        if version not in answers[-1]:
            raise RuntimeError(f"{contender.root}: not the answer of {version}: {answers[-1]}")
        return seconds

    return measure


def watching(space: Space) -> Iterator[Row]:
    """Edit to answer of a program that watches the code."""
    ours, theirs = space.ours(_FUNCTION), space.rival(_FUNCTION, "five")
    if not (ours.root / "scripts/dev").exists():
        raise Skip("the generated project has no scripts/dev")
    ours.build()()
    with _dev(ours) as answers, _warm_containers(space, theirs) as port:
        times = medians(
            {"ours": lambda: _printed(ours, answers), "theirs": lambda: _served(space, theirs, port)},
            rounds=space.rounds,
        )
    what = "Edit to answer, `make dev`"
    yield Row(name=what, against="`sam local start-lambda --warm-containers EAGER`", bound=0.2, form=SECONDS, **times)


@contextmanager
def _dev(ours: Contender) -> Iterator[queue.Queue[str]]:
    """Run `scripts/dev`, as make does; its lines as they come."""
    lines: queue.Queue[str] = queue.Queue()
    environment = {**ours.environment, "PORT": str(registry.free_port())}
    with _background(["scripts/dev"], ours, environment, stdout=subprocess.PIPE) as process:

        def read() -> None:
            for line in process.stdout or ():
                lines.put(line)

        threading.Thread(target=read, daemon=True).start()
        _until_printed(lines, '"version"')
        yield lines


def _printed(ours: Contender, lines: queue.Queue[str]) -> float:
    sleep(_SETTLE)
    version = ours.edit()
    start = perf_counter()
    _until_printed(lines, version)
    return perf_counter() - start


def _until_printed(lines: queue.Queue[str], text: str) -> None:
    while text not in lines.get(timeout=_PATIENCE):
        pass


@contextmanager
def _warm_containers(space: Space, theirs: Contender) -> Iterator[int]:
    """Serve the function from its directory, in which its packages are; the port."""
    sam.template(space, theirs, "zip")
    words = ["install", "--quiet", "--no-index", f"--find-links={cache_folder() / 'benchmark-wheels'}"]
    pip = sam.program().with_name("pip")
    run(pip, *words, f"--target={theirs.root}", f"--requirement={theirs.root / 'requirements.txt'}")
    port = registry.free_port()
    words = ["local", "start-lambda", "--warm-containers", "EAGER", "--skip-pull-image", f"--port={port}"]
    command = [str(sam.program()), *words, f"--invoke-image={space.base}"]
    with _background(command, theirs, {**theirs.environment, **sam.QUIET}, stdout=subprocess.DEVNULL):
        _until_served(space, port, '"version"')
        yield port


def _served(space: Space, theirs: Contender, port: int) -> float:
    sleep(_SETTLE)
    version = theirs.edit()
    start = perf_counter()
    _until_served(space, port, version)
    return perf_counter() - start


def _until_served(space: Space, port: int, text: str) -> None:
    """Invoke the function again and again until its answer contains a text; while SAM restarts it, there is none."""
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline:
        with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", f"/2015-03-31/functions/{sam.FUNCTION}/invocations", space.event(_FUNCTION))
            if text in connection.getresponse().read().decode():
                return
        sleep(0.02)
    raise RuntimeError(f"sam local start-lambda does not answer {text}")


@contextmanager
def _background(
    words: list[str], contender: Contender, environment: dict[str, str], stdout: int
) -> Iterator[subprocess.Popen[str]]:
    """Run a program during the block, and end it as Ctrl-C does."""
    log = contender.root.with_suffix(".log")  # beside what SAM watches
    with (
        log.open("w") as errors,
        subprocess.Popen(
            words,
            cwd=contender.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        except BaseException as error:
            error.add_note(log.read_text())
            raise
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
