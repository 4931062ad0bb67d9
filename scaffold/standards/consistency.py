"""Cross-checks of a standards file that JSON Schema cannot express."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from scaffold.standards.model import NO_DAY, Builder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.documents.document import Document
    from scaffold.findings.finding import Finding
    from scaffold.rendering.engine import Engine
    from scaffold.standards.model import Base, Standards
    from scaffold.standards.waivers import Waiver


LONGEST_WAIVER = timedelta(days=90)


def inconsistencies(document: Document, standards: Standards, engine: Engine) -> Iterator[Finding]:
    """Yield every inconsistency in standards that are valid by the schema."""
    yield from _about_foundations(document, standards, engine)
    yield from _about_builders(document, standards, engine)
    for (section, name), image in standards.images.items():
        yield from _about_days(document, (section, name, "superseded"), image.superseded)
    for index, waiver in enumerate(standards.waivers):
        yield from _about_waiver(document, ("waivers", index), waiver, standards.waivers[:index])


def _about_foundations(document: Document, standards: Standards, engine: Engine) -> Iterator[Finding]:
    systems, runtimes = engine.table("systems"), engine.table("runtimes")
    defaults: dict[tuple[str, ...], str] = {}
    for base in standards.foundations:
        name, builder = base.name, isinstance(base, Builder)
        section, kind = ("builds", "builder") if builder else ("bases", "base")
        here = (section, name)
        own = base.languages if isinstance(base, Builder) else ()
        managers = base.managers if isinstance(base, Builder) else ()
        yield from _about_names(document, here, base)
        if base.system not in systems:
            yield document.finding(
                "unknown-system", f"{base.system} is not a system in the catalogue", path=(*here, "system")
            )
        for index, runtime in enumerate(base.runtimes):
            at = (*here, "runtimes", index)
            if runtime not in runtimes:
                yield document.finding("unknown-runtime", f"{runtime} is not a runtime in the catalogue", path=at)
            pairs = [(language, manager) for language in own or ("",) for manager in managers or ("",)]
            served = [(section, runtime, *pair) for pair in pairs] if base.default else []
            for other in {defaults.setdefault(key, name) for key in served} - {name}:
                message = f"{other} is already the default {kind} of {runtime}"
                yield document.finding("two-defaults", message, path=at, fix="Only one of them can be the default.")
        others = standards.builds if builder else standards.bases
        if base.replaced_by and (base.replaced_by == name or base.replaced_by not in others):
            message = f"{base.replaced_by} is not another {kind} in these standards"
            yield document.finding("unknown-base", message, path=(*here, "replaced_by"))
        if base.supported_until == NO_DAY:
            yield _no_day(document, (*here, "supported_until"))


def _about_names(document: Document, here: tuple[str, ...], base: Base | Builder) -> Iterator[Finding]:
    """Yield what is wrong with the tag of an image, or with a row for the empty image, which has none."""
    if base.empty:
        given = {"tag": base.tag, "digests": base.digests, "diff_ids": base.diff_ids, "index": base.index}
        for key in [key for key, value in given.items() if value]:
            yield document.finding("no-effect", f"{base.image} has no {key}", path=(*here, key), fix="Remove it.")
    elif not base.tag:
        yield document.finding("missing-key", "tag is missing", path=here, key=True)


def _about_builders(document: Document, standards: Standards, engine: Engine) -> Iterator[Finding]:
    languages = engine.table("languages")
    for name, builder in standards.builds.items():
        here = ("builds", name)
        if name in standards.bases:
            message = f"{name} is also the name of a base"
            yield document.finding("repeated", message, path=here, key=True, fix="Give each a different name.")
        for index, language in enumerate(builder.languages):
            if language not in languages:
                message = f"{language} is not a language in the catalogue"
                yield document.finding("unknown-language", message, path=(*here, "languages", index))


def _about_days(document: Document, here: tuple[str, ...], days: Mapping[str, Mapping[str, date]]) -> Iterator[Finding]:
    for architecture, row in days.items():
        yield from (_no_day(document, (*here, architecture, name)) for name, day in row.items() if day == NO_DAY)


def _about_waiver(
    document: Document, here: tuple[str | int, ...], waiver: Waiver, earlier: tuple[Waiver, ...]
) -> Iterator[Finding]:
    days = {"issued": waiver.issued, "expires": waiver.expires}
    wrong = [_no_day(document, (*here, key)) for key, day in days.items() if day == NO_DAY]
    yield from wrong
    if not wrong and not waiver.issued <= waiver.expires <= waiver.issued + LONGEST_WAIVER:
        message = f"a waiver is valid for at most {LONGEST_WAIVER.days} days, and must not expire before it is issued"
        yield document.finding(
            "waiver-too-long", message, path=(*here, "expires"), fix="Fix the finding, or request another waiver."
        )
    misplaced = bool(waiver.image and waiver.content)
    if bool(waiver.image) == bool(waiver.file) or bool(waiver.file) != bool(waiver.repository) or misplaced:
        message = "a waiver must name a file in a repository, or an image"
        yield document.finding(
            "waiver-scope", message, path=(*here, "scope"), fix="Give `repository` and `file`, or only `image`."
        )
    if waiver.requested_by and waiver.requested_by == waiver.approved_by:
        message = "the person who requested a waiver cannot approve it"
        yield document.finding("waiver-self-approved", message, path=(*here, "approved_by"))
    if any(_scope(other) == _scope(waiver) for other in earlier):
        yield document.finding("repeated", "this waiver is a duplicate", path=here, fix="Remove one.")


def _scope(waiver: Waiver) -> tuple[str, ...]:
    return (waiver.rule, waiver.repository, waiver.file, waiver.content, waiver.image)


def _no_day(document: Document, path: tuple[str | int, ...]) -> Finding:
    return document.finding("invalid-value", "the date does not exist", path=path)
