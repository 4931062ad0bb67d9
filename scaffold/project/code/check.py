"""Checks a spec against what is on disk: handlers, other paths, links in code, and versions of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.project.code import handlers, paths, versions

if TYPE_CHECKING:
    from scaffold.findings.finding import Finding
    from scaffold.project.code.subject import Subject


def check(project: Subject, *, offer: bool) -> tuple[list[Finding], set[str]]:
    """Return what is wrong after the next render, and the starters that it must not create; none of them if `offer`."""
    found, withheld = handlers.check(project, offer=offer)
    found += paths.check(project)
    if any(entry.target for entry in project.entries):
        from scaffold.project.code import links

        found += links.check(project)
    found += versions.check(project)
    return sorted(found), withheld
