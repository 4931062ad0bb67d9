"""Checks generated projects: spec, drift and the rules of the standards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scaffold.errors import ExitCode
from scaffold.gates import plan
from scaffold.project import drift, state
from scaffold.project.answers import SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load, own

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.findings.finding import Finding
    from scaffold.fleet.outcome import Outcome
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

    Raises InvalidInputError if the standards are not valid. After pickling, another process reads them again.
    """

    def __init__(self, *, today: date, standards_file: Path | None = None, scope: Scope | None = None) -> None:
        self.today, self.standards_file, self.scope = today, standards_file, scope
        self.engine = Engine()
        self.standards = load(standards_file, self.engine) if standards_file else own(self.engine)

    def __reduce__(self) -> tuple[Callable[[], Check], tuple[()]]:
        return partial(type(self), today=self.today, standards_file=self.standards_file, scope=self.scope), ()

    def judge(self, root: Path, outcome: Outcome) -> None:
        """Check one project."""
        project = state.read(root, self.engine)
        if isinstance(project, state.InvalidSpec):
            outcome.add(project.findings, ExitCode.INVALID)
        elif project.document.findings:
            outcome.add(project.document.findings, ExitCode.INVALID)
        else:
            found = [*drift.findings(project), *self._by_rules(project)]
            if self.scope and self.scope.repository:
                from scaffold.standards import waivers

                found = waivers.apply(found, self.standards.waivers, self.today, self.scope)
            outcome.add(sorted(found), ExitCode.FINDINGS)

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
