"""Runs a program that may be absent, and keeps what it says."""

from __future__ import annotations

from dataclasses import dataclass

from scaffold.findings.source import visible

_PATIENCE = 20
"""Seconds in which a program must end: an engine or a registry that is away can take for ever."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a program said: on standard output if it ended well, otherwise the last line of its errors."""

    ended_well: bool
    text: str


def run(*words: str) -> Said:
    """Run a program without input; its text is "not installed" if there is no such program."""
    import subprocess

    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_PATIENCE, text=True
        )
    except FileNotFoundError:
        return Said(ended_well=False, text="not installed")
    except (OSError, UnicodeError, subprocess.TimeoutExpired) as error:
        return Said(ended_well=False, text=f"no answer ({type(error).__name__})")
    if done.returncode == 0:
        return Said(ended_well=True, text=done.stdout.strip())
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()
    return Said(ended_well=False, text=visible(lines[-1].removeprefix("ERROR: ").strip().rstrip(".")))
