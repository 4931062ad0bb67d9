"""Progress on a terminal, and concurrent requests to registries."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator


_THREADS = 8
_SECONDS = 0.2
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def map_concurrently(act: Callable[[_Item], _Result], items: Collection[_Item], what: str) -> list[_Result]:
    """Return the result of `act` for each item, in order; several calls run at the same time.

    An exception, such as Ctrl-C, does not wait for running calls.
    """
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(_THREADS)
    try:
        return list(progress(pool.map(act, items), len(items), what))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def progress(items: Iterable[_Item], total: int, what: str) -> Iterator[_Item]:
    """Yield the items, and count them on a terminal from the second on; `what` names them, such as "projects"."""
    if not sys.stderr.isatty():
        yield from items
        return
    try:
        for number, item in enumerate(items, start=1):
            if number > 1:
                print(f"\r{number} of {total} {what}", end="", file=sys.stderr, flush=True)
            yield item
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def megabytes(what: str) -> Callable[[int, int | None], None]:
    """Return a function that shows a download on a terminal, given the bytes so far and in total, None if unknown."""
    if not sys.stderr.isatty():
        return lambda _here, _all: None
    shown = 0.0

    def show(here: int, of: int | None) -> None:
        nonlocal shown
        if here == of or time.monotonic() - shown > _SECONDS:
            shown = time.monotonic()
            amount = f"{here / 2**20:.1f}" + (f" of {of / 2**20:.1f}" if of else "")
            print(f"\r\x1b[K{what}: {amount} MB", end="\n" if here == of else "", file=sys.stderr, flush=True)

    return show
