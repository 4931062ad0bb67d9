"""The state of a project: its spec, its last render, and the changes that a render would make. Never writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from scaffold.errors import CannotDecideError
from scaffold.project.answers import ANSWERS, SPEC, recorded_answers
from scaffold.project.changes import Cause, Change, ChangeKind, compare
from scaffold.project.code.check import check
from scaffold.project.code.subject import Subject
from scaffold.project.recorded import Recorded
from scaffold.rendering import validation
from scaffold.rendering.rendered_file import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.findings.finding import Finding
    from scaffold.project.earlier_images import EarlierImages
    from scaffold.rendering.engine import Engine
    from scaffold.rendering.plan import Plan
    from scaffold.rendering.rendered_file import RenderedFile


@dataclass(frozen=True, kw_only=True)
class _Project:
    """A project with its spec."""

    root: Path
    document: Document


@dataclass(frozen=True, kw_only=True)
class InvalidSpec(_Project):
    """A project whose spec has these findings, and therefore no plan."""

    findings: list[Finding]


@dataclass(frozen=True, kw_only=True)
class OtherVersion(_Project):
    """A project of another template, or of another version of it, which alone can check its spec and its files.

    `answers` is its answers file, `own` the identity of this template. Only the YAML syntax of its `document` was
    checked.
    """

    answers: Mapping[str, Any]
    own: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class _Valid(_Project):
    """A project with a valid spec, the changes of its next render, and what is wrong with its code after them.

    `source` is the source of the template that Copier would take for an update, empty if none is recorded.
    """

    plan: Plan
    changes: list[Change]
    problems: list[Finding]
    source: str


class NotRendered(_Valid):
    """A project with a valid spec that was never rendered."""


class Rendered(_Valid):
    """A project with a valid spec that was rendered before."""


State: TypeAlias = InvalidSpec | OtherVersion | NotRendered | Rendered


def read(
    root: Path, engine: Engine, settings: Mapping[tuple[str, ...], Any] | None = None, *, starters: bool = False
) -> State:
    """Read the state of the project in `root`, as if its spec had `settings` (values by path).

    A starter that would take the place of other code is not among the changes. With `starters`, each handler without a
    file gets its starter, even if it was offered before.

    Raises InvalidInputError for an unreadable spec, CannotDecideError for unreadable answers.
    """
    document = _with(validation.read(root / SPEC), settings, engine)
    answers = recorded_answers(root)
    if answers and answers.get("template") != engine.identity:
        return OtherVersion(root=root, document=document, answers=answers, own=engine.identity)
    if found := validation.findings(document, engine):
        return InvalidSpec(root=root, document=document, findings=found)
    spec: Any = document.value
    plan = engine.plan(spec)
    if starters and answers:
        handlers = {function["handler"]["file"] for function in plan["functions"]}
        answers = answers | {"starters": [path for path in answers.get("starters", []) if path not in handlers]}
    current = engine.render(spec, plan, answers or engine.origin)
    recorded = _recorded(answers, spec, plan, current, engine)
    changes = compare(root, current=current, recorded=recorded, offered=answers.get("starters", []))
    modules = engine.table("languages")[plan["runtime"]["language"]]["handler"]
    coming = {change.path for change in changes if change.kind is ChangeKind.CREATE}
    subject = Subject(
        root=root,
        document=document,
        plan=plan,
        modules=modules,
        versions=engine.versions["languages"],
        coming=coming,
        starters=partial(_starters, answers, engine),
    )
    problems, withheld = check(subject, offer=starters)
    changes = [change for change in changes if change.path not in withheld]
    kind = Rendered if answers else NotRendered
    source = str(answers.get("_src_path", ""))
    return kind(root=root, document=document, plan=plan, changes=changes, problems=problems, source=source)


def _with(document: Document, settings: Mapping[tuple[str, ...], Any] | None, engine: Engine) -> Document:
    if not settings:
        return document
    from scaffold.project.overrides import follow_runtime, override

    value = override(document.value, settings)
    if ("runtime",) in settings:
        value = follow_runtime(value, engine.standards["bases"])
    return replace(document, value=value)


def _starters(answers: Mapping[str, Any], engine: Engine) -> dict[str, bytes]:
    """Return the bytes of the starters of the last render's spec, by path."""
    earlier: Any = answers.get("spec")
    if not answers or not engine.has_known(earlier):
        return {}
    files = engine.render(earlier, engine.plan(earlier), {})
    return {file.path: file.content for file in files if file.owner is Owner.STARTER}


def _recorded(
    answers: Mapping[str, Any], spec: Any, plan: Plan, current: list[RenderedFile], engine: Engine
) -> Recorded:
    """Return the files of the last render, or of the current one if there was none."""
    earlier: Any = answers.get("spec") if answers else spec
    left_over = answers.get("left_over", [])
    produced = {row["path"] for row in plan["outputs"]}
    if earlier != spec:
        if not engine.has_known(earlier):
            raise CannotDecideError(
                f"{ANSWERS} records a spec that this template does not support; was it edited by hand?"
            )
        plan = engine.plan(earlier)
        produced |= {row["path"] for row in plan["outputs"]}
    is_current = earlier == spec and not left_over

    @cache
    def images() -> EarlierImages:
        from scaffold.project.earlier_images import EarlierImages

        return EarlierImages(plan=plan, standards=engine.standards)

    return Recorded(
        files=current if is_current else engine.render(earlier, plan, answers, left_behind=left_over),
        cause=Cause.RECORD if earlier == spec else Cause.SPEC,
        images=images,
        left_over=set(left_over) - produced,
    )
