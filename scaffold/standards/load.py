"""Reads a standards file, and reports everything wrong with it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from scaffold.documents.document import Document
from scaffold.errors import InvalidInputError
from scaffold.rendering.validation import locate, read
from scaffold.standards import base_paths
from scaffold.standards.model import NO_DAY, Base, Builder, Extension, Standards

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.findings.finding import Finding
    from scaffold.rendering.engine import Engine
    from scaffold.standards.waivers import Waiver


_OWN = "standards/standards.yaml"


def load(path: Path | None, engine: Engine) -> Standards:
    """Return the standards in a file, or the template's own for None. Raises InvalidInputError with all findings."""
    document = read(path or engine.root / _OWN)
    found = findings(document, engine)
    if found:
        from scaffold.reports import formats

        raise InvalidInputError(f"these standards are not valid\n{formats.render(found, format='text')}".rstrip())
    return _standards(_value(document), document, engine)


def own(engine: Engine) -> Standards:
    """Return the template's own standards, which the engine has read, and which were validated before publication.

    Raises InvalidInputError with all findings if they are not valid, for example during development.
    """
    path = engine.root / _OWN
    try:
        value = engine.standards
        return _standards(value, read(path) if "waivers" in value else Document(file=str(path), text=""), engine)
    except (AttributeError, KeyError, TypeError, ValueError):  # not the shape that the schema requires
        load(None, engine)
        raise


def findings(document: Document, engine: Engine) -> list[Finding]:
    """Return everything wrong with a standards file, in file order."""
    if document.findings:
        return sorted(document.findings)
    from scaffold.standards.consistency import inconsistencies

    by_schema = [locate(problem, document) for problem in engine.problems_of_standards(document.value)]
    return sorted(by_schema or inconsistencies(document, _standards(_value(document), document, engine), engine))


def _value(document: Document) -> Mapping[str, Any]:
    value: Any = document.value
    return dict(value)


def _standards(value: Mapping[str, Any], document: Document, engine: Engine) -> Standards:
    return Standards(
        organisation=value["organisation"],
        bases={name: _base(name, row, engine) for name, row in value["bases"].items()},
        builds={name: _builder(name, row) for name, row in value.get("builds", {}).items()},
        rules=value["rules"],
        extensions={name: _extension(name, row) for name, row in value.get("extensions", {}).items()},
        mirrors=value.get("mirrors", {}),
        waivers=tuple(_waiver(row) for row in value.get("waivers", [])),
        document=document,
    )


_NOT_OF_BASES = frozenset({"open_paths", "own_paths", "packages"})
"""Keys of a base's entry that only templates read, or that are part of its `paths`."""


def _base(name: str, row: Mapping[str, Any], engine: Engine) -> Base:
    listed = _foundation(row) | {"entrypoint": tuple(row.get("entrypoint", ())), "paths": base_paths.of(row, engine)}
    return Base(**{key: row[key] for key in row.keys() - _NOT_OF_BASES} | listed, name=name)


def _builder(name: str, row: Mapping[str, Any]) -> Builder:
    listed = {key: tuple(row.get(key, ())) for key in ("languages", "managers")}
    return Builder(**dict(row) | _foundation(row) | listed, name=name)


def _foundation(row: Mapping[str, Any]) -> dict[str, Any]:
    until = row.get("supported_until")
    return {
        "runtimes": tuple(row["runtimes"]),
        "diff_ids": {architecture: tuple(ids) for architecture, ids in row.get("diff_ids", {}).items()},
        "superseded": _superseded(row),
        "supported_until": _day(until) if until else None,
    }


def _extension(name: str, row: Mapping[str, Any]) -> Extension:
    listed = {"paths": tuple(row.get("paths", Extension.paths)), "superseded": _superseded(row)}
    return Extension(**dict(row) | listed, name=name)


def _superseded(row: Mapping[str, Any]) -> dict[str, dict[str, date]]:
    return {
        architecture: {digest: _day(text) for digest, text in days.items()}
        for architecture, days in row.get("superseded", {}).items()
    }


def _waiver(row: Mapping[str, Any]) -> Waiver:
    from scaffold.standards.waivers import Waiver

    days = {key: _day(row[key]) for key in ("issued", "expires")}
    return Waiver(**{key: text for key, text in row.items() if key != "scope"} | row["scope"] | days)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return NO_DAY
