"""What the standards say of their images, compared with what a registry says, and written into their file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from scaffold.documents.edit import edit
from scaffold.findings.finding import Finding
from scaffold.oci import inspect
from scaffold.oci.image import chain_ids
from scaffold.oci.names import mirrored
from scaffold.standards.model import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scaffold.documents.document import Document
    from scaffold.oci.image import ImageFacts
    from scaffold.standards.model import Image

Pinned: TypeAlias = "str | tuple[str, ...]"


@dataclass(frozen=True, kw_only=True)
class PinChange:
    """One value of the standards that is another one now; `old` is None where there was none.

    `section` and `name` say which image, `key` is `digests` or `diff_ids`.
    """

    section: str
    name: str
    key: str
    architecture: str
    old: Pinned | None
    new: Pinned


def look(image: Image, mirrors: Mapping[str, str]) -> list[ImageFacts]:
    """What the registry has now. A withdrawn base stays what it was: it is asked for by its digests, if it has any."""
    if isinstance(image, Base) and image.withdrawn:
        references = [f"{image.image}@{digest}" for digest in image.digests.values()]
    else:
        references = [f"{image.image}:{image.tag}"]
    return [facts for name in references for facts in inspect.read(mirrored(name, mirrors), where=inspect.REMOTE)]


def compare(
    section: str, name: str, image: Image, found: Sequence[ImageFacts], platforms: Mapping[str, str]
) -> tuple[list[PinChange], list[Finding]]:
    """What has to be written for one image, or what is wrong with it: then nothing is."""
    if isinstance(image, Base) and image.withdrawn and not image.digests:
        return [], []
    here = f"{section}.{name}"
    told: list[Finding] = []
    moves: list[PinChange] = []
    if triggers := [trigger for facts in found for trigger in facts.on_build]:
        message = f"{here}: the image has ONBUILD, which runs in every build on it: {triggers[0]}"
        told.append(Finding(code="onbuild", message=message, fix="Build the base without ONBUILD."))
    for architecture, platform in platforms.items():
        there = [facts for facts in found if facts.platform == platform]
        if len({facts.digest for facts in there}) > 1:
            message = f"{here}: the registry has {len(there)} images for {platform} under one tag"
            told.append(Finding(code="ambiguous-platform", message=message, fix="Push one image for each platform."))
        elif there:
            told += _broken(here, image, there[0]) if isinstance(image, Base) else []
            moves += _moves(section, name, architecture, image, there[0])
        elif architecture in image.digests:
            message = f"{here}: the tag {image.tag} has no image for {platform} any more"
            told.append(Finding(code="lost-platform", message=message, fix="Remove its digest, or push it again."))
    if not any(facts.platform in platforms.values() for facts in found):
        message = f"{here}: the registry has no image for {' or '.join(platforms.values())}"
        told.append(Finding(code="wrong-platform", message=message, fix="Push one for a platform of Lambda."))
    return ([], told) if told else (moves, [])


def _broken(here: str, base: Base, facts: ImageFacts) -> Iterator[Finding]:
    """What the standards promise of a base and its image does not have. Of its packages nobody knows from outside."""
    promised: dict[str, object] = {f"variable {name}": text for name, text in base.environment.items()}
    found: dict[str, object] = {f"variable {name}": text for name, text in facts.environment.items()}
    if base.entrypoint:
        promised["entry point"], found["entry point"] = list(base.entrypoint), list(facts.entrypoint)
    for what, value in promised.items():
        if found.get(what) != value:
            message = f"{here}: the standards promise the {what} as {value!r}, and the image has {found.get(what)!r}"
            fix = "Write what the image has, and look whether `packages` is right, too."
            yield Finding(code="broken-promise", message=message, fix=fix)


def _moves(section: str, name: str, architecture: str, image: Image, facts: ImageFacts) -> list[PinChange]:
    rows: list[tuple[str, Pinned | None, Pinned]] = [("digests", image.digests.get(architecture), facts.digest)]
    if isinstance(image, Base):
        rows.append(("diff_ids", image.diff_ids.get(architecture), facts.diff_ids))
    return [
        PinChange(section=section, name=name, key=key, architecture=architecture, old=old, new=new)
        for key, old, new in rows
        if old != new
    ]


def rewritten(document: Document, moves: Iterable[PinChange], today: date) -> str:
    """The text of the standards with the moves made on a day, and nothing else changed.

    What an image was until then stays known, so that what is on it is told from what is on a stranger's. Raises
    CannotDecideError where the file cannot be edited.
    """
    changes: dict[str, Any] = {}
    for move in moves:
        entry = changes.setdefault(move.section, {}).setdefault(move.name, {})
        entry.setdefault(move.key, {})[move.architecture] = move.new
        if move.old:
            days = entry.setdefault("superseded", {}).setdefault(move.architecture, {})
            days[one_digest(move.old)] = today.isoformat()
    return edit(document, changes)


def one_digest(pinned: Pinned) -> str:
    """The one digest that says what an image was: its own, or of layers their chain id."""
    return pinned if isinstance(pinned, str) else list(chain_ids(pinned))[-1]
