"""Judges built images: what they stand on, and what Lambda and the standards have against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError, ExitCode, ScaffoldError
from scaffold.findings.finding import Finding
from scaffold.gates import image_findings
from scaffold.oci import inspect
from scaffold.standards import model, waivers
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scaffold.gates.image_findings import BaseMatch, Expected
    from scaffold.oci.image import ImageFacts
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Standards


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """What is said of one reference: the images it stands for, each with its base, and the findings by exit code."""

    images: tuple[tuple[ImageFacts, BaseMatch], ...] = ()
    findings: tuple[tuple[ExitCode, Finding], ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """What images are held against."""

    standards: Standards
    platforms: Mapping[str, str]
    where: str
    plan: Plan | None
    today: date
    megabytes: int
    rewritten: Mapping[str, Mapping[str, Sequence[str]]]
    files: bool

    def __call__(self, reference: str) -> _Judgement:
        """Judge one image; that it cannot be read is a finding too, so that no image hides another."""
        try:
            found = inspect.read(reference, where=self.where)
        except ScaffoldError as error:
            message, code = str(error).removeprefix(f"{reference}: "), ExitCode(error.exit_code)
            name = "undecided" if code is ExitCode.UNDECIDED else "unreadable"
            return _Judgement(findings=((code, Finding(code=name, message=message, file=reference)),))
        images = tuple(
            (facts, image_findings.match_base(facts, self.standards.bases, self.platforms)) for facts in found
        )
        judged = [row for facts, match in images for row in self._of(facts, match)]
        return _Judgement(images=images, findings=tuple(dict.fromkeys(judged)))

    def _of(self, facts: ImageFacts, match: BaseMatch) -> list[tuple[ExitCode, Finding]]:
        wrong = [
            *image_findings.of_lambda(facts, list(self.platforms.values()), self.megabytes),
            *image_findings.of_base(facts, match, self.today),
        ]
        unknown = list(image_findings.undecided(facts, match, self.plan["base"]["name"] or "" if self.plan else ""))
        if self.plan:
            expected, reason = self._expected(facts, self.plan)
            wrong += image_findings.of_plan(facts, match, expected)
            if not {finding.code for finding in wrong} & {"other-base", "stale-base", "uncatalogued-base"}:
                unknown += image_findings.unread_base(facts, expected, reason)
        if self.files and match.bases:
            try:
                wrong += image_findings.of_files(facts, self._altered(facts, match))
            except CannotDecideError as error:
                unknown.append(Finding(code="undecided", message=str(error), file=facts.reference))
        scope = waivers.Scope(image=facts.digest)
        wrong = waivers.apply(wrong, self.standards.waivers, self.today, scope)
        wrong += waivers.about(self.standards, wrong, self.today, scope)
        return [(ExitCode.FINDINGS, finding) for finding in wrong] + [
            (ExitCode.UNDECIDED, finding) for finding in unknown
        ]

    def _altered(self, facts: ImageFacts, match: BaseMatch) -> list[str]:
        """The files of its base that an image changes, but for what its system writes anew for what the plan says."""
        from scaffold.oci import changed_files

        rewritten, plan = self.rewritten[match.bases[0].system], self.plan
        kept: tuple[str, ...] = ()
        if plan is None or plan["system_packages"] or any(plan["hooks"].values()):
            kept += tuple(rewritten["packages"])
        if plan and plan["certificates"]:
            kept += tuple(rewritten["certificates"])
        remote = inspect.is_remote(facts.reference, self.where)
        paths = changed_files.altered(facts, match.layers, remote=remote)
        folders = tuple(name for name in kept if name.endswith("/"))
        return [path for path in paths if path not in kept and not path.startswith(folders)]

    def _expected(self, facts: ImageFacts, plan: Plan) -> tuple[Expected, str]:
        """What the plan says of an image, and why its base could not be read, if so."""
        base, reason = _base_of(facts, plan, self.standards.mirrors)
        expected = image_findings.Expected(
            platform=plan["architecture"]["platform"],
            base_name=plan["base"]["name"] or "",
            entrypoint=tuple(plan["entrypoint"]),
            command=tuple(plan["command"]),
            environment=plan["environment"],
            labels=plan["labels"],
            working_directory=plan["task_root"],
            base=base,
        )
        return expected, reason


def _base_of(facts: ImageFacts, plan: Plan, mirrors: Mapping[str, str]) -> tuple[ImageFacts | None, str]:
    """The plan's base as it really is, where the image stands on it; else why it is not known."""
    wanted, platform = plan["base"]["reference"], plan["architecture"]["platform"]
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
    return None, f"the image does not stand on {wanted} as it is now"
