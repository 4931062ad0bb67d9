"""A process pool in which a worker that crashes loses only the item it was processing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.process import BaseProcess

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Measured: a forked process costs about as much as two projects, a spawned one, which repeats all imports, as twenty.
_ITEMS_FOR_ONE = {"fork": 8, "spawn": 40}
_PARENT_CHECK_SECONDS = 5.0


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start_method() -> str:
    """Return `fork` if it is fast and safe, otherwise `spawn`: threads and macOS's libraries make forking unsafe."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def worthwhile(items: int) -> int:
    """Return how many processes are worth their start-up time for this many items."""
    return items // _ITEMS_FOR_ONE[start_method()]


def run(
    act: Callable[[_Item], _Result], items: Sequence[_Item], processes: int, *, method: str = ""
) -> Iterator[tuple[_Item, _Result | None]]:
    """Yield each item with the result of `act`, in the order they finish; None if the process crashed.

    `act` and its results must be picklable. If no process can be started, this one does the work. Closing the iterator,
    by Ctrl-C or otherwise, ends all of them.
    """
    waiting = list(reversed(items))
    pool = _Pool(act, method or start_method())
    try:
        while waiting or pool.busy:
            try:
                while waiting and len(pool.busy) < processes:
                    pool.submit(waiting.pop())
                for connection in wait(list(pool.busy)):
                    yield from pool.receive(connection)
            except _StartError as error:
                processes = len(pool.busy)
                yield error.item, act(error.item)
            while waiting and not processes:
                item = waiting.pop()
                yield item, act(item)
    finally:
        pool.close()


class _StartError(Exception):
    """No process could be started for an item."""

    def __init__(self, item: Any) -> None:
        super().__init__()
        self.item = item


class _Pool:
    """The processes, each at the other end of a connection; `busy` maps connections to the items being processed."""

    def __init__(self, act: Callable[[Any], Any], method: str) -> None:
        self._act = act
        self._context: Any = multiprocessing.get_context(method)
        self._processes: dict[Any, BaseProcess] = {}
        self._ready: set[Any] = set()
        self._idle: list[Any] = []
        self.busy: dict[Any, Any] = {}

    def submit(self, item: Any) -> None:
        """Send an item to an idle process, or to a new one. Raises _StartError if none can be started."""
        while self._idle:
            connection = self._idle.pop()
            try:
                connection.send(item)
            except OSError:  # the process ended while it was idle, so the item still needs one
                self._remove(connection)
            else:
                self.busy[connection] = item
                return
        try:
            connection = self._start()
        except OSError:  # no more processes, or no more files
            raise _StartError(item) from None
        self.busy[connection] = item
        with suppress(OSError):  # `receive` will notice
            connection.send(item)

    def receive(self, connection: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the item and result of a process, or None if it crashed; nothing if it only reports that it is ready.

        Raises _StartError, with the item, if it ended before it was ready.
        """
        item = self.busy[connection]
        try:
            result = connection.recv()
        except (EOFError, OSError, UnpicklingError):
            started = connection in self._ready
            self._remove(connection)
            if not started:
                raise _StartError(item) from None
            yield item, None
        else:
            if connection in self._ready:
                del self.busy[connection]
                self._idle.append(connection)
                yield item, result
            self._ready.add(connection)

    def _start(self) -> Any:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._act, os.getpid()), daemon=True)
        # Blocked until the new process ignores Ctrl-C, which is sent to all of them, and until this one can end it.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
            self._processes[ours] = process
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()  # so that the connection ends with the process
        return ours

    def _remove(self, connection: Any) -> None:
        process = self._processes.pop(connection)
        self.busy.pop(connection, None)
        connection.close()
        process.kill()
        process.join()

    def close(self) -> None:
        """End all processes, busy or not."""
        for connection in list(self._processes):
            self._remove(connection)


def _serve(connection: Any, act: Callable[[object], object], parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with suppress(EOFError, OSError):
        connection.send(None)  # "ready"
        while True:
            # Another worker may hold the parent's end of the connection open, so it can outlive the parent.
            while not connection.poll(_PARENT_CHECK_SECONDS):
                if os.getppid() != parent:
                    return
            connection.send(act(connection.recv()))
