"""Checks that each handler's module is in the code, and that it defines the function.

Where a starter would take the place of code that has the function elsewhere, or under a similar name, the starter is
withheld.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.project import observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.project.code.subject import Subject
    from scaffold.rendering.plan import Handler


def check(project: Subject, *, offer: bool) -> tuple[list[Finding], set[str]]:
    """Return the findings about handlers, and the starters that would hide them; with `offer`, none is withheld."""
    found: list[Finding] = []
    withheld: set[str] = set()
    if project.modules.get("suffixes") and project.plan["code"]:
        for at, function in enumerate(project.plan["functions"]):
            key: KeyPath = ("handler",) if "handler" in project.spec else ("functions", at, "handler")
            # A server has no handler. `make test` imports those that are listed, in the image.
            if (
                function["handler"]["handler"]
                and function["handler"]["module"] not in project.plan["checks"]["imports"]
            ):
                found += _check(project, function["handler"], key, withheld, offer=offer)
    return found, withheld


def _check(project: Subject, handler: Handler, key: KeyPath, withheld: set[str], *, offer: bool) -> Iterator[Finding]:
    places = [place for file in handler["files"] for place in project.sources(file)]
    for place in places:
        if (source := observation.content(project.root, place)) is not None:
            # A link may lead to it, through which no starter could be written.
            withheld |= {place} & set(project.coming)
            if not project.surely_defines(source, handler["function"]):
                yield from _undefined(project, handler, key, place, source)
            return
    starter = next((place for place in places if project.is_coming(place)), "")
    if starter and offer:
        return
    from scaffold.project.code import missing

    if problem := missing.finding(project, handler, key, places, is_new=bool(starter)):
        withheld.add(starter)
        yield problem


def _undefined(project: Subject, handler: Handler, key: KeyPath, place: str, source: bytes) -> Iterator[Finding]:
    from scaffold.findings.suggest import did_you_mean
    from scaffold.project.code import definition

    if len(source) > observation.MOST_BYTES:
        return
    defined = definition.read(source, project.plan["runtime"]["language"])
    if defined is None or defined.open or handler["function"] in defined.names:
        return
    stem = handler["handler"].removesuffix(handler["function"])
    choices = did_you_mean(handler["handler"], [stem + name for name in defined.functions])
    fix = choices or f"Define {handler['function']} there, or correct the handler."
    yield project.finding("missing-handler", f"{place} does not define {handler['function']}", key, fix)
