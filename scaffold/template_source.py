"""Copier, as the package uses it: to ask the template's questions, from the template the package carries."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import InvalidInputError
from scaffold.locations import PARTS, template_root
from scaffold.project import SPEC

if TYPE_CHECKING:
    from collections.abc import Sequence


def answer(dest: Path, *, data: Sequence[str], data_file: Path | None, defaults: bool) -> None:
    """Put a first spec into `dest`.

    Asks for what `data` (KEY=VALUE words) and `data_file` (YAML) do not say, or takes the `defaults`. Copier renders
    into a folder of its own, so a wrong or interrupted answer leaves nothing behind. Raises InvalidInputError with
    Copier's words.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, draft = Path(folder) / "template", Path(folder) / (dest.resolve().name or "my-function")
        _stage(source)
        _copy(source, draft, _given(data, data_file), defaults=defaults)
        dest.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(draft / SPEC, dest / SPEC)


def _stage(target: Path) -> None:
    """Copy the template out of a checkout: Copier would take the newest tag of a git repository, not what is there."""
    for part in PARTS:
        origin = template_root() / part
        (shutil.copytree if origin.is_dir() else _copy_file)(origin, target / part)


def _copy_file(origin: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(origin, target)


def _given(data: Sequence[str], data_file: Path | None) -> dict[str, Any]:
    import yaml

    given: dict[str, Any] = {}
    if data_file is not None:
        try:
            loaded = yaml.safe_load(data_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            raise InvalidInputError(f"{data_file}: {error}") from error
        if not isinstance(loaded, dict):
            raise InvalidInputError(f"{data_file}: not a mapping of keys to values")
        given |= loaded
    for word in data:
        key, sign, value = word.partition("=")
        if not (key and sign):
            raise InvalidInputError(f"--data {word}: write KEY=VALUE, for example --data name=my-function")
        given[key] = value
    return given


def _copy(source: Path, draft: Path, given: dict[str, Any], *, defaults: bool) -> None:
    import copier
    from copier.errors import CopierError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            copier.run_copy(str(source), draft, data=given, defaults=defaults, quiet=True)
        except (CopierError, ValueError) as error:
            raise InvalidInputError(_plain(str(error))) from error


def _plain(message: str) -> str:
    """Copier's message without the name of the guard's file, which says nothing to the person who answers."""
    _, sign, problems = message.partition("\n- ")
    return f"these answers make no function:\n- {problems}" if sign else message
