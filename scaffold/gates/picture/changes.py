"""What changed from one image to another. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scaffold.gates.preflight.subject import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scaffold.gates.picture.facts import Picture
    from scaffold.gates.preflight.subject import Subject
    from scaffold.oci.layer import LayerEntry


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file that differs: its sizes, None where it is not there."""

    path: str
    old: int | None
    new: int | None

    @property
    def kind(self) -> str:
        """How it differs."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed from an old image: the layers that it lacks, and their unpacked size; files, largest first.

    `settings` names the settings that differ, without values.
    """

    old: str
    old_size: int
    layers: tuple[int, ...]
    size: int
    files: tuple[Change, ...]
    settings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return asdict(self) | {"files": [asdict(row) | {"kind": row.kind} for row in self.files]}


def compare(old: Subject, new: Subject, picture: Picture) -> Comparison:
    """Return what changed."""
    has = set(old.facts.diff_ids)
    lacks = [number for number, layer in enumerate(new.facts.diff_ids, 1) if layer not in has]
    before, after = _files(old), _files(new)
    changes = [
        Change(path=path, old=_size(before.get(path)), new=_size(after.get(path)))
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    ]
    return Comparison(
        old=old.facts.reference,
        old_size=total(old.layers),
        layers=tuple(lacks),
        size=sum(picture.layers[number - 1].size for number in lacks),
        files=tuple(sorted(changes, key=lambda row: (-abs((row.new or 0) - (row.old or 0)), row.path))),
        settings=tuple(_settings(old, new)),
    )


def _files(subject: Subject) -> dict[str, LayerEntry]:
    return {path: row.entry for path, row in subject.files.items() if row.entry and row.entry.kind != "folder"}


def _size(entry: LayerEntry | None) -> int | None:
    return None if entry is None else entry.size


def _settings(old: Subject, new: Subject) -> Iterable[str]:
    one, two = old.facts, new.facts
    pairs: Sequence[tuple[str, object, object]] = (
        ("the platform", one.platform, two.platform),
        ("the entry point", one.entrypoint, two.entrypoint),
        ("the command", one.command, two.command),
        ("the working directory", one.working_directory, two.working_directory),
        ("the user", one.user, two.user),
    )
    yield from (name for name, before, after in pairs if before != after)
    for what, before, after in (
        ("the variable", one.environment, two.environment),
        ("the label", one.labels, two.labels),
    ):
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"{what} {name}"
