"""Checks what stands beside the files of a project and could take their place in a build or an update."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding
from scaffold.project import files, observation
from scaffold.project.answers import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from scaffold.project.state import NotRendered, Rendered
    from scaffold.rendering.engine import Engine
    from scaffold.standards.model import Standards

_MAKEFILE, _LOCAL = "Makefile", "local.mk"
_PREFERRED = ("GNUmakefile", "makefile")
"""The names that make looks for before `Makefile`."""
_TARGETS = re.compile(r"^(?![#\t ])([^:=#\n]+?)[ \t]*::?(?!=)", re.MULTILINE)
_BUILDS = re.compile(
    r"(?:docker|container)file(?:\..*)?|.*\.(?:docker|container)file|(?:docker-)?compose.*\.ya?ml|docker-bake.*"
    r"|skaffold.*\.ya?ml|samconfig.*|template\.(?:ya?ml|json)|\.devcontainer\.json|\.env",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"(?:git\+)?(?:(?:https?|ssh|git)://)?(?:[^@/]+@)?([^/:]+)(?::[0-9]+(?=/))?[:/]/*(.+?)(?:\.git)?/*"
)
_SHORT = {"gh:": "github.com/", "gl:": "gitlab.com/"}


def findings(now: NotRendered | Rendered, engine: Engine, standards: Standards, today: date) -> list[Finding]:
    """Return what is wrong beside the generated files of a project on a day (UTC)."""
    with files.opened(now.root) as tree:
        names = files.names(tree, "") or []
    return [*_makefiles(now, names), *_template(now, engine), *_builds(now, names, standards, today)]


def _makefiles(now: NotRendered | Rendered, names: list[str]) -> Iterator[Finding]:
    for name in _PREFERRED:
        if name in names:
            message = f"make reads this file instead of the generated {_MAKEFILE}"
            yield _finding(now, "shadowed", name, message, f"Move its targets to {_LOCAL}, and remove it.")
    if _LOCAL in names:
        own, generated = (_targets(observation.content(now.root, name)) for name in (_LOCAL, _MAKEFILE))
        if replaced := sorted(own & generated - {".PHONY"}):
            message = f"replaces targets of the generated {_MAKEFILE}: {', '.join(replaced)[:200]}"
            yield _finding(now, "shadowed", _LOCAL, message, "Give them other names.")


def _targets(content: bytes | None) -> set[str]:
    text = (content or b"").decode(errors="replace").replace("\\\n", " ")
    return {name for found in _TARGETS.finditer(text) for name in found[1].split()}


def _template(now: NotRendered | Rendered, engine: Engine) -> Iterator[Finding]:
    """Report a source other than this template's own; a path on this machine is a matter of who runs the update."""
    if now.source and not now.source.startswith(("/", "~")) and _place(now.source) != _place(engine.source):
        message = (
            f"the next update would take the template from {now.source[:200]}, and this one is from {engine.source}"
        )
        yield _finding(now, "foreign-template", ANSWERS, message, f"Restore `_src_path: {engine.source}`.")


def _place(source: str) -> str:
    """Return the host and the path of a repository, however its address is written."""
    for short, host in _SHORT.items():
        source = source.replace(short, f"https://{host}", 1) if source.startswith(short) else source
    found = _REMOTE.fullmatch(source)
    return f"{found[1]}/{found[2]}".lower() if found else source


def _builds(now: NotRendered | Rendered, names: list[str], standards: Standards, today: date) -> list[Finding]:
    """Check the files from which a builder could build something else than the generated Dockerfile says."""
    ours = {row["path"] for row in now.plan["outputs"]}
    others = [name for name in names if _BUILDS.fullmatch(name) and name not in ours]
    others = [name for name in others if not name.lower().endswith(".dockerignore")]
    if not others:
        return []
    from scaffold.dockerfile import discover
    from scaffold.gates import dockerfile, plan

    observation.not_repeatable()
    images = plan.planned_images(now.plan, standards)
    return dockerfile.judge_found(discover.beside(now.root, others), standards, today, images)


def _finding(now: NotRendered | Rendered, code: str, name: str, message: str, fix: str) -> Finding:
    return Finding(code=code, message=message, fix=fix, file=str(now.root / name))
