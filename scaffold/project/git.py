"""What git holds: exact bytes that could be had back from the index or from HEAD, and what differs from them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Nothing the repository configures is run, nothing is fetched, no lock is left. Hooks and the file-system monitor are
# programs a repository names; a partial clone would ask its remote for a missing object.
_GIT = (
    "git",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "--no-replace-objects",
)
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
# Set by git for its hooks, or by a user for another repository; where the project lies decides which one is meant.
_ELSEWHERE = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}


def held(root: Path, wanted: Mapping[str, bytes]) -> set[str]:
    """Which of the paths hold bytes that git has too, as that path's entry in the index or in HEAD.

    The bytes are compared as they are: no filter and no change of line ends is applied. One call answers for all paths;
    no git, no repository and an object that is not there all mean not held.
    """
    paths = [path for path in wanted if "\n" not in path]
    # Paths are objects to look up, given on standard input: none of them is ever an argument.
    questions = "".join(f"{side}:./{path}\n" for path in paths for side in ("", "HEAD"))
    answers = (_run(root, ["cat-file", "--batch-check"], questions) or "").split("\n")[:-1] if paths else []
    if len(answers) != 2 * len(paths):
        return set()
    return {
        path
        for path, *entries in zip(paths, answers[::2], answers[1::2], strict=True)
        if any(_is_blob(entry, wanted[path]) for entry in entries)
    }


def differing(root: Path) -> dict[str, str]:
    """The paths at or below `root` that differ from HEAD, with the two letters `git status` has for each.

    A file without history has the letters `??`; an ignored one is left out. Raises CannotDecideError where git does not
    answer.
    """
    words = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none"]
    prefix, listed = _run(root, ["rev-parse", "--show-prefix"]), _run(root, [*words, "--", "."])
    if prefix is None or listed is None:
        raise CannotDecideError("not in a git repository; make it one: git init, git add ., git commit")
    # The paths are those of the repository, which the project may be a folder of.
    return {entry[3:].removeprefix(prefix.rstrip("\n")): entry[:2] for entry in listed.split("\0") if entry}


def _run(root: Path, words: Sequence[str], questions: str = "") -> str | None:
    """What git answers; none if it fails."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | _ENVIRONMENT
    try:
        answer = subprocess.run(
            [*_GIT, *words],
            cwd=root,
            env=environment,
            input=questions.encode(),
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.decode(errors="replace") if answer.returncode == 0 else None


def _is_blob(entry: str, content: bytes) -> bool:
    import hashlib

    identifier, _, rest = entry.partition(" ")
    algorithm = {40: "sha1", 64: "sha256"}.get(len(identifier))
    if algorithm is None or not rest.startswith("blob "):
        return False
    return (
        hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == identifier
    )
