"""Runs the command line as a process that ends without a traceback on Ctrl-C or a closed standard stream."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_INTERRUPTED = 130


def program() -> "NoReturn":
    """Run the command given by the arguments, and end the process with its exit status.

    The process skips Python's own shutdown, which would wait for threads with open registry requests and could itself
    be interrupted. By then, `main` has written everything.
    """
    try:
        sys.unraisablehook = _end_if_interrupted
        _interrupt_once()
        _open_streams()
        from scaffold.cli.main import main

        os._exit(main())
    except KeyboardInterrupt:
        _end_interrupted()


def _interrupt_once() -> None:
    """Raise KeyboardInterrupt on the first Ctrl-C, ignore the second so that clean-up can finish, exit on the third.

    Some senders signal a process twice, once directly and once through its process group.
    """
    import signal

    count = 0

    def interrupt(_number: int, _frame: "FrameType | None") -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise KeyboardInterrupt
        if count > 2:
            os._exit(_INTERRUPTED)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's background job ignores it
        signal.signal(signal.SIGINT, interrupt)


def _end_if_interrupted(lost: "sys.UnraisableHookArgs") -> None:
    """End the process if Ctrl-C arrived where Python drops exceptions, such as in the callbacks of an import."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _end_interrupted()
    sys.__unraisablehook__(lost)


def _end_interrupted() -> "NoReturn":
    try:
        os.write(2, b"scaffold: interrupted\n")
    finally:
        os._exit(_INTERRUPTED)


def _open_streams() -> None:
    """Occupy the descriptors that the caller closed, lowest first, so that no other file gets their numbers.

    A closed standard output stays unwritable.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - open as long as the process runs
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


if __name__ == "__main__":
    program()
