"""`scaffold image check`: what images are, what they stand on, and whether that is what it should be."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffold import image, registry, report, standards, validate, waivers
from scaffold.engine import Engine
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError, ScaffoldError
from scaffold.findings import Finding, visible
from scaffold.fleet import abreast, outcome_of
from scaffold.project import SPEC
from scaffold.references import reference

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.engine import Plan
    from scaffold.image import Expected, Facts, Footing
    from scaffold.standards import Standards

_NO_TIME = "1980-01-02"  # what reproducible builds say: the epoch, or the first day that zip can write


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """What is said of one reference: the images it stands for, each with its base, and the findings by exit code."""

    images: tuple[tuple[Facts, Footing], ...] = ()
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
            found = registry.read(reference, where=self.where)
        except ScaffoldError as error:
            message, code = str(error).removeprefix(f"{reference}: "), ExitCode(error.exit_code)
            name = "undecided" if code is ExitCode.UNDECIDED else "unreadable"
            return _Judgement(findings=((code, Finding(code=name, message=message, file=reference)),))
        images = tuple((facts, image.footing(facts, self.standards.bases, self.platforms)) for facts in found)
        judged = [row for facts, footing in images for row in self._of(facts, footing)]
        return _Judgement(images=images, findings=tuple(dict.fromkeys(judged)))

    def _of(self, facts: Facts, footing: Footing) -> list[tuple[ExitCode, Finding]]:
        wrong = [
            *image.of_lambda(facts, list(self.platforms.values()), self.megabytes),
            *image.of_base(facts, footing, self.today),
        ]
        unknown = list(image.undecided(facts, footing, self.plan["base"]["name"] or "" if self.plan else ""))
        if self.plan:
            expected, reason = self._expected(facts, self.plan)
            wrong += image.of_plan(facts, footing, expected)
            if not {finding.code for finding in wrong} & {"other-base", "stale-base", "uncatalogued-base"}:
                unknown += image.unread_base(facts, expected, reason)
        if self.files and footing.bases:
            try:
                wrong += image.of_files(facts, self._altered(facts, footing))
            except CannotDecideError as error:
                unknown.append(Finding(code="undecided", message=str(error), file=facts.reference))
        scope = waivers.Scope(image=facts.digest)
        wrong = waivers.apply(wrong, self.standards.waivers, self.today, scope)
        wrong += waivers.about(self.standards, wrong, self.today, scope)
        return [(ExitCode.FINDINGS, finding) for finding in wrong] + [
            (ExitCode.UNDECIDED, finding) for finding in unknown
        ]

    def _altered(self, facts: Facts, footing: Footing) -> list[str]:
        """The files of its base that an image changes, but for what its system writes anew for what the plan says."""
        from scaffold import image_files

        rewritten, plan = self.rewritten[footing.bases[0].system], self.plan
        kept: tuple[str, ...] = ()
        if plan is None or plan["system_packages"] or any(plan["hooks"].values()):
            kept += tuple(rewritten["packages"])
        if plan and plan["certificates"]:
            kept += tuple(rewritten["certificates"])
        remote = registry.is_remote(facts.reference, self.where)
        paths = image_files.altered(facts, footing.layers, remote=remote)
        folders = tuple(name for name in kept if name.endswith("/"))
        return [path for path in paths if path not in kept and not path.startswith(folders)]

    def _expected(self, facts: Facts, plan: Plan) -> tuple[Expected, str]:
        """What the plan says of an image, and why its base could not be read, if so."""
        base, reason = _base_of(facts, plan, self.standards.mirrors)
        expected = image.Expected(
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


def _base_of(facts: Facts, plan: Plan, mirrors: Mapping[str, str]) -> tuple[Facts | None, str]:
    """The plan's base as it really is, where the image stands on it; else why it is not known."""
    wanted, platform = plan["base"]["reference"], plan["architecture"]["platform"]
    try:
        there = reference(standards.image_of(plan), plan["architecture"]["name"], mirrors)
        found = registry.read(there, where=registry.REMOTE)
    except CannotDecideError as error:
        try:
            found = registry.read(wanted, where=registry.LOCAL)
        except CannotDecideError:
            return None, str(error)
    for base in found:
        if base.platform == platform and base.diff_ids == facts.diff_ids[: len(base.diff_ids)]:
            return base, ""
    return None, f"the image does not stand on {wanted} as it is now"


def check(options: argparse.Namespace) -> int:
    """Say what images stand on and what is wrong with them."""
    engine = Engine()
    plan = _plan(options.project, engine) if options.project else None
    references = _references(options, plan)
    where = registry.LOCAL if options.local else registry.REMOTE if options.remote else ""
    judge = _Judge(
        standards=standards.load(options.standards, engine),
        platforms=engine.platforms,
        where=where,
        plan=plan,
        today=datetime.now(UTC).date(),
        megabytes=engine.table("lambda")["image_megabytes"],
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
        files=options.files,
    )
    judgements = dict(zip(references, abreast(judge, references, "images"), strict=True))
    return _tell(judgements, options.format)


def _plan(root: Path, engine: Engine) -> Plan:
    path = root if root.name == SPEC else root / SPEC
    if not path.is_file():
        raise InvalidInputError(f"{root}: there is no {SPEC} in it")
    plan, found = validate.plan(path, engine)
    if plan is None:
        raise InvalidInputError(f"the spec is not valid\n{report.render(found, format='text')}".rstrip())
    return plan


def _references(options: argparse.Namespace, plan: Plan | None) -> list[str]:
    """The images asked for, each once: words, lines of a file, or else what the project's scripts/build makes."""
    words = list(options.images)
    if options.file:
        try:
            text = sys.stdin.read() if str(options.file) == "-" else options.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise InvalidInputError(f"{options.file}: cannot be read: {reason}") from error
        lines = (line.strip() for line in text.split("\n"))
        words += [line for line in lines if line and not line.startswith("#")]
    if not words and plan and not options.file:
        words = [f"{plan['name']}:latest"]
    if not words:
        where = f"{options.file} names none" if options.file else "give IMAGE, --file or --project"
        raise InvalidInputError(f"no image is named: {where}")
    return list(dict.fromkeys(words))


def _tell(judgements: Mapping[str, _Judgement], format: str) -> int:  # noqa: A002 - the word the command line uses
    outcome = outcome_of(row for judgement in judgements.values() for row in judgement.findings)
    text = outcome.report(format)
    if format == "json":
        images = [_row(facts, footing) for judged in judgements.values() for facts, footing in judged.images]
        text = json.dumps(json.loads(text) | {"images": images}, indent=2) + "\n"
    elif format == "text":
        lines = [_line(facts, footing) for judged in judgements.values() for facts, footing in judged.images]
        text = "".join(f"{visible(line)}\n" for line in lines) + text
    sys.stdout.write(text)
    return outcome.code


def _line(facts: Facts, footing: Footing) -> str:
    made = f"; made {facts.created[:10]}" if facts.created > _NO_TIME else ""
    return f"{facts.reference} ({facts.platform}) {_stands_on(footing)}{made}"


def _stands_on(footing: Footing) -> str:
    if not footing.bases:
        return "stands on a base that cannot be told" if footing.unpinned else "stands on no base of the standards"
    base = footing.bases[0]
    until = f", supported until {base.supported_until}" if base.supported_until else ""
    newer = f", replaced by {base.replaced_by}" if base.replaced_by else ""
    then = f" as it was until {footing.superseded}" if footing.superseded else f" ({base.image}:{base.tag})"
    return f"stands on {' = '.join(footing.names)}{then}, {base.tier}{until}{newer}"


def _row(facts: Facts, footing: Footing) -> dict[str, Any]:
    base = footing.bases[0] if footing.bases else None
    return {
        "image": facts.reference,
        "digest": facts.digest,
        "platform": facts.platform,
        "created": facts.created or None,
        "size": facts.size,
        "bases": list(footing.names),
        "base_image": f"{base.image}:{base.tag}" if base else None,
        "base_digest": base.digests.get(footing.architecture) if base and not footing.superseded else None,
        "superseded": str(footing.superseded) if footing.superseded else None,
        "tier": base.tier if base else None,
        "supported_until": str(base.supported_until) if base and base.supported_until else None,
        "replaced_by": (base.replaced_by or None) if base else None,
        "decided": bool(base) or not footing.unpinned,
    }
