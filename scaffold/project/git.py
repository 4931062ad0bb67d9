"""Queries git: whether it holds exact bytes in the index or in HEAD, which paths differ from HEAD or are ignored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

# Run nothing that the repository configures, fetch nothing, leave no lock. A repository's hooks and file-system
# monitor are programs of its choice; a partial clone would fetch a missing object from its remote.
_GIT = (
    "git",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "--no-replace-objects",
)
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
# Set by git for its hooks, or by a user for another repository; the project's own location determines the repository.
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
    """Return the paths whose bytes git holds, in that path's entry in the index or in HEAD.

    Bytes are compared as they are, without filters or changes of line endings. One call covers all paths; without git,
    a repository or an object, nothing is held.
    """
    paths = [path for path in wanted if "\n" not in path]
    # Paths are object names on standard input, never command-line arguments.
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
    """Return the paths at or below `root` that differ from HEAD, with their two letters from `git status`.

    An untracked file has the letters `??`; ignored files are omitted. Raises CannotDecideError if git fails.
    """
    words = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none"]
    prefix, listed = _run(root, ["rev-parse", "--show-prefix"]), _run(root, [*words, "--", "."])
    if prefix is None or listed is None:
        raise CannotDecideError("not in a git repository; create one: git init, git add ., git commit")
    # The paths are relative to the repository, and the project may be a directory in it.
    return {entry[3:].removeprefix(prefix.rstrip("\n")): entry[:2] for entry in listed.split("\0") if entry}


def ignored(root: Path, paths: Iterable[str]) -> set[str]:
    """Return the paths that git ignores, whether or not they exist; none without git or a repository."""
    asked = [path for path in paths if "\n" not in path]
    # A pattern such as build/ matches only directories, and what does not exist is one if its name ends in a slash.
    listed = _run(root, ["check-ignore", "--stdin"], "".join(f"{path}\n{path}/\n" for path in asked)) or ""
    return {line.removesuffix("/") for line in listed.split("\n")[:-1]}


def _run(root: Path, words: Sequence[str], questions: str = "") -> str | None:
    """Return git's output, or None if it fails."""
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
