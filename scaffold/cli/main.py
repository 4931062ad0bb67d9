"""Runs one command, and turns every expected failure into one message and an exit status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scaffold.cli.output import flush, print_error
from scaffold.cli.parser import parse
from scaffold.errors import ExitCode, ScaffoldError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command given by the arguments (default: the process's own), and return its exit status."""
    try:
        status = _run(sys.argv[1:] if arguments is None else arguments)
        flush()
    except ScaffoldError as error:
        from scaffold.findings.source import visible

        print_error("\n".join(visible(line) for line in f"scaffold: {error}".split("\n")))
        status = error.exit_code
        try:
            flush()
        except ScaffoldError:
            status = ExitCode.UNDECIDED
    except KeyboardInterrupt:
        print_error("scaffold: interrupted")
        status = 130
    return status


def _run(arguments: Sequence[str]) -> int:
    try:
        options = parse(arguments)
    except SystemExit:  # --help and --version
        return ExitCode.CLEAN
    run: Callable[..., int] = options.run
    return run(options)
