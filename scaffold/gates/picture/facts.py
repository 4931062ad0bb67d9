"""The facts of a picture. Pure."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scaffold.gates.preflight import secrets, start
from scaffold.gates.preflight.subject import below, every_entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.gates.image_facts import BaseMatch
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.preflight.table import Table

PROVED, GUESSED, UNKNOWN = "layers", "history", ""
_SHELL = re.compile(r"^(?:\|\d+ .*?)?/bin/sh -c (?:#\(nop\)\s*)?|\s*# buildkit$")
_PASSED = re.compile(
    r"/(?:lib(?:32|64|exec)?|local|share|python3[.0-9]*|(?:site|dist)-packages|node_modules|[a-z0-9_]+-linux-gnu)/$"
)
_DEEPEST, _SHALLOW = 8, 3
_MOST_OF = 0.9


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file, or a directory with everything in it, and its size."""

    path: str
    size: int


@dataclass(frozen=True, kw_only=True)
class LayerRow:
    """A layer: its number from 1, the step that made it if that is known, its unpacked size, and its largest contents.

    `edited` says that an edit of the code makes it again.
    """

    number: int
    step: str
    base: bool
    edited: bool
    size: int
    files: int
    largest: tuple[Content, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image: the names of its base, what proves them (PROVED, GUESSED or UNKNOWN), and its layers, lowest first.

    `code` is the file whose edit is meant; `own` and `inherited` are the largest contents above the base and in it.
    """

    image: str
    digest: str
    platform: str
    bases: tuple[str, ...]
    proof: str
    layers: tuple[LayerRow, ...]
    code: str
    own: tuple[Content, ...]
    inherited: tuple[Content, ...]

    @property
    def size(self) -> int:
        """The unpacked size of all layers, which Lambda limits."""
        return sum(layer.size for layer in self.layers)

    @property
    def base_size(self) -> int:
        """The unpacked size of the layers of the base."""
        return sum(layer.size for layer in self.layers if layer.base)

    @property
    def edit_size(self) -> int:
        """The unpacked size of the layers that an edit of the code makes again."""
        return sum(layer.size for layer in self.layers if layer.edited)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        sizes = {"size": self.size, "base_size": self.base_size, "edit_size": self.edit_size}
        return asdict(self) | {"proof": self.proof or None, "code": self.code or None} | sizes


def of(subject: Subject, match: BaseMatch) -> Picture:
    """Return the picture of an image whose layers were read."""
    code, first = _code(subject)
    steps = [text for text, made_layer in subject.facts.history if made_layer]
    known = len(steps) == len(subject.layers)
    rows = []
    for number, layer in enumerate(subject.layers):
        files = {path: entry.size for _, path, entry in every_entry([layer]) if entry.kind == "file"}
        row = LayerRow(
            number=number + 1,
            step=step_of(subject.table, steps[number]) if known else "",
            base=number < subject.base,
            edited=first is not None and number >= first,
            size=sum(files.values()),
            files=len(files),
            largest=tuple(largest(files, 3)),
        )
        rows.append(row)
    own = {path: entry.size for path, entry in subject.own.items() if entry.kind == "file"}
    inherited = {
        path: row.entry.size
        for path, row in subject.files.items()
        if row.entry and row.entry.kind == "file" and row.layer < subject.base
    }
    return Picture(
        image=subject.facts.reference,
        digest=subject.facts.digest,
        platform=subject.facts.platform,
        bases=match.names,
        proof=PROVED if match.bases else GUESSED if subject.base else UNKNOWN,
        layers=tuple(rows),
        code=code,
        own=tuple(largest(own, 12)),
        inherited=tuple(largest(inherited, 6)),
    )


def _code(subject: Subject) -> tuple[str, int | None]:
    """Return the file whose edit is meant, and the number of the lowest layer that it makes again.

    It is the handler, or else the last file that was added to the task root, or the entry point.
    """
    path = start.handler_file(subject)
    if not path:
        roots = [subject.task_root] if subject.task_root != "/" else []
        inside = [name for name, entry in subject.own.items() if entry.kind == "file" and below(name, roots)]
        program = subject.program(subject.facts.entrypoint[0]) if subject.facts.entrypoint else None
        inside = inside or ([program[0]] if program and program[0] in subject.own else [])
        path = max(inside, key=lambda name: subject.files[name].layer, default="")
    return path, subject.files[path].layer if path in subject.own else None


def step_of(table: Table, text: str) -> str:
    """Return a step of the history as its Dockerfile has it, without secrets."""
    plain = _SHELL.sub("", text.removeprefix("RUN "))
    plain = _SHELL.sub("", plain)
    shell = text.startswith("RUN ") or ("/bin/sh -c" in text and "#(nop)" not in text)
    return secrets.redacted(table, " ".join(f"{'RUN ' if shell else ''}{plain}".split()))


def largest(files: Mapping[str, int], most: int) -> list[Content]:
    """Return the largest files and directories; a directory that is only on the way to others is left out."""
    sizes: dict[str, int] = {}
    inside: dict[str, set[str]] = {}
    for path, size in files.items():
        parts = path.split("/")
        for depth in range(1, min(len(parts), _DEEPEST) + 1):
            name = "/".join(parts[:depth]) + ("/" if depth < len(parts) else "")
            sizes[name] = sizes.get(name, 0) + size
            if depth > 1:
                inside.setdefault("/".join(parts[: depth - 1]) + "/", set()).add(name)
    chosen, waiting = [], ["/"] if files else []
    while waiting:
        path = waiting.pop()
        within = inside.get(path, set())
        if _on_the_way(path) or (within and max(sizes[name] for name in within) >= _MOST_OF * sizes[path]):
            waiting += within
        else:
            chosen.append(path)
    ordered = sorted(chosen, key=lambda path: (-sizes[path], path))[:most]
    return [Content(path=path, size=sizes[path]) for path in ordered if sizes[path]]


def _on_the_way(path: str) -> bool:
    return path.endswith("/") and (path.count("/") <= _SHALLOW or bool(_PASSED.search(path)))
