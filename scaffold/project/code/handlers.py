"""Checks that each handler's module is in the code, and that it defines the function.

Where a starter would take the place of code that has the function elsewhere, or under a similar name, the starter is
withheld.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.project import observation
from scaffold.project.code import definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.project.code.subject import Subject
    from scaffold.rendering.plan import Handler


@dataclass(kw_only=True)
class Handlers:
    """The findings about handlers, and the starters that would hide them."""

    findings: list[Finding] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)


def check(project: Subject, *, offer: bool) -> Handlers:
    """Check the handlers of a project. With `offer`, no starter is withheld."""
    found = Handlers()
    if project.modules.get("suffixes") and project.plan["code"]:
        for at, function in enumerate(project.plan["functions"]):
            key: KeyPath = ("handler",) if "handler" in project.spec else ("functions", at, "handler")
            _check(project, function["handler"], key, found, offer=offer)
    return found


def _check(project: Subject, handler: Handler, key: KeyPath, found: Handlers, *, offer: bool) -> None:
    if handler["module"] in project.plan["checks"]["imports"]:
        return  # `make test` imports it, in the image
    places = [place for file in handler["files"] for place in project.sources(file)]
    for place in places:
        if (source := observation.content(project.root, place)) is not None:
            # A link may lead to it, through which no starter could be written.
            found.withheld |= {place} & set(project.coming)
            if not definition.is_certain(source, handler["function"], project.modules):
                found.findings += _undefined(project, handler, key, place, source)
            return
    from scaffold.project.code import missing

    starter = next((place for place in places if project.is_coming(place)), None)
    if starter and offer:
        return
    if problem := missing.finding(project, handler, key, places, is_new=bool(starter)):
        found.findings.append(problem)
        found.withheld |= {starter} if starter else set()


def _undefined(project: Subject, handler: Handler, key: KeyPath, place: str, source: bytes) -> Iterator[Finding]:
    from scaffold.findings.suggest import did_you_mean

    if len(source) > observation.MOST_BYTES:
        return
    defined = definition.read(source, project.plan["runtime"]["language"])
    if defined is None or defined.open or handler["function"] in defined.names:
        return
    stem = handler["handler"].removesuffix(handler["function"])
    choices = did_you_mean(handler["handler"], [stem + name for name in defined.functions])
    fix = choices or f"Define {handler['function']} there, or correct the handler."
    yield project.finding("missing-handler", f"{place} does not define {handler['function']}", key, fix)
