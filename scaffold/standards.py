"""A standards file: the bases an organisation's functions may stand on, its rules, and the exceptions from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from scaffold import report
from scaffold.document import Document
from scaffold.errors import InvalidInputError
from scaffold.standards_checks import NO_DAY, inconsistencies
from scaffold.validate import locate, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.engine import Engine, Plan
    from scaffold.findings import Finding

_OWN = "standards/standards.yaml"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image of the standards: `digests` are per architecture, and say alone what it is; `tag` is for people.

    `superseded` says per architecture what it was before: digests of manifests, and of a base chain ids of its layers,
    each with the last day.
    """

    image: str
    tag: str
    digests: Mapping[str, str] = field(default_factory=dict)
    superseded: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    owner: str = ""


def image_of(plan: Plan) -> Image:
    """The base of a plan, for its architecture, whether the standards have it or not."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    return Image(image=row["image"], tag=row["tag"], digests={architecture: row["digest"]} if row["digest"] else {})


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

    @property
    def withdrawn(self) -> bool:
        """Whether it is kept only to tell who stands on it where to go."""
        return self.tier == "withdrawn"

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.supported_until is not None and self.supported_until < today

    def usable(self, today: date) -> bool:
        """Whether functions may stand on it on a day (UTC)."""
        return not self.withdrawn and not self.expired(today)

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


def load(path: Path | None, engine: Engine) -> Standards:
    """The standards in a file, or None for the template's; raises InvalidInputError that tells everything wrong."""
    document = read(path or engine.root / _OWN)
    found = findings(document, engine)
    if found:
        raise InvalidInputError(f"these are no standards\n{report.render(found, format='text')}".rstrip())
    return _standards(_value(document), document)


def own(engine: Engine) -> Standards:
    """The standards that are part of the template itself; raises InvalidInputError if these are none.

    The template has read them already, and they were checked when it was published, so that it is not done anew.
    """
    path = engine.root / _OWN
    try:
        value = engine.standards
        return _standards(value, read(path) if "waivers" in value else Document(file=str(path), text=""))
    except (AttributeError, KeyError, TypeError, ValueError):
        return load(None, engine)


def findings(document: Document, engine: Engine) -> list[Finding]:
    """Everything wrong with a standards file, in the order of its file."""
    if document.findings:
        return sorted(document.findings)
    by_schema = [locate(problem, document) for problem in engine.problems_of_standards(document.value)]
    return sorted(by_schema or inconsistencies(document, _standards(_value(document), document), engine))


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
        "superseded": _superseded(row),
        "supported_until": _day(until) if until else None,
        "entrypoint": tuple(row.get("entrypoint", ())),
    }
    return Base(**dict(row) | listed, name=name)


def _extension(name: str, row: Mapping[str, Any]) -> Extension:
    listed = {"paths": tuple(row.get("paths", Extension.paths)), "superseded": _superseded(row)}
    return Extension(**dict(row) | listed, name=name)


def _superseded(row: Mapping[str, Any]) -> dict[str, dict[str, date]]:
    return {
        architecture: {digest: _day(text) for digest, text in days.items()}
        for architecture, days in row.get("superseded", {}).items()
    }


def _waiver(row: Mapping[str, Any]) -> Waiver:
    days = {key: _day(row[key]) for key in ("issued", "expires")}
    return Waiver(**{key: text for key, text in row.items() if key != "scope"} | row["scope"] | days)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return NO_DAY
