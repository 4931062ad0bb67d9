"""The answers file: what a project was last rendered from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scaffold.errors import CannotDecideError
from scaffold.rendering.engine import SAFE_LOADER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def recorded_answers(root: Path) -> dict[str, Any]:
    """What the answers file of a project records, empty without one; raises CannotDecideError for a damaged one."""
    path = root / ANSWERS
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CannotDecideError(f"{path}: {error.strerror}") from error
    try:
        answers = yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - the safe loader, in C
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CannotDecideError(f"{path}: not readable as YAML; restore it from git") from error
    if not isinstance(answers, dict) or not _is_sound(answers):
        raise CannotDecideError(f"{path}: not the answers of a render; restore it from git")
    return answers


def _is_sound(answers: Mapping[str, Any]) -> bool:
    starters = answers.get("starters", [])
    return isinstance(starters, list) and all(isinstance(path, str) for path in starters)


SPEC = "lambda-image.yaml"
ANSWERS = ".copier-answers.yml"
