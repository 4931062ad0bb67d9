"""One function over many items in processes of their own: what kills a process costs the one item it had in hand."""

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

# Measured: a forked process costs about what two projects do, a spawned one, which imports anew, about twenty.
_ITEMS_FOR_ONE = {"fork": 8, "spawn": 40}
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

    `act` and its results travel between processes. Where none can be started, this one does the work. Leaving early, by
    Ctrl-C or otherwise, ends all of them.
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
    def __init__(self, item: Any) -> None:
        super().__init__()
        self.item = item


class _Pool:
    """The processes, each at the other end of a connection; `busy` says which has which item in hand."""

    def __init__(self, act: Callable[[Any], Any], method: str) -> None:
        self._act = act
        self._context: Any = multiprocessing.get_context(method)
        self._processes: dict[Any, BaseProcess] = {}
        self._ready: set[Any] = set()
        self._idle: list[Any] = []
        self.busy: dict[Any, Any] = {}

    def submit(self, item: Any) -> None:
        """Hand an item to a process that is free, or to a new one. Raises _StillbornError if there can be none."""
        while self._idle:
            connection = self._idle.pop()
            try:
                connection.send(item)
            except OSError:  # it died while it was idle: the item is none the worse
                self._reap(connection)
            else:
                self.busy[connection] = item
                return
        try:
            connection = self._start()
        except OSError:  # no more processes, or no more files
            raise _StartError(item) from None
        self.busy[connection] = item
        with suppress(OSError):  # `receive` will see it
            connection.send(item)

    def receive(self, connection: Any) -> Iterator[tuple[Any, Any]]:
        """Give what a process made of its item, None if it died over it, or nothing if it only says that it is there.

        Raises _StillbornError, with the item, if it died before that.
        """
        item = self.busy[connection]
        try:
            result = connection.recv()
        except (EOFError, OSError, UnpicklingError):
            stillborn = connection not in self._ready
            self._reap(connection)
            if stillborn:
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
        # Blocked until the process ignores it: Ctrl-C reaches all of them, and this one alone answers.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()  # so that the end of the process is the end of the connection
        self._processes[ours] = process
        return ours

    def _reap(self, connection: Any) -> None:
        process = self._processes.pop(connection)
        self.busy.pop(connection, None)
        connection.close()
        process.kill()
        process.join()

    def close(self) -> None:
        """End all of them, busy or not."""
        for connection in list(self._processes):
            self._reap(connection)


def _serve(connection: Any, act: Callable[[object], object], parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with suppress(EOFError, OSError):
        connection.send(None)  # "ready"
        while True:
            # A sibling may hold the parent's end of the connection open: its death does not show there.
            while not connection.poll(_PATIENCE):
                if os.getppid() != parent:
                    return
            connection.send(act(connection.recv()))
