"""Computes problems, plan and files of a spec in process, from the templates that Copier renders. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from scaffold.findings.finding import Edit
from scaffold.locations import COMPILED, PARTS, template_root
from scaffold.rendering.rendered_file import Owner, RenderedFile
from scaffold.rendering.template_cache import TemplateCache, TemplateLoader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffold.rendering.plan import Output, Plan

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C if available: for files written by Copier or this template, not for specs."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem of a spec, as the template reports it.

    `path` holds keys and indexes from the top; `at_key` means that the key is wrong rather than its value; `choices`
    are valid names; `edits` are the fix as data.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    fix: str
    choices: tuple[str, ...]
    at_key: bool
    edits: tuple[Edit, ...]


class Engine:
    """Renders one template: the package's own, or the one in `root`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or template_root()

    @cached_property
    def origin(self) -> dict[str, str]:
        """The source and version of this template, which a project records for Copier."""
        template = json.loads((self.root / "catalogue/template.json").read_bytes())
        return {"_src_path": template["source"], "_commit": f"v{template['version']}"}

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        settings = yaml.load((self.root / "copier.yml").read_bytes(), Loader=SAFE_LOADER)["_envops"]  # noqa: S506 - safe
        environment = SandboxedEnvironment(
            loader=TemplateLoader(self.root),
            bytecode_cache=TemplateCache(settings, self.root / COMPILED),
            auto_reload=False,
            cache_size=-1,
            optimized=False,  # folding constants takes a sixth of a first run, and saves nothing later
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
        """Return everything wrong with `spec` (JSON values), by the schema and by the tables; empty if it is valid."""
        return _problems(self._value("spec/problems", "problems", spec=spec))

    def has_known(self, spec: object) -> bool:
        """Return whether a spec was valid when it was rendered, even if its base has been withdrawn since."""
        return all(problem.code == "withdrawn-base" for problem in self.problems(spec))

    def problems_of_standards(self, value: object) -> list[Problem]:
        """Return violations of the schema in a standards file (JSON values)."""
        return _problems(self._value("spec/standards", "problems", standards=value))

    @cached_property
    def identity(self) -> dict[str, str]:
        """The name, organisation and version that the template writes into a project's answers file."""
        template = self._tables.template
        return {key: template[key] for key in ("name", "version")} | {"organisation": self.standards["organisation"]}

    @cached_property
    def smallest(self) -> dict[str, Any]:
        """The smallest spec: what the schema requires, with its examples."""
        schema = json.loads((self.root / "schema/lambda-image.schema.json").read_bytes())
        return {name: schema["properties"][name]["examples"][0] for name in schema["required"]}

    @property
    def source(self) -> str:
        """The repository from which Copier takes this template."""
        return str(self._tables.template["source"])

    @property
    def standards(self) -> dict[str, Any]:
        """The template's own standards."""
        return dict(self._tables.standards)

    @property
    def _tables(self) -> Any:
        return self._environment.get_template("template/plan/tables.jinja").module

    def table(self, name: str) -> dict[str, Any]:
        """Return the rows of a table of the catalogue by name."""
        return dict(getattr(self._tables, name))

    @cached_property
    def versions(self) -> dict[str, Any]:
        """How files name versions of each language, and what changes with a runtime; no template reads it."""
        return dict(json.loads((self.root / "catalogue/versions.json").read_bytes()))

    @cached_property
    def preflight(self) -> dict[str, Any]:
        """What the checks of images and of lock files look for; no template reads it."""
        return dict(json.loads((self.root / "catalogue/preflight.json").read_bytes())["preflight"])

    @property
    def platforms(self) -> dict[str, str]:
        """Docker's platform for each Lambda architecture."""
        return {name: row["platform"] for name, row in self.table("lambda")["architectures"].items()}

    def plan(self, spec: Mapping[str, Any]) -> Plan:
        """Return the plan of a valid `spec`."""
        # Sorted and apart from the tables, as Copier gets it.
        plan: Plan = json.loads(json.dumps(self._value("plan/plan", "plan", spec=spec), sort_keys=True))
        return plan

    def render(
        self, spec: Mapping[str, Any], plan: Plan, answers: Mapping[str, Any], *, left_behind: Sequence[str] = ()
    ) -> list[RenderedFile]:
        """Return the files of a valid `spec` and its plan, except those that the recorded `answers` rule out.

        `answers` are empty for a new project. `left_behind` are generated files that the answers file must list as left
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
    return [_problem(dict(row)) for row in rows]


def _problem(row: dict[str, Any]) -> Problem:
    edits = tuple(Edit(tuple(path), value) for path, value in row["edits"])
    return Problem(**row | {"path": tuple(row["path"]), "choices": tuple(row["choices"]), "edits": edits})


def _due(row: Output, answers: Mapping[str, Any]) -> bool:
    match row["owner"]:
        case Owner.STARTER:
            return row["path"] not in answers.get("starters", [])
        case Owner.THEIRS:
            return "spec" not in answers
    return True
