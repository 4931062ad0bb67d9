"""Fixtures for benchmarks: a template repository, a project made from it, fleets of projects, and a private cache."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from measure import Command, run

from scaffold.locations import template_root
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.rendering.engine import Engine
from tests.support.template import CASES, commit, copy_template

FLEET = 1000
_CASE = CASES / "full" / SPEC
_KINDS = ("minimal", "full", "packages", "al2", "arm64")


@dataclass(frozen=True)
class Workspace:
    """A directory with all fixtures, each created on first use."""

    root: Path
    projects: int = 10_000

    @cached_property
    def spec(self) -> Any:
        return yaml.safe_load(self.text)

    @cached_property
    def text(self) -> bytes:
        return _CASE.read_bytes()

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @cached_property
    def environment(self) -> dict[str, str]:
        """Environment of child processes: bytecode is cached, as in an installation, and user settings are ignored."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        ours = {"XDG_CACHE_HOME": str(self.cache), "PYTHONPYCACHEPREFIX": str(self.root / "pyc")}
        return kept | git | ours

    @cached_property
    def project(self) -> Path:
        """A clean project, made by Copier and recognised by both tools."""
        where = _folder(self.root / "project")
        (where / SPEC).write_bytes(self.text)
        run(self.tool("copier", "copy", "--quiet", "--vcs-ref", "v1.0.0", str(self._template), ".", where=where))
        run(self.tool("scaffold", "check", where=where))
        return where

    @cached_property
    def _template(self) -> Path:
        """The checkout's template under a tag, which Copier requires of a repository."""
        where = copy_template(self.root / "template", standards=template_root() / "standards/standards.yaml")
        commit(where, "The template", tag="v1.0.0")
        return where

    @cached_property
    def fleet(self) -> Path:
        """A directory of clean projects that differ only in their names."""
        where = _folder(self.root / "fleet")
        for number in range(FLEET):
            root = _folder(where / f"team-{number % 20}" / f"function-{number}")
            (root / SPEC).write_bytes(self.text.replace(b"name: image-search", b"name: function-%d" % number))
        run(self.tool("scaffold", "render", where=where))
        return where

    @cached_property
    def organisation(self) -> Path:
        """A directory of `projects` clean projects: rendered once for each kind in `_KINDS`, then linked."""
        where, made = _folder(self.root / "organisation"), _folder(self.root / "kinds")
        for kind in _KINDS:
            (_folder(made / kind) / SPEC).write_bytes((CASES / kind / SPEC).read_bytes())
        run(self.tool("scaffold", "render", where=made))
        for number in range(self.projects):
            team = where / f"team-{number % 100}"
            shutil.copytree(made / _KINDS[number % len(_KINDS)], team / f"function-{number}", copy_function=os.link)
        return where

    @cached_property
    def outdated(self) -> Path:
        """A project made by Copier, whose template has since got a newer tag."""
        project = self.project
        commit(self._template, "A newer template", tag="v1.1.0")
        return project

    def job(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Return the engine's input for a project with these answers, in the form that `plain` expects."""
        engine = Engine()
        plan = engine.plan(self.spec)
        made = {file.path for file in engine.render(self.spec, plan, answers)}
        context = {"spec": self.spec, "plan": plan, "offered": answers.get("starters", []), "_copier_answers": answers}
        return {"rows": [row for row in plan["outputs"] if row["path"] in made], "context": context}

    def job_file(self) -> Path:
        """Write the input of `scaffold render` in the project to a file, and return its path."""
        path = self.root / "job.json"
        path.write_text(json.dumps(self.job(yaml.safe_load((self.project / ANSWERS).read_bytes()))), encoding="utf-8")
        return path

    def tool(self, name: str, *words: str | Path, where: Path | None = None) -> Command:
        """Return a command from this virtual environment, to run in the project or elsewhere."""
        program = Path(sys.executable).with_name(name)
        return Command(words=[program, *words], where=where or self.project, environment=self.environment)

    @cached_property
    def _site(self) -> Path:
        """A folder with the package, installed by pip from a wheel."""
        where, python = self.root / "site", Path(sys.executable)
        build = [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", self.root / "wheel", template_root()]
        environment = {name: value for name, value in self.environment.items() if name != "PYTHONPYCACHEPREFIX"}
        run(Command(words=build, where=self.root, environment=environment))
        [wheel] = (self.root / "wheel").iterdir()
        install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--target", where, wheel]
        run(Command(words=install, where=self.root, environment=environment))
        return where

    def installed(self, *words: str) -> Command:
        """Return a command of Python with the installed package instead of the checkout, to run in the project."""
        environment = self.environment | {"PYTHONPATH": str(self._site)}
        del environment["PYTHONPYCACHEPREFIX"]
        return Command(words=[Path(sys.executable), *words], where=self.project, environment=environment)

    def forget_bytecode(self) -> None:
        """Delete the bytecode of the installed package."""
        for folder in list(self._site.rglob("__pycache__")):
            shutil.rmtree(folder)

    def forget(self) -> None:
        """Delete the compiled templates."""
        shutil.rmtree(self.cache, ignore_errors=True)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path
