"""Checks the symbolic links in code: an image contains links as they are, so their targets must be in it too."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding

if TYPE_CHECKING:
    from scaffold.project.code.subject import Entry, Subject

_OF_THE_IMAGE = ("/dev/", "/etc/", "/lib", "/mnt/", "/opt/", "/proc/", "/usr/", "/var/lang/", "/var/runtime/")


def check(project: Subject) -> list[Finding]:
    """Return a finding for each link that leads to nothing in the image, as far as the project shows it."""
    links = [entry for entry in project.entries if entry.target and entry.inside]
    return [_finding(project, link) for link in links if _leads_out(project, link)]


def _leads_out(project: Subject, link: Entry) -> bool:
    from scaffold.project.observation import not_repeatable

    to = link.target or ""
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(link.inside), to))
    if not inside.startswith(("../", "/")) and inside != "..":
        return False
    not_repeatable()
    root = project.plan["task_root"]
    target = posixpath.normpath(posixpath.join(root, posixpath.dirname(link.to), to))
    if target.startswith(f"{root}/"):
        name = target[len(root) + 1 :]
        sources = [*project.sources(name), *(row["from"] for row in project.plan["code"] if row["to"] == name)]
        return not any(os.path.lexists(project.root / project.on_disk(source)) for source in sources)
    here = (project.root / link.path).resolve()
    context = (project.root / project.plan["place"]["root"]).resolve()
    if here.exists():
        return here.is_relative_to(context) or not to.startswith("/")
    return not target.startswith(_OF_THE_IMAGE)


def _finding(project: Subject, link: Entry) -> Finding:
    message = f"this link leads to {link.target}, which is not copied: in the image it leads to nothing"
    own = _as_code(project, link)
    fix = f"Remove the link and copy its target: code: [{own}]." if own else "Replace it with a copy of its target."
    return Finding(code="broken-link", message=message, fix=fix, file=str(project.root / link.path))


def _as_code(project: Subject, link: Entry) -> str:
    """Return the rows of code that have the same effect as a link; empty if none can."""
    real = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), link.target or ""))
    if real.startswith(("/", "..")):
        return ""
    to = link.to if (project.root / real).is_dir() else posixpath.dirname(link.to) or "."
    if to != link.to and posixpath.basename(real) != posixpath.basename(link.to):
        return ""
    rows = [*((row["from"], row["to"]) for row in project.plan["code"]), (real, to)]
    return ", ".join(f"{{from: {path}}}" if at == "." else f"{{from: {path}, to: {at}}}" for path, at in rows)
