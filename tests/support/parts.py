"""Parts of generated projects that are programs, as a project has them."""

import tempfile
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

TEMPLATES = SandboxedEnvironment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[2]),
    keep_trailing_newline=True,
    lstrip_blocks=True,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def program(part: str, **plan: Any) -> Path:
    """Write a part to a file that can be run. These keys of the plan are all that it may ask for."""
    text = TEMPLATES.get_template(f"template/{part}").render(plan=plan)
    path = Path(tempfile.mkdtemp()) / Path(part).stem
    path.write_text(text, encoding="utf-8")
    return path
