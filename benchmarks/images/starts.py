"""Cold starts: the first answer through the emulator, with half a processor and within Lambda's limits."""

from __future__ import annotations

import json
from time import perf_counter, sleep
from typing import TYPE_CHECKING

import daemon
from builds import SECONDS, against_better
from emulated import Function
from measure import medians

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from space import Space
    from table import Row

_LIMITS = {
    "nano_cpus": 500_000_000,
    "mem_limit": "512m",
    "read_only": True,
    "tmpfs": {"/tmp": "mode=1777"},
    "user": "993:990",
    "ports": {"8080/tcp": ("127.0.0.1", None)},
}


def first_answer(space: Space) -> Iterator[Row]:
    """The first invocation includes the start of the runtime, as the emulator starts it only then."""
    for function in ("plain", "pandas"):
        contenders = {"ours": space.ours(function), **{name: space.rival(function, name) for name in ("five", "sam")}}
        for contender in contenders.values():
            contender.build()()
        event = json.loads(space.event(function))
        answers = {name: _first(contender.image, event) for name, contender in contenders.items()}
        times = medians(answers, rounds=max(space.rounds, 9))  # short, and at the mercy of other load
        yield against_better(times, name=f"First answer on half a processor, {function}", bound=1.05, form=SECONDS)


def _first(image: str, event: object) -> Callable[[], float]:
    def measure() -> float:
        with daemon.container(image, **_LIMITS) as container:
            container.start()
            function = Function(daemon.port(container))
            function.wait()
            sleep(0.3)  # the processor time that the container's start used counts for no longer than this
            start = perf_counter()
            answer = function.invoke(event)
            seconds = perf_counter() - start
        if "answer" not in answer.json():
            raise RuntimeError(f"{image}: {answer.body}")
        return seconds

    return measure
