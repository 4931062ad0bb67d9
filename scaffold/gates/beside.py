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
    from pathlib import Path

    from scaffold.project.state import NotRendered, Rendered
    from scaffold.rendering.engine import Engine
    from scaffold.standards.model import Standards

_MAKEFILE, _LOCAL = "Makefile", "local.mk"
_PREFERRED = ("GNUmakefile", "makefile")
"""The names that make looks for before `Makefile`."""
_TARGETS = re.compile(r"^(?![#\t ])([^:=#\n]+?)[ \t]*::?(?!=)", re.MULTILINE)
_INCLUDES = re.compile(r"^ *[-s]?include[ \t]+([^#\n]+)", re.MULTILINE)
_EXPANDED = re.compile(r"[$*?]")
_VARIABLES = re.compile(r"^ *(?:(?:export|override|define) +)*([A-Za-z_.][\w.]*)[ \t]*(?:::?:?|[+?!])?=", re.MULTILINE)
_MEANT_FOR_ALL = frozenset({".SHELLFLAGS =", "ARGS =", "MAKEFLAGS =", "PATH =", "SHELL ="})
"""Variables that change every recipe."""
_MOST_INCLUDED = 50
_BUILDS = re.compile(
    r"(?:docker|container)file(?:\..*)?|.*\.(?:docker|container)file|(?:docker-)?compose.*\.ya?ml|docker-bake.*"
    r"|(?:serverless|skaffold).*\.(?:ya?ml|json)|samconfig.*|(?:.*[-._])?(?:cfn|cloudformation|stack|template)\.(?:ya?ml|json)|\.devcontainer\.json|\.env",
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
        own, unknown = _read_makefile(now.root, _LOCAL)
        generated, _ = _read_makefile(now.root, _MAKEFILE, follow=False)
        if replaced := sorted(own & (generated | _MEANT_FOR_ALL) - {".PHONY"}):
            message = f"replaces targets or variables of the generated {_MAKEFILE}: {', '.join(replaced)[:200]}"
            yield _finding(now, "shadowed", _LOCAL, message, "Give them other names.")
        if unknown:
            message = f"targets or files that are not written out: {', '.join(sorted(unknown))[:200]}"
            yield _finding(now, "shadowed", _LOCAL, message, "Write them out, without variables.")


def _read_makefile(root: Path, name: str, *, follow: bool = True) -> tuple[set[str], set[str]]:
    """Return what a makefile and those that it includes define, and the words that make alone can expand.

    A variable has an equals sign behind its name.
    """
    targets, unknown, seen, waiting = set[str](), set[str](), set[str](), [name]
    while waiting and len(seen) < _MOST_INCLUDED:
        file = waiting.pop()
        seen.add(file)
        text = (observation.content(root, file) or b"").decode(errors="replace").replace("\\\n", " ")
        targets |= {word for found in _TARGETS.finditer(text) for word in found[1].split()}
        targets |= {f"{found[1]} =" for found in _VARIABLES.finditer(text)}
        included = [word for found in _INCLUDES.finditer(text) for word in found[1].split()] if follow else []
        unknown |= {word for word in included if _EXPANDED.search(word)}
        waiting += [word for word in included if word not in seen and not _EXPANDED.search(word)]
    unknown |= {word for word in targets if _EXPANDED.search(word)} | set(waiting) if follow else set()
    return targets, unknown


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
