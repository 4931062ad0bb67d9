"""Packages of a project that write where Lambda lets no one write, by its lock files and its command."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold.findings.finding import Edit, Severity
from scaffold.project import observation
from scaffold.project.code.looks import on_disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.findings.finding import Finding
    from scaffold.findings.source import Position, Source
    from scaffold.gates.writers.table import Writer
    from scaffold.project.state import NotRendered, Rendered
    from scaffold.rendering.engine import Engine


class _Place(NamedTuple):
    """A writer, and where it is named."""

    writer: Writer
    source: Source
    position: Position


def findings(now: NotRendered | Rendered, engine: Engine) -> list[Finding]:
    """Return what the image of a project would write where it cannot, each with the line of the spec that helps."""
    needs, command = now.plan["dependencies"], [*now.plan["entrypoint"], *now.plan["command"]]
    if not (needs["files"] or needs["packages"] or now.plan["entrypoint"]):
        return []
    from scaffold.gates.writers import table

    writers, patterns = table.load(engine)
    variables = _variables(now)
    models = [path for model in now.plan["models"] for path in _paths(model)]
    rows: dict[str, Finding] = {}
    for place in [*_locked(now, patterns, writers), *_named(now, writers), *_started(now, command, writers)]:
        row = place.writer
        if table.homeless(variables) and not row.is_set(variables):
            rows.setdefault(row.variable, _unwritable(place))
        if row.offline and row.wants_offline(variables, models):
            rows.setdefault(row.offline[0], _online(place, *row.offline))
    return sorted(rows.values())


def _unwritable(place: _Place) -> Finding:
    row = place.writer
    message, line = f"{row.name} writes where Lambda lets no one write", f"{row.variable}: {row.value}"
    fix = f"Add `{line}` to `environment`, or run `scaffold check --fix`."
    if row.built:
        message = f"{row.name} looks for its browsers in the home directory, which Lambda's user does not have"
        fix = f"Add `{line}` to `environment`, and set it in the step that installs the browsers."
    found = place.source.finding_at(place.position, "unwritable-cache", message, fix=fix)
    edits = () if row.built else (Edit(("environment", row.variable), row.value),)
    return replace(found, severity=Severity.WARNING, edits=edits)


def _online(place: _Place, variable: str, value: str) -> Finding:
    message = f"the image has models, and {place.writer.name} asks their hub for them at each cold start"
    fix = f'Add `{variable}: "{value}"` to `environment`, or run `scaffold check --fix`.'
    found = place.source.finding_at(place.position, "not-offline", message, fix=fix)
    return replace(found, severity=Severity.WARNING, edits=(Edit(("environment", variable), value),))


def _variables(now: NotRendered | Rendered) -> Mapping[str, str]:
    """Return the variables that a function has: those of its base, its image, and its settings in any stage."""
    found = now.plan["base"]["environment"] | now.plan["environment"]
    for function in now.plan["functions"]:
        found = function["lambda"]["environment"] | found
    for stage in now.plan["stages"]:
        for deployed in stage["functions"]:
            settings = deployed["properties"].get("Environment", {}).get("Variables", {})
            found = {name: str(value) for name, value in settings.items()} | found
    return found


def _paths(model: Mapping[str, Any]) -> list[str]:
    """Return where a model's files are in the image, with the kind of their source as the first part."""
    return [f"{model['source']}:{model['to']}", *(f"{model['source']}:{file['to']}" for file in model["files"])]


def _locked(now: NotRendered | Rendered, patterns: Mapping[str, str], writers: Sequence[Writer]) -> Iterator[_Place]:
    from scaffold.gates.writers import locks

    needs = now.plan["dependencies"]
    language = now.plan["runtime"]["language"] or ""
    for file in dict.fromkeys([*needs["files"], *needs["includes"], *(row["to"] for row in needs["locks"])]):
        path = on_disk(now.plan, file)
        pattern = locks.pattern_of(file, patterns)
        content = observation.content(now.root, path) if pattern else None
        if content is None:
            continue
        lock = locks.Lock(file=str(now.root / path), text=content.decode(errors="replace"), pattern=pattern)
        for entry in locks.entries(lock, language, writers, {*needs["groups"], *needs["extras"]}):
            if not _for_development(now, entry.package):
                yield _Place(entry.writer, entry.source, entry.source.position_of(entry.offset))


def _for_development(now: NotRendered | Rendered, package: str) -> bool:
    """Return whether the project's own manifest names a package for development only; not all locks say so."""
    if "package.json" not in now.plan["dependencies"]["files"]:
        return False
    try:
        manifest = json.loads(observation.content(now.root, "package.json") or b"")
        return package in manifest.get("devDependencies", {}) and package not in manifest.get("dependencies", {})
    except (AttributeError, TypeError, ValueError):
        return False


def _named(now: NotRendered | Rendered, writers: Sequence[Writer]) -> Iterator[_Place]:
    """Yield the writers among the packages that the spec itself names."""
    from scaffold.gates.writers import locks

    if not now.plan["dependencies"]["packages"]:
        return
    spec: Any = now.document.value
    language = now.plan["runtime"]["language"] or ""
    for number, requirement in enumerate(spec["dependencies"]["packages"]):
        lock = locks.Lock(file="", text=requirement, pattern="^(NAME)(?![A-Za-z0-9._-])")
        for entry in locks.entries(lock, language, writers, ()):
            yield _Place(entry.writer, now.document, now.document.position(("dependencies", "packages", number)))


def _started(now: NotRendered | Rendered, command: Sequence[str], writers: Sequence[Writer]) -> Iterator[_Place]:
    """Yield the writers among the programs that the spec starts."""
    for row in writers:
        if row.starts(command):
            yield _Place(row, now.document, now.document.position(("entrypoint",)))
