"""Time contenders in turns, so that other load affects all of them equally; the best time of each counts.

Processor time is compared because other load hardly affects it: these programs wait only for files.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# A child's peak memory starts at its parent's, so a small process is inserted between this one and the measured one.
_PEAK = """
import os, sys
pid = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A program to run in a directory; `before` is called before each run and not timed."""

    words: Sequence[str | Path]
    where: Path
    environment: Mapping[str, str]
    before: Callable[[], object] = field(default=lambda: None)

    def __call__(self) -> None:
        run(self)

    def prepare(self) -> None:
        self.before()


def run(command: Command, launcher: Sequence[str | Path] = ()) -> str:
    """Run a command and return its standard output; raises RuntimeError if it fails."""
    done = subprocess.run(
        [*launcher, *command.words],
        cwd=command.where,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command.words} in {command.where}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def peak_memory(command: Command) -> float:
    """Return the peak memory of a command, in megabytes."""
    return int(run(command, (sys.executable, "-S", "-c", _PEAK)).splitlines()[-1]) / 1e6


@dataclass(frozen=True, kw_only=True)
class Use:
    """Resources used by a command and its child processes: wall and processor seconds, and peak bytes."""

    clock: float
    processor: float
    memory: float


def watch(command: Command) -> Use:
    """Run a command and return the resources of all its processes; memory is measured on Linux only.

    Shared pages count once: proportional set size, from `smaps_rollup` in proc(5). Raises RuntimeError if it fails.
    """
    before, start, peak = _children_time(), perf_counter(), 0
    with subprocess.Popen(
        command.words, cwd=command.where, env=command.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_memory, _tree(process.pid))))
            sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"{command.words} in {command.where}: exit {process.returncode}")
    return Use(clock=perf_counter() - start, processor=_children_time() - before, memory=peak)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            yield from _tree(int(child))


def _memory(pid: int) -> int:
    with suppress(OSError):
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))
    return 0


def best(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, clock: Callable[[], float] | None = None
) -> dict[str, float]:
    """Return the fastest of `rounds` calls of each contender, in milliseconds, after one warm-up call.

    Processor time is measured, including children for a command, unless another `clock` is given.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            if isinstance(contender, Command):
                contender.prepare()
            now = clock or (_children_time if isinstance(contender, Command) else process_time)
            start = now()
            contender()
            elapsed = now() - start
            if number:
                seconds[name].append(elapsed)
    return {name: min(times) * 1000 for name, times in seconds.items()}


def timed(command: Command) -> Callable[[], float]:
    """Return a contender for `medians`: the wall seconds of a command, without its preparation."""

    def measure() -> float:
        command.prepare()
        start = perf_counter()
        command()
        return perf_counter() - start

    return measure


def medians(contenders: Mapping[str, Callable[[], float]], *, rounds: int, warm_up: int = 1) -> dict[str, float]:
    """Return the median of `rounds` figures of each contender, which measures itself, after calls to warm up."""
    figures = [{name: contender() for name, contender in contenders.items()} for _ in range(warm_up + rounds)][warm_up:]
    return {name: median(figure[name] for figure in figures) for name in contenders}


def _children_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
