"""The answers file: the spec, template and generated files of the last render."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scaffold import reading
from scaffold.errors import CannotDecideError
from scaffold.project import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def recorded_answers(root: Path) -> dict[str, Any]:
    """Return the content of a project's answers file, empty without one. Raises CannotDecideError if it is damaged."""
    answers = _loaded(root / ANSWERS)
    if not _is_sound(answers):
        raise CannotDecideError(f"{root / ANSWERS}: not the answers of a render; restore it from git")
    return answers


def was_rendered(root: Path) -> bool:
    """Return whether a project has answers of a render of this kind of template; true if they are unreadable."""
    try:
        return _loaded(root / ANSWERS).keys() >= {"generated", "spec", "template"}
    except CannotDecideError:
        return True


def renew(root: Path) -> None:
    """Set the time of the answers file to now, which tells the project's scripts that its spec has been rendered.

    A render of a spec that was edited, in a comment for example, may change no file. A file that is not ours is left.
    """
    with suppress(OSError):
        os.utime(root / ANSWERS, follow_symlinks=False)


def _loaded(path: Path) -> dict[str, Any]:
    import yaml

    from scaffold.rendering.engine import SAFE_LOADER

    try:
        text = reading.read(path, _MOST_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CannotDecideError(f"{path}: {error.strerror}") from error
    if len(text) > _MOST_BYTES:
        raise CannotDecideError(f"{path}: larger than {_MOST_BYTES} bytes; restore it from git")
    try:
        answers = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - the safe loader, in C
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CannotDecideError(f"{path}: not valid YAML; restore it from git") from error
    if not isinstance(answers, dict):
        raise CannotDecideError(f"{path}: not the answers of a render; restore it from git")
    return answers


def _is_sound(answers: Mapping[str, Any]) -> bool:
    listed = [answers.get(key, []) for key in ("generated", "left_over", "starters")]
    if not all(isinstance(paths, list) and all(isinstance(path, str) for path in paths) for paths in listed):
        return False
    try:
        for path in [path for paths in listed for path in paths]:
            files.require_inside(path)
    except ValueError:
        return False
    return True


SPEC = "lambda-image.yaml"
ANSWERS = ".copier-answers.yml"
DOCKERFILE = "Dockerfile"
_MOST_BYTES = 4 * 1024 * 1024
