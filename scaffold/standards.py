"""A standards file: the bases an organisation's functions may stand on, its rules, and the exceptions from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scaffold import report
from scaffold.document import Document
from scaffold.errors import InvalidInputError
from scaffold.validate import locate, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scaffold.engine import Engine
    from scaffold.findings import Finding

LONGEST_WAIVER = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of the standards: `digests` are per architecture, and say alone what it is; `tag` is for people."""

    image: str
    tag: str
    digests: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Base(Image):
    """A base that a spec may name. `diff_ids` are per architecture the digests of its unpacked layers, lowest first.

    `environment` and `packages` are what it promises to functions on it; `entrypoint` is empty where it is that of
    AWS's own images.
    """

    name: str
    system: str
    runtime_client: str
    runtimes: tuple[str, ...]
    diff_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: bool = False
    tier: str = "recommended"
    replaced_by: str = ""
    supported_until: date | None = None
    entrypoint: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Extension(Image):
    """An image whose files at `paths` are copied into functions."""

    name: str
    paths: tuple[str, ...] = ("/opt/",)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What holds for every function: `docs/reference.md` says what each rule means."""

    inline_base: str
    base_digest: str = "optional"
    deprecated_runtime: str = "warning"
    labels: tuple[str, ...] = ()
    model_hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An exception from the rule with the code `rule`, from `issued` to `expires`, both days included (UTC).

    It is for one file of one repository, or for the image with one digest; never for a pattern.
    """

    rule: str
    reason: str
    approved_by: str
    issued: date
    expires: date
    repository: str = ""
    file: str = ""
    image: str = ""
    ticket: str = ""
    requested_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Standards:
    """What a standards file says. `document` is the file itself, for findings about it."""

    organisation: str
    bases: Mapping[str, Base]
    rules: Rules
    extensions: Mapping[str, Extension]
    mirrors: Mapping[str, str]
    waivers: tuple[Waiver, ...]
    document: Document


def load(path: Path, engine: Engine) -> Standards:
    """The standards in a file; raises InvalidInputError that tells everything wrong with it."""
    document = read(path)
    found = findings(document, engine)
    if found:
        raise InvalidInputError(f"these are no standards\n{report.render(found, format='text')}".rstrip())
    return _standards(_value(document), document)


def own(engine: Engine) -> Standards:
    """The standards that are part of the template itself; raises InvalidInputError if these are none.

    The template has read them already, and they were checked when it was published, so that it is not done anew.
    """
    path = engine.root / "standards/standards.yaml"
    try:
        value = engine.standards
        return _standards(value, read(path) if "waivers" in value else Document(file=str(path), text=""))
    except (AttributeError, KeyError, TypeError, ValueError):
        return load(path, engine)


def findings(document: Document, engine: Engine) -> list[Finding]:
    """Everything wrong with a standards file, in the order of its file."""
    if document.findings:
        return sorted(document.findings)
    by_schema = [locate(problem, document) for problem in engine.problems_of_standards(document.value)]
    return sorted(by_schema or _inconsistencies(document, _standards(_value(document), document), engine))


def _value(document: Document) -> Mapping[str, Any]:
    value: Any = document.value
    return dict(value)


def _standards(value: Mapping[str, Any], document: Document) -> Standards:
    rules = value["rules"]
    return Standards(
        organisation=value["organisation"],
        bases={name: _base(name, row) for name, row in value["bases"].items()},
        rules=Rules(
            inline_base=rules["inline_base"],
            base_digest=rules.get("base_digest", Rules.base_digest),
            deprecated_runtime=rules.get("deprecated_runtime", Rules.deprecated_runtime),
            labels=tuple(rules["labels"]["required"]) if "labels" in rules else (),
            model_hosts=tuple(rules["model_files"]["hosts"]) if "model_files" in rules else None,
        ),
        extensions={name: _extension(name, row) for name, row in value.get("extensions", {}).items()},
        mirrors=value.get("mirrors", {}),
        waivers=tuple(_waiver(row) for row in value.get("waivers", [])),
        document=document,
    )


def _base(name: str, row: Mapping[str, Any]) -> Base:
    until = row.get("supported_until")
    listed = {
        "runtimes": tuple(row["runtimes"]),
        "diff_ids": {architecture: tuple(ids) for architecture, ids in row.get("diff_ids", {}).items()},
        "supported_until": _day(until) if until else None,
        "entrypoint": tuple(row.get("entrypoint", ())),
    }
    return Base(**dict(row) | listed, name=name)


def _extension(name: str, row: Mapping[str, Any]) -> Extension:
    return Extension(**dict(row) | {"paths": tuple(row.get("paths", Extension.paths))}, name=name)


def _waiver(row: Mapping[str, Any]) -> Waiver:
    days = {key: _day(row[key]) for key in ("issued", "expires")}
    return Waiver(**{key: text for key, text in row.items() if key != "scope"} | row["scope"] | days)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min  # a 31st of June: `_inconsistencies` tells it


def _inconsistencies(document: Document, standards: Standards, engine: Engine) -> Iterator[Finding]:
    yield from _about_bases(document, standards, engine)
    for index, waiver in enumerate(standards.waivers):
        yield from _about_waiver(document, ("waivers", index), waiver, standards.waivers[:index])


def _about_bases(document: Document, standards: Standards, engine: Engine) -> Iterator[Finding]:
    systems, runtimes = engine.table("systems"), engine.table("runtimes")
    defaults: dict[str, str] = {}
    for name, base in standards.bases.items():
        here = ("bases", name)
        if base.system not in systems:
            yield document.finding(
                "unknown-system", f"{base.system} is no system of the catalogue", path=(*here, "system")
            )
        for index, runtime in enumerate(base.runtimes):
            at = (*here, "runtimes", index)
            if runtime not in runtimes:
                yield document.finding("unknown-runtime", f"{runtime} is no runtime of the catalogue", path=at)
            if base.default and defaults.setdefault(runtime, name) != name:
                message = f"{defaults[runtime]} is the default base of {runtime} already"
                yield document.finding("two-defaults", message, path=at, fix="Only one of them can be the default.")
        if base.replaced_by and (base.replaced_by == name or base.replaced_by not in standards.bases):
            message = f"{base.replaced_by} is no other base of these standards"
            yield document.finding("unknown-base", message, path=(*here, "replaced_by"))
        if base.supported_until == date.min:
            yield _no_day(document, (*here, "supported_until"))


def _about_waiver(
    document: Document, here: tuple[str | int, ...], waiver: Waiver, earlier: tuple[Waiver, ...]
) -> Iterator[Finding]:
    days = {"issued": waiver.issued, "expires": waiver.expires}
    wrong = [_no_day(document, (*here, key)) for key, day in days.items() if day == date.min]
    yield from wrong
    if not wrong and not waiver.issued <= waiver.expires <= waiver.issued + LONGEST_WAIVER:
        message = f"a waiver holds from its first day for at most {LONGEST_WAIVER.days} days"
        yield document.finding(
            "waiver-too-long", message, path=(*here, "expires"), fix="Mend what it excuses, or ask anew."
        )
    if bool(waiver.image) == bool(waiver.file) or bool(waiver.file) != bool(waiver.repository):
        message = "a waiver is for a file of a repository, or for an image"
        yield document.finding(
            "waiver-scope", message, path=(*here, "scope"), fix="Give `repository` and `file`, or `image` alone."
        )
    if waiver.requested_by and waiver.requested_by == waiver.approved_by:
        message = "who asked for a waiver cannot approve it"
        yield document.finding("waiver-self-approved", message, path=(*here, "approved_by"))
    if any(_scope(other) == _scope(waiver) for other in earlier):
        yield document.finding("repeated", "this exception stands in the list already", path=here, fix="Remove one.")


def _scope(waiver: Waiver) -> tuple[str, str, str, str]:
    return (waiver.rule, waiver.repository, waiver.file, waiver.image)


def _no_day(document: Document, path: tuple[str | int, ...]) -> Finding:
    return document.finding("invalid-value", "there is no such day in the calendar", path=path)
