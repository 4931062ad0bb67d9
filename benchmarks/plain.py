"""The floor: the same file templates and context in plain jinja2, without a sandbox and without decisions.

As a program (`plain.py TEMPLATE JOB`) it renders once from cold, importing only the required modules.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

Job = dict[str, Any]
"""`rows` of a plan's outputs, and the `context` for their templates."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def environment(root: Path) -> Environment:
    """Create an environment like the engine's, with the same filters."""
    settings = yaml.load((root / "copier.yml").read_bytes(), Loader=_LOADER)["_envops"]
    made = Environment(
        loader=FileSystemLoader(root),
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        **(settings | {"undefined": StrictUndefined}),
    )
    made.filters["from_yaml"] = lambda text: yaml.load(text, Loader=_LOADER)
    return made


def templates(made: Environment, job: Job) -> list[tuple[Template, Job]]:
    return [(made.get_template(row["template"]), row) for row in job["rows"]]


def render(ready: list[tuple[Template, Job]], job: Job) -> dict[str, bytes]:
    return {row["path"]: template.render(job["context"], file=row).encode() for template, row in ready}


if __name__ == "__main__":
    _job = json.loads(Path(sys.argv[2]).read_bytes())
    render(templates(environment(Path(sys.argv[1])), _job), _job)
