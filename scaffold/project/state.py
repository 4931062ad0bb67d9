"""How a project stands: its spec, what was last rendered from it, what a render would change. Never writes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scaffold.errors import CannotDecideError
from scaffold.project.answers import ANSWERS, SPEC, recorded_answers
from scaffold.project.changes import Change, compare
from scaffold.project.earlier_images import as_it_stood
from scaffold.rendering import validation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffold.documents.document import Document
    from scaffold.findings.finding import Finding
    from scaffold.rendering.engine import Engine, Plan
    from scaffold.rendering.rendered_file import RenderedFile


@dataclass(frozen=True, kw_only=True)
class Status:
    """A project at one moment.

    `findings` are those of its spec; with any, nothing after `answers` is known. `answers` is what the answers file
    records, empty for a project that was never rendered. `foreign` is true for a project of another template, or of
    another version of it: then nothing after it is known, and of its spec only what the YAML says, because only the
    version a project was made with can judge it. `own` is this template. `recorded` holds the files as they were last
    rendered.
    """

    root: Path
    document: Document
    findings: list[Finding]
    answers: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    foreign: bool = False
    plan: Plan = field(default_factory=dict)
    recorded: list[RenderedFile] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def read(root: Path, engine: Engine, settings: Mapping[tuple[str, ...], Any] | None = None) -> Status:
    """Judge the project in `root`, as if its spec held `settings` (values by path).

    Raises InvalidInputError for an unreadable spec, CannotDecideError for unreadable answers.
    """
    document = _with(validation.read(root / SPEC), settings)
    answers = recorded_answers(root)
    foreign = bool(answers) and answers.get("template") != engine.identity
    found = list(document.findings) if foreign else validation.findings(document, engine)
    if found or foreign:
        return Status(
            root=root, document=document, findings=found, answers=answers, own=engine.identity, foreign=foreign
        )
    spec: Any = document.value
    plan = engine.plan(spec)
    current = engine.render(spec, plan, answers or engine.origin)
    before, files = plan, current
    if answers and answers.get("spec") != spec:
        before, files = _earlier(answers.get("spec"), answers, engine)
    recorded = [as_it_stood(root, file, before, engine.standards) for file in files]
    changes = compare(
        root, current=current, recorded=recorded, offered=answers.get("starters", []), absent=plan["absent"]
    )
    return Status(
        root=root, document=document, findings=[], answers=answers, plan=plan, recorded=recorded, changes=changes
    )


def _with(document: Document, settings: Mapping[tuple[str, ...], Any] | None) -> Document:
    if not settings:
        return document
    from scaffold.project.overrides import override

    return replace(document, value=override(document.value, settings))


def _earlier(earlier: Any, answers: Mapping[str, Any], engine: Engine) -> tuple[Plan, list[RenderedFile]]:
    """The plan and the files of the spec that a project was last rendered from."""
    if not engine.has_known(earlier):
        raise CannotDecideError(f"{ANSWERS} records a spec that this template does not know; was it edited by hand?")
    plan = engine.plan(earlier)
    return plan, engine.render(earlier, plan, answers)
