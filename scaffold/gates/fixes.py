"""Writes into a spec the fixes that findings carry as data, as far as the spec stays as valid as it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scaffold.documents.document import parse
from scaffold.documents.edit import edit
from scaffold.documents.removal import remove
from scaffold.errors import CannotDecideError
from scaffold.project.answers import SPEC
from scaffold.project.apply import replace
from scaffold.rendering import validation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Edit, Finding
    from scaffold.rendering.engine import Engine

_ROUNDS = 5


def fix(root: Path, judge: Callable[[Path], Sequence[Finding]], engine: Engine) -> list[Edit]:
    """Write the fixes of a project's findings into its spec at once, and return those that were written.

    `judge` returns the findings about a project; what they say after a fix may be fixed, too. A fix that would cause
    another finding about the spec is left out. Raises RefusedError if the spec was changed meanwhile, InvalidInputError
    and CannotDecideError if it cannot be read or written.
    """
    done: list[Edit] = []
    for _ in range(_ROUNDS):
        document = validation.read(root / SPEC)
        if document.value is None:
            break
        after, edits = _fixed(document, judge(root), engine)
        if not edits:
            break
        replace(root / SPEC, before=document.text.encode(), after=after.encode())
        done += edits
    return done


def _fixed(document: Document, found: Sequence[Finding], engine: Engine) -> tuple[str, list[Edit]]:
    wanted = dict.fromkeys(edit for row in found if row.waiver is None for edit in row.edits)
    # Removals last, from the end: the indexes of all other paths stay.
    removals = sorted((row for row in wanted if row.value is None), key=lambda row: _order(row.path), reverse=True)
    done = []
    for change in [*(row for row in wanted if row.value is not None), *removals]:
        try:
            text = _with(document, change)
        except CannotDecideError:
            continue
        after = parse(text.encode(), file=document.file)
        if not _problems(after, engine) - _problems(document, engine):
            document = after
            done.append(change)
    return document.text, done


def _problems(document: Document, engine: Engine) -> Counter[tuple[str, str]]:
    return Counter((finding.code, finding.message) for finding in validation.findings(document, engine))


def _with(document: Document, change: Edit) -> str:
    if change.value is None:
        return remove(document, change.path)
    value: Any = change.value
    for part in reversed(change.path):
        value = {part: value}
    return edit(document, value)


def _order(path: KeyPath) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (0, part) for part in path]
