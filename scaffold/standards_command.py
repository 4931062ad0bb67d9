"""`scaffold standards show` and `policy`: explain them, and make BuildKit's source policy of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from scaffold import source_policy, standards, validate
from scaffold.engine import Engine
from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings import Finding, Severity, did_you_mean, visible
from scaffold.fleet import complain, outcome_of, print_json
from scaffold.project import SPEC, find
from scaffold.standards import Base

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scaffold.engine import Plan
    from scaffold.standards import Image, Standards

Told: TypeAlias = "list[tuple[ExitCode, Finding]]"


def show(options: argparse.Namespace) -> int:
    """Explain the images of the standards."""
    _, told = standards_of(options)
    rows = {key: _row(*key, image) for key, image in chosen_of(told, options.names).items()}
    if options.format == "json":
        print_json({"version": 1, "organisation": told.organisation, "images": list(rows.values())})
    else:
        sys.stdout.write("\n".join(map(_shown, rows.values())))
    return ExitCode.CLEAN


def policy(options: argparse.Namespace) -> int:
    """Print the source policy that allows the images of the standards, or of some projects, alone."""
    engine, told = standards_of(options)
    today = datetime.now(UTC).date()
    findings: Told = []
    images = source_policy.catalogue(told, today)
    if options.projects:
        plans = plans_of(options.projects, engine, findings)
        images = [image for plan in plans.values() for image in _needed(plan, told, today, findings)]
        images += [image for plan in plans.values() for image in _copied(plan, told, findings)]
    else:
        # Denied all the same: where digests are not required, that is worth a word and no more.
        weight = Severity.ERROR if told.rules.base_digest == "required" else Severity.WARNING
        unpinned = [_unpinned(image, told) for image in images if not image.digests]
        findings += [(ExitCode.FINDINGS, replace(finding, severity=weight)) for finding in unpinned]
    print_json(source_policy.policy(images, told.mirrors))
    outcome = outcome_of(findings)
    complain(outcome)
    return outcome.code


def standards_of(options: argparse.Namespace) -> tuple[Engine, Standards]:
    """The template, and the standards that the options name; raises InvalidInputError if these are none."""
    engine = Engine()
    return engine, standards.load(options.standards, engine)


def chosen_of(told: Standards, names: Sequence[str]) -> dict[tuple[str, str], Image]:
    """The images with these names, or all; raises InvalidInputError for a name that none has."""
    images: dict[tuple[str, str], Image] = {("bases", name): base for name, base in told.bases.items()}
    images |= {("extensions", name): extension for name, extension in told.extensions.items()}
    known = [name for _, name in images]
    for name in names:
        if name not in known:
            message = f"the standards have no image named {visible(name)}. {did_you_mean(name, known)}"
            raise InvalidInputError(message.rstrip())
    return {key: image for key, image in images.items() if not names or key[1] in names}


def plans_of(paths: Sequence[Path], engine: Engine, findings: Told) -> dict[Path, Plan]:
    """The plan of every project under the paths; the findings of those that have none are added."""
    plans: dict[Path, Plan] = {}
    for root in find(paths):
        plan, found = validate.plan(root / SPEC, engine)
        findings += [(ExitCode.INVALID, finding) for finding in found]
        if plan is not None:
            plans[root] = plan
    if not plans and not findings:
        raise InvalidInputError(f"no {SPEC} in {', '.join(map(str, paths))}")
    return plans


def _needed(plan: Plan, told: Standards, today: date, findings: Told) -> list[Image]:
    """The images that the build of one plan reads, as far as they are allowed."""
    row, architecture = plan["base"], plan["architecture"]["name"]
    base: Image | None = told.bases.get(row["name"] or "")
    if isinstance(base, Base) and not base.usable(today):
        base = None
    if row["name"] is None and told.rules.inline_base == "allowed":
        base = standards.image_of(plan)
    if base and architecture in base.digests:
        return [base]
    if base:
        code, message = "unpinned-base", "has no digest, so no build under this policy can use it"
    else:
        code, message = "uncatalogued-base", "is none that a function may stand on"
    message = f"{plan['name']}: its base {row['reference']} {message}"
    findings.append(
        (ExitCode.FINDINGS, Finding(code=code, message=message, fix="Name a pinned base of the standards."))
    )
    return []


def _copied(plan: Plan, told: Standards, findings: Told) -> list[Image]:
    """The extensions that the build of one plan copies from, as far as these standards have them."""
    found: list[Image] = []
    for row in plan["extensions"]:
        extension = told.extensions.get(row["name"])
        if extension and plan["architecture"]["name"] in extension.digests:
            found.append(extension)
        else:
            message = f"{plan['name']}: its extension {row['reference']} is not pinned in these standards"
            fix = "Name a pinned extension of the standards."
            findings.append((ExitCode.FINDINGS, Finding(code="unknown-extension", message=message, fix=fix)))
    return found


def _unpinned(image: Image, told: Standards) -> Finding:
    section = "bases" if isinstance(image, Base) else "extensions"
    name = getattr(image, "name", "")
    message = f"{section}.{name}: it has no digest, so builds under this policy cannot use it"
    return told.document.finding(
        "unpinned-base", message, path=(section, name), key=True, fix="Run `scaffold standards pin`."
    )


def _row(section: str, name: str, image: Image) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": section.removesuffix("s"), "name": name, "image": f"{image.image}:{image.tag}"}
    row |= {"digests": dict(image.digests), "owner": image.owner or None}
    if isinstance(image, Base):
        layers = {architecture: len(ids) for architecture, ids in image.diff_ids.items()}
        until = str(image.supported_until) if image.supported_until else None
        row |= {"runtimes": list(image.runtimes), "default": image.default, "system": image.system, "layers": layers}
        row |= {"superseded": {architecture: len(chains) for architecture, chains in image.superseded.items()} or None}
        row |= {"runtime_client": image.runtime_client, "tier": image.tier, "supported_until": until}
        row |= {"replaced_by": image.replaced_by or None}
    return row


def _shown(row: Mapping[str, Any]) -> str:
    """One image for people: its name, then a line for everything that is known of it."""
    words = {"default": {True: "yes", False: None}.get(row.get("default", False))}
    words |= {key: ", ".join(row[key]) for key in ("runtimes",) if key in row}
    words |= {
        key: ", ".join(f"{name} {text}" for name, text in row[key].items())
        for key in ("digests", "layers", "superseded")
        if row.get(key)
    }
    lines = [
        f"  {key}: {text}"
        for key, value in row.items()
        if key not in {"kind", "name"} and (text := words.get(key, value))
    ]
    lines += [] if row["digests"] else ["  digests: none; `scaffold standards pin` reads them"]
    return "".join(f"{visible(line)}\n" for line in (f"{row['name']} ({row['kind']})", *lines))
