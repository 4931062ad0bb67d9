"""Judges generated projects: spec, drift and the rules of the standards."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding
from scaffold.oci.names import parts, short
from scaffold.project import drift, state
from scaffold.project.answers import SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards import policy, waivers
from scaffold.standards.load import load, own

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Standards


_DOCKERFILE = "Dockerfile"
_FROM = re.compile(r"(?m)^FROM ([A-Za-z0-9./:@_-]+) AS base$")
_COPIED = re.compile(r"(?m)^COPY --from=([A-Za-z0-9./:@_-]+) ")
_LIKE_IT = re.compile(r"(?i)\bas\s+[\"']?base\b")


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Judges one spec after the other; can be sent to another process, where it reads its tables anew."""

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def engine(self) -> Engine:
        """The template that the projects are made with."""
        return Engine()

    def __call__(self, root: Path, outcome: Outcome) -> None:
        """Judge the spec of one project."""
        outcome.add(validation.findings(validation.read(root / SPEC), self.engine), ExitCode.INVALID)


@dataclass(frozen=True, kw_only=True)
class Check(Validation):
    """Judges one project after the other, on a day (UTC), by a standards file or by the template's own."""

    today: date
    standards_file: Path | None = None
    scope: waivers.Scope = field(default_factory=waivers.Scope)

    @cached_property
    def standards(self) -> Standards:
        """The standards to judge by; raises InvalidInputError for a file that holds none."""
        if self.standards_file is None:
            return own(self.engine)
        return load(self.standards_file, self.engine)

    def __call__(self, root: Path, outcome: Outcome) -> None:
        """Judge one project."""
        now = state.read(root, self.engine)
        if invalid := now.findings if isinstance(now, state.InvalidSpec) else now.document.findings:
            outcome.add(invalid, ExitCode.INVALID)
        if invalid or isinstance(now, state.InvalidSpec):
            return
        found = [*drift.findings(now), *self._by_rules(now)]
        if self.scope.repository:
            found = waivers.apply(found, self.standards.waivers, self.today, self.scope)
        outcome.add(sorted(found), ExitCode.FINDINGS)
        if any(finding.code == "undecided" for finding in found):
            outcome.code = ExitCode.UNDECIDED

    def _by_rules(self, now: state.OtherVersion | state.NotRendered | state.Rendered) -> list[Finding]:
        if not isinstance(now, state.OtherVersion):
            return policy.findings(now.plan, now.document, self.standards, self.today)
        return self._of_foreign(now) if self.standards_file or self._is_akin(now) else []

    def _is_akin(self, now: state.OtherVersion) -> bool:
        """Whether only the template's version differs, so that its own standards are the project's too."""
        recorded, own = now.answers.get("template"), self.engine.identity
        return isinstance(recorded, dict) and own | {"version": recorded.get("version")} == recorded

    def _of_foreign(self, now: state.OtherVersion) -> list[Finding]:
        """By what another version of the template recorded: its spec, and the base that its Dockerfile names."""
        spec: Any = now.answers.get("spec")
        if not self.engine.has_known(spec):
            return [_undecided(now, "no rule was applied: this version does not know the spec it was rendered from")]
        plan = self.engine.plan(spec)
        found = []
        text = _dockerfile(now.root)
        if plan["base"]["name"] is not None:
            stands_on = _base_in(text)
            plan = cast("Plan", {**plan, "base": {**plan["base"], **stands_on}})
            if not stands_on["reference"]:
                found = [_undecided(now, "its Dockerfile does not say as a render does which base it stands on")]
        copied = [{**row, **_extension_in(text, row)} for row in plan["extensions"]]
        if not all(row["reference"] for row in copied):
            found += [_undecided(now, "its Dockerfile does not say as a render does which extensions it copies from")]
        plan = cast("Plan", {**plan, "extensions": copied})
        return [*found, *policy.findings(plan, now.document, self.standards, self.today)]

    def about_waivers(self, found: list[Finding]) -> list[Finding]:
        """What is to be said of the waivers themselves, after all projects were judged."""
        return waivers.about(self.standards, found, self.today, self.scope)


def _undecided(now: state.OtherVersion, message: str) -> Finding:
    return Finding(code="undecided", message=message, fix=drift.help_for_other_version(now), file=str(now.root / SPEC))


def _dockerfile(root: Path) -> str:
    """The Dockerfile of a project; empty where there is none to be read."""
    try:
        return (root / _DOCKERFILE).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _base_in(text: str) -> dict[str, str | None]:
    """What a rendered Dockerfile stands on, as a part of the plan; all null where one cannot be sure."""
    lines = _FROM.findall(text)
    return _image(lines if len(_LIKE_IT.findall(text)) == 1 else [])


def _extension_in(text: str, row: Mapping[str, Any]) -> dict[str, str | None]:
    """Which image with an extension's last name a rendered Dockerfile copies from, likewise."""
    copied = {name for name in _COPIED.findall(text) if short(parts(name)[0]) == short(row["image"])}
    return _image(list(copied))


def _image(names: Sequence[str]) -> dict[str, str | None]:
    if len(names) != 1:
        return dict.fromkeys(("reference", "image", "tag", "digest"))
    image, tag, digest = parts(names[0])
    return {"reference": names[0], "image": image, "tag": tag, "digest": digest or None}
