"""A project as the checks of its code see it: its plan, and where its code is on disk."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold.project.code import looks
from scaffold.rendering.validation import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.rendering.plan import Code, Plan


class Entry(NamedTuple):
    """A file or a link that is copied as code: its path on disk, in the function's directory (`to`) and in its row."""

    path: str
    to: str
    inside: str
    row: Code
    target: str | None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A project with a valid spec.

    `modules` is the language's row about handlers in the catalogue, `versions` has how files name versions of each
    language, `coming` are the files that the next render creates, and `starters` returns the bytes of the starters of
    the last render's spec, by path.
    """

    root: Path
    document: Document
    plan: Plan
    modules: Mapping[str, Any]
    versions: Mapping[str, Any]
    coming: Collection[str]
    starters: Callable[[], Mapping[str, bytes]]

    @property
    def spec(self) -> dict[str, Any]:
        """The spec's values."""
        value: Any = self.document.value
        return dict(value)

    def finding(self, code: str, message: str, key: KeyPath, fix: str) -> Finding:
        """Create a finding about the value at a path of the spec."""
        return self.document.finding(code, f"{dotted(key)}: {message}", path=key, fix=fix)

    def surely_defines(self, source: bytes, function: str) -> bool:
        """Return whether the text of a file makes it certain, without parsing it, that it defines a function."""
        pattern: str = self.modules["definition"].replace("NAME", re.escape(function))
        return re.search(pattern.encode(), source, re.MULTILINE) is not None

    def on_disk(self, path: str) -> str:
        """Return a path of the spec relative to the project's directory."""
        return looks.on_disk(self.plan, path)

    def is_coming(self, path: str) -> bool:
        """Return whether the next render creates this file, or one below this directory."""
        return any(new == path or new.startswith(f"{path}/") for new in self.coming)

    def sources(self, target: str) -> list[str]:
        """Return where on disk a file of the function's directory can come from; like template/plan/sources.jinja."""
        exact: list[str] = []
        general: list[str] = []
        for row in self.plan["code"]:
            at_top = row["to"] == "."
            if at_top or target.startswith(f"{row['to']}/"):
                inside = target if at_top else target[len(row["to"]) + 1 :]
                (general if at_top else exact).extend(_candidates(self.on_disk(row["from"]), inside))
        return exact + general

    @cached_property
    def entries(self) -> list[Entry]:
        """All files and links that are copied as code, except those that a row excludes."""
        return [entry for row in self.plan["code"] for entry in self._entries(row)]

    def _entries(self, row: Code) -> Iterator[Entry]:
        start = self.on_disk(row["from"])
        folder = posixpath.dirname(start) or "." if looks.is_pattern(start) else start
        if looks.place(self.root, folder) not in {looks.FILE, looks.DIRECTORY}:
            return
        excluded = _matcher(row["exclude"]) if row["exclude"] else None
        wanted = _matcher([posixpath.basename(start)]) if looks.is_pattern(start) else None
        for text in looks.entries(self.root, folder):
            inside, mark, target = text.partition(looks.TARGET)
            if start == "." and inside.startswith("."):
                continue
            if (excluded and excluded(inside)) or (wanted and ("/" in inside or not wanted(inside))):
                continue
            path = posixpath.normpath(posixpath.join(folder, inside))
            to = posixpath.normpath(posixpath.join(row["to"], inside or posixpath.basename(start)))
            yield Entry(path=path, to=to, inside=inside, row=row, target=target if mark else None)


def _candidates(start: str, inside: str) -> list[str]:
    """Return where a file of a row can be: below its directory, or it is the row's own file."""
    if start == ".":
        return [inside]
    if looks.is_pattern(start):
        matches = "/" not in inside and _matcher([posixpath.basename(start)])(inside)
        return [posixpath.join(posixpath.dirname(start), inside)] if matches else []
    below = [posixpath.join(start, inside)]
    return [start, *below] if posixpath.basename(start) == inside else below


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    from scaffold.project.code.patterns import matcher

    return matcher(patterns)
