"""Checks that the paths which a spec names are there when the project is rendered.

Model files are not among them: Git LFS and the like bring them later, and the build checks them. Nor is anything that
git ignores, since a build of the project's own may make it, or a lock file that `make lock` has yet to write.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from scaffold.project.code import looks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.project.code.subject import Subject


def check(project: Subject) -> list[Finding]:
    """Return a finding for each path that does not exist, or that leads through a link."""
    missing: list[tuple[KeyPath, str]] = []
    linked: list[tuple[KeyPath, str]] = []
    for key, path in _named(project):
        there = looks.place(project.root, project.on_disk(path))
        if there is None and key[0] in project.spec and not _comes_later(project, path):
            missing.append((key, path))
        elif there is not None and there.startswith(looks.LINK):
            linked.append((key, there.removeprefix(looks.LINK).decode(errors="replace")))
    found = [_linked(project, *row) for row in linked]
    return [*found, *_missing(project, missing)] if missing else found


def _named(project: Subject) -> Iterator[tuple[KeyPath, str]]:
    plan, spec = project.plan, project.spec
    given = spec.get("dependencies", {})
    for key in ("files", "projects", "wheels"):
        # In the order of the spec; the plan sorts them, and has the default files.
        paths = given.get(key) or (plan["dependencies"]["files"] if key == "files" else [])
        yield from ((("dependencies", key, at), path) for at, path in enumerate(paths))
    yield from ((("code", at, "from"), row["from"]) for at, row in enumerate(plan["code"]))
    yield from ((("certificates", at), path) for at, path in enumerate(spec.get("certificates", [])))


def _comes_later(project: Subject, path: str) -> bool:
    if looks.is_pattern(path):
        from scaffold.project.code.patterns import matcher

        start = project.on_disk(path)
        fits = matcher([posixpath.basename(start)])
        return any(fits(name) for name in looks.entries(project.root, posixpath.dirname(start) or "."))
    locks = {lock["to"]: lock["from"] for lock in project.plan["dependencies"]["locks"]}
    if path in locks and looks.place(project.root, project.on_disk(locks[path])):
        return True
    return project.is_coming(path) or project.is_coming(locks.get(path, path))


def _missing(project: Subject, rows: list[tuple[KeyPath, str]]) -> list[Finding]:
    from scaffold.findings.suggest import nearest
    from scaffold.project import git
    from scaffold.project.observation import not_repeatable

    not_repeatable()
    ignored = git.ignored(project.root, [project.on_disk(path) for _, path in rows])
    found = []
    for key, path in rows:
        if (on_disk := project.on_disk(path)) in ignored:
            continue
        folder = project.root / posixpath.dirname(on_disk)
        names = [other.name for other in folder.iterdir()] if folder.is_dir() else []
        other = nearest(posixpath.basename(path), names)
        near = f'Did you mean "{posixpath.join(posixpath.dirname(path), other)}"? ' if other else ""
        fix = f"{near}Correct the path or create it. If something creates it before the build, have git ignore it."
        found.append(project.finding("missing-path", f"{path} does not exist", key, fix))
    return found


def _linked(project: Subject, key: KeyPath, link: str) -> Finding:
    target = (project.root / link).readlink().as_posix()
    message = f"{link} is a link to {target}, and the builder receives the link without its target"
    fix = "Name the target itself in the spec, or replace the link with what it leads to."
    return project.finding("broken-link", message, key, fix)
