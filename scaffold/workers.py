"""One function over many items in processes of their own: what kills a process costs the one item it had in hand."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Measured: a forked process costs about what one project does, a spawned one, which imports anew, about twenty.
_ITEMS_FOR_ONE = {"fork": 4, "spawn": 25}
_PATIENCE = 5.0


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start_method() -> str:
    """How processes start: `fork` where it is quick and safe, which threads and macOS's libraries make it not."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def worthwhile(items: int) -> int:
    """How many processes pay for their start with this many items."""
    return items // _ITEMS_FOR_ONE[start_method()]


def run(
    act: Callable[[_Item], _Result], items: Sequence[_Item], processes: int, *, method: str = ""
) -> Iterator[tuple[_Item, _Result | None]]:
    """Give each item with what `act` makes of it, as they are done; None where the process died over it.

    `act` and its results travel between processes. Leaving early, by Ctrl-C or otherwise, ends all of them.
    """
    waiting = list(reversed(items))
    crew = _Crew(act, method or start_method())
    busy: dict[Connection, _Item] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < processes:
                item = waiting.pop()
                busy[crew.give(item)] = item
            for done in wait(list(busy)):
                assert isinstance(done, Connection)  # noqa: S101 - nothing else was handed in
                yield busy.pop(done), crew.take(done)
    finally:
        crew.dismiss()


class _Crew:
    """The processes, each at the other end of a connection; `idle` are those without an item."""

    def __init__(self, act: Callable[[_Item], _Result], method: str) -> None:
        self._act = act
        self._context: Any = multiprocessing.get_context(method)
        self._processes: dict[Connection, BaseProcess] = {}
        self._idle: list[Connection] = []

    def give(self, item: object) -> Connection:
        """Hand an item to a process that is free, or to a new one."""
        while True:
            connection = self._idle.pop() if self._idle else self._hire()
            try:
                connection.send(item)
            except OSError:  # it died while it was idle: the item is none the worse
                self._bury(connection)
            else:
                return connection

    def take(self, connection: Connection) -> Any:
        """Receive what a process made of its item, or None if it died."""
        try:
            result = connection.recv()
        except (EOFError, OSError, UnpicklingError):
            self._bury(connection)
            return None
        self._idle.append(connection)
        return result

    def _hire(self) -> Connection:
        ours: Connection
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._act, os.getpid()), daemon=True)
        process.start()
        theirs.close()  # so that the end of the process is the end of the connection
        self._processes[ours] = process
        return ours

    def _bury(self, connection: Connection) -> None:
        process = self._processes.pop(connection)
        connection.close()
        process.kill()
        process.join()

    def dismiss(self) -> None:
        """End all of them, busy or not."""
        for connection in list(self._processes):
            self._bury(connection)


def _serve(connection: Connection, act: Callable[[object], object], parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them: the parent alone answers
    with suppress(EOFError, OSError):
        while True:
            # A sibling may hold the parent's end of the connection open: its death does not show there.
            while not connection.poll(_PATIENCE):
                if os.getppid() != parent:
                    return
            connection.send(act(connection.recv()))
