"""Checks generated projects: spec, drift and the rules of the standards."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.errors import ExitCode
from scaffold.fleet.outcome import Outcome
from scaffold.gates import beside, plan
from scaffold.gates.writers import project as writers
from scaffold.project import drift, state
from scaffold.project.answers import DOCKERFILE, SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load, own

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from scaffold.findings.finding import Edit, Finding
    from scaffold.fleet.verdicts import Verdict, Verdicts
    from scaffold.standards.waivers import Scope


class Validation:
    """Checks specs. Pickling it drops the engine, and another process creates its own."""

    def __init__(self) -> None:
        self.engine = Engine()

    def __reduce__(self) -> tuple[Callable[[], Validation], tuple[()]]:
        return type(self), ()

    def judge(self, root: Path, outcome: Outcome) -> None:
        """Check the spec of one project."""
        outcome.add(validation.findings(validation.read(root / SPEC), self.engine), ExitCode.INVALID)


class Check:
    """Checks projects on a day (UTC), against a standards file or the template's own standards.

    `cache` is a directory that keeps verdicts between runs. Raises InvalidInputError if the standards are not valid or
    the cache cannot be trusted. After pickling, another process reads them again.
    """

    def __init__(
        self, *, today: date, standards_file: Path | None = None, scope: Scope | None = None, cache: Path | None = None
    ) -> None:
        self.today, self.standards_file, self.scope, self.cache = today, standards_file, scope, cache
        self.engine = Engine()
        self.standards = load(standards_file, self.engine) if standards_file else own(self.engine)
        self._verdicts = self._kept_in(cache) if cache else None

    def __reduce__(self) -> tuple[Callable[[], Check], tuple[()]]:
        standards_file, scope, cache = self.standards_file, self.scope, self.cache
        return partial(type(self), today=self.today, standards_file=standards_file, scope=scope, cache=cache), ()

    def _kept_in(self, folder: Path) -> Verdicts:
        """The verdicts that follow from the same as those of this check, but for waivers, which are applied to them."""
        from scaffold.fleet.verdicts import Verdicts, digest_of_program

        standards = self.standards.document.text if self.standards_file else None
        return Verdicts(folder, made_for=repr((digest_of_program(self.engine.root), standards, str(self.today))))

    def fix(self, root: Path) -> list[Edit]:
        """Write the fixes of a project's findings into its spec, and return them; raises as `fixes.fix` does."""
        from scaffold.gates import fixes

        def found(where: Path) -> list[Finding]:
            outcome = Outcome()
            self.judge(where, outcome)
            return outcome.findings

        return fixes.fix(root, found, self.engine)

    def judge(self, root: Path, outcome: Outcome) -> None:
        """Check one project."""
        code, found = self._verdicts.of(root, self._verdict) if self._verdicts else self._verdict(root)
        if code is ExitCode.FINDINGS and self.scope and self.scope.repository:
            from scaffold.standards import waivers

            found = waivers.apply(found, self.standards.waivers, self.today, self.scope)
            found += waivers.apply(self._unplanned(root, found), self.standards.waivers, self.today, self.scope)
        outcome.add(sorted(found), code)

    def _unplanned(self, root: Path, found: Sequence[Finding]) -> list[Finding]:
        """Check Dockerfiles that may not be those of the plan to which the rules were applied, due to a waiver."""
        waived = [finding for finding in found if finding.waiver]
        edited = {row.file for row in waived if row.code in drift.CODES}
        files = [file for file in edited if file.endswith(DOCKERFILE)]
        files += [str(root / DOCKERFILE) for row in waived if row.code == "not-rendered"]
        paths = [path for path in dict.fromkeys(map(Path, files)) if path.exists()]
        if not edited and not paths:
            return []
        from scaffold.dockerfile import discover
        from scaffold.gates import dockerfile

        planned, _ = validation.plan(root / SPEC, self.engine)
        images = plan.planned_images(planned, self.standards) if planned else []
        found = dockerfile.judge(paths, self.standards, self.today, images) if paths else []
        stacks = [stage["file"] for stage in planned["stages"]] if planned else []
        stacks = [name for name in stacks if str(root / name) in edited and (root / name).exists()]
        return found + dockerfile.judge_found(discover.beside(root, stacks), self.standards, self.today, images)

    def _verdict(self, root: Path) -> Verdict:
        project = state.read(root, self.engine)
        if isinstance(project, state.InvalidSpec):
            return ExitCode.INVALID, project.findings
        if project.document.findings:
            return ExitCode.INVALID, list(project.document.findings)
        found = [*drift.findings(project), *self._by_code(project), *self._by_rules(project)]
        found += [] if isinstance(project, state.OtherVersion) else writers.findings(project, self.engine)
        return ExitCode.FINDINGS, sorted([*found, *self._beside(project)])

    def _beside(self, project: state.OtherVersion | state.NotRendered | state.Rendered) -> list[Finding]:
        if isinstance(project, state.OtherVersion):
            return []
        return beside.findings(project, self.engine, self.standards, self.today)

    def _by_code(self, project: state.OtherVersion | state.NotRendered | state.Rendered) -> list[Finding]:
        return [] if isinstance(project, state.OtherVersion) else project.problems

    def _by_rules(self, project: state.OtherVersion | state.NotRendered | state.Rendered) -> list[Finding]:
        if not isinstance(project, state.OtherVersion):
            return plan.findings(project.plan, project.document, self.standards, self.today)
        if self.standards_file or self._differs_in_version(project):
            from scaffold.gates import other_version

            return other_version.findings(project, self.engine, self.standards, self.today)
        return []

    def _differs_in_version(self, project: state.OtherVersion) -> bool:
        """Return whether a project has another version of this template, so that these standards apply to it."""
        recorded, current = project.answers.get("template"), self.engine.identity
        return isinstance(recorded, dict) and current | {"version": recorded.get("version")} == recorded

    def waiver_findings(self, found: Sequence[Finding]) -> list[Finding]:
        """Return problems of the waivers themselves, after all projects have been checked."""
        if not self.standards.waivers:
            return []
        from scaffold.standards import waivers

        return waivers.waiver_findings(self.standards, found, self.today, self.scope or waivers.Scope())
