"""Spec to problems, plan and files, in process and without Copier: the same templates, so the same bytes. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from scaffold.locations import COMPILED, PARTS, template_root
from scaffold.rendering.rendered_file import Owner, RenderedFile
from scaffold.rendering.template_cache import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffold.rendering.plan import Output, Plan

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where there is one: for what Copier or this template wrote, not for a spec."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with a spec, as the template says it.

    `path` holds keys and indexes from the top; `at_key` says that the key is wrong rather than its value; `choices`
    are names that would have been right.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    fix: str
    choices: tuple[str, ...]
    at_key: bool


class Engine:
    """Renders one template: the package's own, or the one under `root`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or template_root()

    @cached_property
    def origin(self) -> dict[str, str]:
        """Where Copier finds this very template; a project that the package makes records it for Copier."""
        template = json.loads((self.root / "catalogue/template.json").read_bytes())
        return {"_src_path": template["source"], "_commit": f"v{template['version']}"}

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        settings = yaml.load((self.root / "copier.yml").read_bytes(), Loader=SAFE_LOADER)["_envops"]  # noqa: S506 - safe
        environment = SandboxedEnvironment(
            loader=FileSystemLoader(self.root),
            bytecode_cache=TemplateCache(settings, self.root / COMPILED),
            auto_reload=False,
            cache_size=-1,
            optimized=False,  # folding constants takes a sixth of a first run, and saves nothing after it
            extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
            **(settings | {"undefined": StrictUndefined}),
        )
        environment.filters["from_yaml"] = lambda text: yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - the filter's own, in C
        return environment

    def compiled(self) -> Iterator[tuple[str, str]]:
        """Yield the Python source of every template, with the name under which a wheel ships it in COMPILED."""
        files = (path for part in PARTS for path in (self.root / part).rglob("*") if path.is_file())
        names = (path.relative_to(self.root).as_posix() for path in files)
        # Copier's part is read by Copier alone.
        used = sorted(name for name in names if not name.startswith(("template/tree/", "template/guard/")))
        yield from cast("TemplateCache", self._environment.bytecode_cache).sources(self._environment, used)

    def _value(self, part: str, name: str, **context: object) -> Any:
        return getattr(self._environment.get_template(f"template/{part}.jinja").make_module(context), name)

    def problems(self, spec: object) -> list[Problem]:
        """Everything wrong with `spec` (JSON values), by the schema and by the tables; empty for a valid one."""
        return _problems(self._value("spec/problems", "problems", spec=spec))

    def has_known(self, spec: object) -> bool:
        """Whether a spec was in order when it was rendered: its base may have been withdrawn since."""
        return all(problem.code == "withdrawn-base" for problem in self.problems(spec))

    def problems_of_standards(self, value: object) -> list[Problem]:
        """What the schema says against a standards file (JSON values)."""
        return _problems(self._value("spec/standards", "problems", standards=value))

    @cached_property
    def identity(self) -> dict[str, str]:
        """The name, organisation and version that the template writes into a project's answers file."""
        template = self._tables.template
        return {key: template[key] for key in ("name", "version")} | {"organisation": self.standards["organisation"]}

    @property
    def standards(self) -> dict[str, Any]:
        """The template's own standards, as its parts read them."""
        return dict(self._tables.standards)

    @property
    def _tables(self) -> Any:
        return self._environment.get_template("template/plan/tables.jinja").module

    def table(self, name: str) -> dict[str, Any]:
        """The rows of a table of the catalogue, by their names."""
        return dict(getattr(self._tables, name))

    @property
    def platforms(self) -> dict[str, str]:
        """Docker's name of each of Lambda's architectures."""
        return {name: row["platform"] for name, row in self.table("lambda")["architectures"].items()}

    def plan(self, spec: Mapping[str, Any]) -> Plan:
        """What follows from a valid `spec`."""
        plan: Plan = _sorted(self._value("plan/plan", "plan", spec=spec))
        return plan

    def render(
        self, spec: Mapping[str, Any], plan: Plan, answers: Mapping[str, Any], *, left_behind: Sequence[str] = ()
    ) -> list[RenderedFile]:
        """The files of a valid `spec` and its plan that a project with these recorded `answers` may yet be given.

        Answers are empty for a new project. `left_behind` are generated files that the answers file must list as left
        over, as Copier does.
        """
        context = {
            "spec": spec,
            "plan": plan,
            "offered": answers.get("starters", []),
            "left_behind": left_behind,
            "_copier_answers": answers,
        }
        return [
            RenderedFile(
                path=row["path"],
                owner=Owner(row["owner"]),
                executable=row["mode"] == "0755",
                content=self._environment.get_template(row["template"]).render(context, file=row).encode(),
            )
            for row in plan["outputs"]
            if _due(row, answers)
        ]


def _problems(rows: Iterable[Mapping[str, Any]]) -> list[Problem]:
    return [Problem(**dict(row) | {"path": tuple(row["path"]), "choices": tuple(row["choices"])}) for row in rows]


def _sorted(value: Any) -> Any:
    """A copy with its keys in order, as Copier gets it by way of JSON: the original shares parts with the tables."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _due(row: Output, answers: Mapping[str, Any]) -> bool:
    match row["owner"]:
        case Owner.STARTER:
            return row["path"] not in answers.get("starters", [])
        case Owner.THEIRS:
            return "spec" not in answers
    return True
