"""Compares the standards with the registries, and computes the new text of the standards file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from scaffold.documents.edit import edit
from scaffold.findings.finding import Finding
from scaffold.oci import inspect
from scaffold.oci.image import chain_ids
from scaffold.oci.names import mirrored
from scaffold.standards.model import Base, Foundation
from scaffold.standards.rules import on_build
from scaffold.standards.rules import platform as platform_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scaffold.documents.document import Document
    from scaffold.oci.image import ImageFacts
    from scaffold.standards.model import Image

Pinned: TypeAlias = "str | tuple[str, ...]"


@dataclass(frozen=True, kw_only=True)
class PinChange:
    """One value in the standards that differs from the registry; `old` is None if there was none.

    `section` and `name` identify the image, `key` is `digests`, `diff_ids`, or `index`, which has no architecture.
    """

    section: str
    name: str
    key: str
    architecture: str
    old: Pinned | None
    new: Pinned


def look(image: Image, mirrors: Mapping[str, str]) -> list[ImageFacts]:
    """Return the image in the registry, which has none for an empty base.

    A withdrawn base never changes, so it is looked up by its digests, if any.
    """
    if image.empty:
        return []
    if _is_withdrawn(image):
        references = [f"{image.image}@{digest}" for digest in image.digests.values()]
    else:
        references = [image.tagged]
    return [facts for name in references for facts in inspect.read(mirrored(name, mirrors), where=inspect.REMOTE)]


def _is_withdrawn(image: Image) -> bool:
    return isinstance(image, Foundation) and image.withdrawn


def compare(
    section: str, name: str, image: Image, found: Sequence[ImageFacts], platforms: Mapping[str, str]
) -> tuple[list[PinChange], list[Finding]]:
    """Return the changes for one image or, if anything is wrong with it, the findings and no changes."""
    if image.empty or (_is_withdrawn(image) and not image.digests):
        return [], []
    here = f"{section}.{name}"
    findings: list[Finding] = []
    changes: list[PinChange] = []
    wrong = list(on_build.violations([trigger for facts in found for trigger in facts.on_build]))
    for architecture, platform in platforms.items():
        there = [facts for facts in found if facts.platform == platform]
        if len({facts.digest for facts in there}) > 1:
            message = f"{here}: the registry has {len(there)} images for {platform} under one tag"
            findings.append(Finding(code="ambiguous-platform", message=message, fix="Push one image per platform."))
        elif there:
            findings += _broken(here, image, there[0]) if isinstance(image, Base) else []
            changes += _changes(section, name, architecture, image, there[0])
        elif architecture in image.digests:
            message = f"{here}: the tag {image.tag} no longer has an image for {platform}"
            findings.append(Finding(code="lost-platform", message=message, fix="Remove its digest, or push it again."))
    changes += _index_change(section, name, image, found)
    if image.index and found and not any(facts.index for facts in found) and not _is_withdrawn(image):
        message = f"{here}: the tag {image.tag} is not an index any more"
        findings.append(Finding(code="lost-platform", message=message, fix="Remove its `index`, or push one again."))
    wrong += platform_rule.violations(list(dict.fromkeys(facts.platform for facts in found)), list(platforms.values()))
    findings += [Finding(code=row.code, message=f"{here}: {row.message}", fix=row.fix) for row in wrong]
    return ([], findings) if findings else (changes, [])


def _index_change(section: str, name: str, image: Image, found: Sequence[ImageFacts]) -> Iterator[PinChange]:
    """Yield the new digest of the index that holds the images, unless they were looked up without one."""
    index = next((facts.index for facts in found), "")
    if index and index != image.index:
        old = image.index or None
        yield PinChange(section=section, name=name, key="index", architecture="", old=old, new=index)


def _broken(here: str, base: Base, facts: ImageFacts) -> Iterator[Finding]:
    """Yield the declarations of a base that its image does not fulfil. Packages cannot be checked from outside."""
    promised: dict[str, object] = {f"variable {name}": text for name, text in base.environment.items()}
    found: dict[str, object] = {f"variable {name}": text for name, text in facts.environment.items()}
    if base.entrypoint:
        promised["entry point"], found["entry point"] = list(base.entrypoint), list(facts.entrypoint)
    for what, value in promised.items():
        if found.get(what) != value:
            message = f"{here}: the standards declare the {what} as {value!r}, and the image has {found.get(what)!r}"
            fix = "Declare the image's own value, and check `packages` too."
            yield Finding(code="broken-promise", message=message, fix=fix)


def _changes(section: str, name: str, architecture: str, image: Image, facts: ImageFacts) -> list[PinChange]:
    rows: list[tuple[str, Pinned | None, Pinned]] = [("digests", image.digests.get(architecture), facts.digest)]
    if isinstance(image, Foundation):
        rows.append(("diff_ids", image.diff_ids.get(architecture), facts.diff_ids))
    return [
        PinChange(section=section, name=name, key=key, architecture=architecture, old=old, new=new)
        for key, old, new in rows
        if old != new
    ]


def rewritten(document: Document, changes: Iterable[PinChange], today: date) -> str:
    """Return the text of the standards with these changes, made on a day, and no others, which is verified.

    Raises CannotDecideError if the file cannot be edited. Earlier values are kept under `superseded`, so that images
    built on them can be distinguished from unknown ones.
    """
    edits: dict[str, Any] = {}
    for change in changes:
        entry = edits.setdefault(change.section, {}).setdefault(change.name, {})
        if change.architecture:
            entry.setdefault(change.key, {})[change.architecture] = change.new
        else:
            entry[change.key] = change.new
        if change.old:
            days = entry.setdefault("superseded", {}).setdefault(change.architecture or change.key, {})
            days[one_digest(change.old)] = today.isoformat()
    return edit(document, edits)


def one_digest(pinned: Pinned) -> str:
    """Return the digest that identifies an earlier image: its own or, for layers, their chain ID."""
    return pinned if isinstance(pinned, str) else list(chain_ids(pinned))[-1]
