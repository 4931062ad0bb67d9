"""Checks built images: the base they are built on, and the requirements of Lambda, the plan and the standards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError, ExitCode, ScaffoldError
from scaffold.findings.finding import Finding
from scaffold.gates import image_findings
from scaffold.gates.image_facts import expected_of, facts_for_rules, own_layers
from scaffold.gates.preflight import checks
from scaffold.gates.preflight.reader import Reader
from scaffold.gates.preflight.subject import largest
from scaffold.oci import inspect
from scaffold.oci.elf import other_systems
from scaffold.oci.image import NOTHING
from scaffold.oci.names import SCRATCH
from scaffold.standards import model, waivers
from scaffold.standards.evaluate import violations
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from scaffold.gates.image_facts import BaseMatch
    from scaffold.gates.preflight.reader import ReadImage
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.preflight.table import Table
    from scaffold.oci.image import ImageFacts
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Standards

BUILT = ".image/build.json"
"""Where scripts/build writes about the image that it made, in a project."""
_BASE_CODES = {"other-base", "stale-base", "uncatalogued-base"}
"""Codes that make a comparison with the planned base redundant."""


_ABOUT_BASES = _BASE_CODES | {"expired-base", "expiring-base", "withdrawn-base", "unpinned-base"}


@dataclass(frozen=True, kw_only=True)
class ImageJudgement:
    """The images behind one reference, and the findings by exit status.

    Each image has its base, and whether its files were looked at.
    """

    images: tuple[tuple[ImageFacts, BaseMatch, bool], ...] = ()
    findings: tuple[tuple[ExitCode, Finding], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImageCheck:
    """Everything that images are compared with.

    `where` selects the engine or the registry. `files` says whether to read the layers; None means those in the engine.
    With `any_base`, nothing is reported about the base. `built` is what scripts/build wrote about the last
    image of the project, and `spec` the SHA-256 of its spec.
    """

    standards: Standards
    platforms: Mapping[str, str]
    where: str
    plan: Plan | None
    today: date
    rewritten: Mapping[str, Mapping[str, Sequence[str]]]
    files: bool | None
    table: Table
    any_base: bool = False
    built: Mapping[str, Any] | None = None
    spec: str = ""

    def judge(self, reference: str) -> ImageJudgement:
        """Check one image; an unreadable image is a finding too, so that the others are still checked."""
        try:
            found = inspect.read(reference, where=self.where)
        except ScaffoldError as error:
            message, code = str(error).removeprefix(f"{reference}: "), ExitCode(error.exit_code)
            name = "undecided" if code is ExitCode.UNDECIDED else "unreadable"
            return ImageJudgement(findings=((code, Finding(code=name, message=message, file=reference)),))
        reader = Reader(
            standards=self.standards,
            platforms=self.platforms,
            where=self.where,
            table=self.table,
            own=own_layers(self.plan) if self.plan else None,
            c_library=(self.plan["base"]["c_library"] or "") if self.plan else "",
        )
        read = [reader.read(facts, files=self.files) for facts in found]
        images = tuple((image.subject.facts, image.match, bool(image.subject.layers)) for image in read)
        judged = [row for image in read for row in self._findings(image)]
        return ImageJudgement(images=images, findings=tuple(dict.fromkeys(judged)))

    def _findings(self, read: ReadImage) -> list[tuple[ExitCode, Finding]]:
        subject, match = read.subject, read.match
        facts = subject.facts
        wrong = [
            *image_findings.of_lambda(facts, self.table.megabytes, largest(subject)),
            *self._by_rules(facts, match),
            *image_findings.of_start(facts),
        ]
        base_alone = bool(match.bases) and match.layers == len(facts.diff_ids)
        wrong += checks.of(subject, function=bool(self.plan["functions"]) if self.plan else not base_alone)
        unknown = [Finding(code="undecided", message=read.problem, file=facts.reference)] if read.problem else []
        if self.any_base:
            wrong = [finding for finding in wrong if finding.code not in _ABOUT_BASES]
        else:
            unknown += image_findings.undecided(facts, match, self.plan["base"]["name"] or "" if self.plan else "")
        if self.plan:
            base, reason = _base_of(facts, self.plan, self.standards.mirrors)
            expected = expected_of(self.plan, base)
            wrong += image_findings.of_plan(facts, match, expected)
            wrong += image_findings.of_budget(facts, self.plan["image_budget"], largest(subject))
            wrong += image_findings.of_build(facts, self.built or {}, self.spec)
            if not {finding.code for finding in wrong} & _BASE_CODES:
                unknown += image_findings.unread_base(facts, expected, reason)
        if subject.layers and match.bases and not self.any_base:
            try:
                wrong += self._above(subject, match)
            except CannotDecideError as error:
                unknown.append(Finding(code="undecided", message=str(error), file=facts.reference))
        scope = waivers.Scope(image=facts.digest)
        wrong = waivers.apply(wrong, self.standards.waivers, self.today, scope)
        wrong += waivers.waiver_findings(self.standards, wrong, self.today, scope)
        return [(ExitCode.FINDINGS, finding) for finding in [*wrong, *unknown]]

    def _by_rules(self, facts: ImageFacts, match: BaseMatch) -> Iterator[Finding]:
        platforms = [self.plan["architecture"]["platform"]] if self.plan else list(self.platforms.values())
        for found in violations(facts_for_rules(facts, match, self.standards, self.today, platforms)):
            yield Finding(
                code=found.code,
                message=found.message,
                fix=found.fix,
                file=facts.reference,
                severity=found.severity,
            )

    def _above(self, subject: Subject, match: BaseMatch) -> Iterator[Finding]:
        """Report what the layers above the base change in it, but for what its system rewrites for the plan."""
        from scaffold.gates import above_base

        rewritten, plan = self.rewritten[match.bases[0].system], self.plan
        kept: tuple[str, ...] = ()
        if plan is None or plan["system_packages"] or any(plan["hooks"].values()):
            kept += tuple(rewritten["packages"])
        if plan and plan["certificates"]:
            kept += tuple(rewritten["certificates"])
        yield from image_findings.of_files(
            subject.facts,
            above_base.altered(subject, match.layers, kept, match.bases[0].paths),
            above_base.in_front(subject, match.layers),
            other_systems(subject.own) if match.layers else (),
        )


def built_of(root: Path) -> tuple[dict[str, Any], str]:
    """Return what scripts/build wrote about the last image of a project, if anything, and the SHA-256 of its spec."""
    import hashlib
    import json

    from scaffold.project import observation
    from scaffold.project.answers import SPEC

    try:
        found = json.loads(observation.content(root, BUILT) or b"{}")
    except (RecursionError, ValueError):
        found = {}
    spec = hashlib.sha256(observation.content(root, SPEC) or b"").hexdigest()
    return (found if isinstance(found, dict) else {}), spec


def _base_of(facts: ImageFacts, plan: Plan, mirrors: Mapping[str, str]) -> tuple[ImageFacts | None, str]:
    """Return the plan's base from the registry or the engine if the image is built on it, otherwise the reason."""
    wanted, platform = plan["base"]["reference"], plan["architecture"]["platform"]
    if wanted == SCRATCH:
        return replace(NOTHING, platform=platform), ""
    try:
        there = reference(model.image_of(plan), plan["architecture"]["name"], mirrors)
        found = inspect.read(there, where=inspect.REMOTE)
    except CannotDecideError as error:
        try:
            found = inspect.read(wanted, where=inspect.LOCAL)
        except CannotDecideError:
            return None, str(error)
    for base in found:
        if base.platform == platform and base.diff_ids == facts.diff_ids[: len(base.diff_ids)]:
            return base, ""
    return None, f"the image is not built on the current {wanted}"
