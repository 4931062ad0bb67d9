"""Rendering, compared with other project generators."""

from __future__ import annotations

import json
import re
import shutil
from time import perf_counter
from typing import TYPE_CHECKING

from cookiecutter.main import cookiecutter
from measure import best
from table import Row

from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine
from tests.support.template import Tree, tree, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workspace import Workspace

# The values that vary between projects, in the files that a cookiecutter template would render.
_FACTS = {"name": "image-search", "handler": "search.main.handler", "machine": "x86_64", "architecture": "amd64"}
_TEMPLATES = re.compile(r"Dockerfile|Makefile|scripts/.*|src/.*|tests/.*")
_DELIMITERS = re.compile(r"{{|{%|{#")


def with_cookiecutter(space: Workspace) -> Iterator[Row]:
    """A new project, in process, after imports: both create a new environment and write into an empty directory."""
    target = space.root / "new"
    _make(space, target)
    files = tree(target)
    template, settings = _template(space.root / "cookiecutter", target.name, files), space.root / "cookiecutter.yml"
    settings.write_text(json.dumps({"replay_dir": str(space.root / "replay")}), encoding="utf-8")

    def theirs() -> None:
        shutil.rmtree(target)
        cookiecutter(str(template), no_input=True, output_dir=str(space.root), config_file=str(settings))

    theirs()
    if tree(target) != files:
        raise RuntimeError("cookiecutter writes different files: the comparison would be unfair")
    contenders = {"ours": lambda: _make(space, target), "theirs": theirs}
    clocks = {"A new project, in process": None, "… wall time, since only ours flushes to disk": perf_counter}
    for name, clock in clocks.items():
        times = best(contenders, rounds=30, clock=clock)
        yield Row(name=name, against=f"cookiecutter, with a template of these {len(files)} files", **times)


def _make(space: Workspace, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    (target / SPEC).write_bytes(space.text)
    apply(target, state.read(target, Engine()).changes)


def _template(where: Path, name: str, files: Tree) -> Path:
    """Create a cookiecutter template that produces these files: `_TEMPLATES` are rendered, the others copied."""
    rendered = {path for path in files if _TEMPLATES.fullmatch(path)}
    write_tree(
        where / "{{ cookiecutter.folder }}",
        {path: (_as_template(text) if path in rendered else text, mode) for path, (text, mode) in files.items()},
    )
    copied = [path for path in files if path not in rendered]
    questions = {"folder": name, **_FACTS, "_copy_without_render": copied}
    (where / "cookiecutter.json").write_text(json.dumps(questions), encoding="utf-8")
    return where


def _as_template(content: bytes) -> bytes:
    text = _DELIMITERS.sub(lambda found: f"{{{{ '{found[0]}' }}}}", content.decode())
    for key, value in _FACTS.items():
        text = text.replace(value, f"{{{{ cookiecutter.{key} }}}}")
    return text.encode()


def with_copier(space: Workspace) -> Iterator[Row]:
    """As commands, on the same project, whose spec has not changed."""
    recopy = space.tool("copier", "recopy", "--quiet", "--force", "--vcs-ref", ":current:")
    times = best({"ours": space.tool("scaffold", "render"), "theirs": recopy}, rounds=10)
    yield Row(name="`scaffold render`, nothing to change", against="`copier recopy -f -r :current:`", **times)
