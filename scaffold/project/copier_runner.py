"""Runs Copier, to ask the template's questions and to move a project to a newer template."""

from __future__ import annotations

import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.locations import PARTS, template_root
from scaffold.project import changes, files
from scaffold.project import git as project_git
from scaffold.project.answers import ANSWERS, SPEC, recorded_answers
from scaffold.project.apply import apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MARKER = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
_KINDS = {"?": "create", "A": "create", "D": "remove"}


@dataclass(frozen=True, kw_only=True)
class Update:
    """The result of an update: `before` and `after` are versions of the template, as Copier names them.

    `files` maps each changed path to the kind of change; `unmerged` are the paths with conflicts.
    """

    before: str
    after: str
    files: dict[str, str]
    unmerged: list[str]

    def text(self, root: Path) -> str:
        """Return the result for people."""
        lines = [f"{root}: {self.before} -> {self.after}, {len(self.files)} changed"]
        return "\n".join([*lines, *(f"  {kind} {path}" for path, kind in self.files.items())]) + "\n"

    def row(self, root: Path) -> dict[str, Any]:
        """Return the result as a JSON value."""
        changed = [{"path": path, "kind": kind} for path, kind in self.files.items()]
        return {
            "project": str(root),
            "from": self.before,
            "to": self.after,
            "files": changed,
            "unmerged": self.unmerged,
        }


def answer(
    dest: Path, *, data: Sequence[str], data_file: Path | None, defaults: bool, known: Mapping[str, Any] | None = None
) -> None:
    """Write the first spec of a project into `dest`.

    Asks for everything that `data` (KEY=VALUE arguments), `data_file` (YAML) and otherwise `known`, keys of the spec,
    do not answer, or uses the `defaults`.
    Copier renders into a temporary directory, so that an invalid or interrupted answer leaves nothing behind. Raises
    InvalidInputError with Copier's message.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, draft = Path(folder) / "template", Path(folder) / (dest.resolve().name or "my-function")
        _stage(source)
        _copy(source, draft, {**(known or {}), **_given(data, data_file)}, defaults=defaults)
        dest.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(draft / SPEC, dest / SPEC)


def _stage(target: Path) -> None:
    """Copy the template out of a checkout, because Copier would use a git repository's newest tag instead."""
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
        except KeyboardInterrupt:  # while Copier asks a question, its own interrupt is an Exception too
            raise KeyboardInterrupt from None
        except (CopierError, ValueError) as error:
            raise InvalidInputError(_plain(str(error))) from error


def update(root: Path, *, version: str = "") -> Update:
    """Move the project in `root` to the newest version of its template, or to this one, by Copier's own update.

    Raises CannotDecideError for a project with uncommitted changes, which would be mixed with those of the update, and
    with Copier's message if the update fails.
    """
    if changed := sorted(project_git.differing(root)):
        names = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
        raise CannotDecideError(f"commit or stash your changes first ({names})")
    before = recorded_answers(root)
    if not before.get("_commit"):
        raise CannotDecideError(f"{ANSWERS} does not record the template's version")
    _update(root, version)
    letters = project_git.differing(root)
    done = {path: _KINDS.get(both.strip()[:1], "update") for path, both in letters.items()}
    unmerged = [path for path, kind in done.items() if kind != "remove" and _is_unmerged(root / path, letters[path])]
    after = before if ANSWERS in unmerged else recorded_answers(root)
    removed = _remove_what_is_no_longer_generated(root, before, after)
    done = dict(sorted((done | dict.fromkeys(removed, "remove")).items()))
    return Update(before=str(before["_commit"]), after=str(after.get("_commit", "")), files=done, unmerged=unmerged)


def _update(root: Path, version: str) -> None:
    import copier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Files that are no longer generated are removed below, so the answers need not list them.
            nothing: dict[str, Any] = {"generated": []}
            copier.run_update(root, data=nothing, vcs_ref=version or None, defaults=True, overwrite=True, quiet=True)
        except Exception as error:  # Copier passes on exceptions of git, Jinja and YAML
            reason = getattr(error, "stderr", "") or str(error)
            lines = [line.strip() for line in reason.splitlines() if line.strip()]
            reason = " ".join(lines) or type(error).__name__
            raise CannotDecideError(f"Copier cannot update it: {reason}") from error


def _remove_what_is_no_longer_generated(
    root: Path, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterable[str]:
    """Remove files that the newer template does not produce. Copier keeps them; git has them, as all was committed."""
    earlier = {*before.get("generated", []), *before.get("left_over", [])}
    paths = sorted(earlier - {SPEC, *after.get("generated", earlier), *after.get("starters", [])})
    with files.explained("read", root), files.opened(root) as tree:
        found = {path: files.look(tree, path).content for path in paths}
    removals = [changes.removal(path, content) for path, content in found.items() if content is not None]
    apply(root, removals)
    return [change.path for change in removals]


def _is_unmerged(path: Path, letters: str) -> bool:
    if "U" in letters or letters in {"AA", "DD"} or path.suffix == ".rej":
        return True
    return path.is_file() and bool(_MARKER.search(path.read_bytes()))


def _plain(message: str) -> str:
    """Return Copier's message without the internal file name with which it starts."""
    _, sign, problems = message.partition("\n- ")
    return f"these answers are not valid:\n- {problems}" if sign else message
