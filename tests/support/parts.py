"""Parts of generated projects that are programs, as a project has them."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
TEMPLATES = SandboxedEnvironment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[2]),
    keep_trailing_newline=True,
    lstrip_blocks=True,
    trim_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def program(part: str, **plan: Any) -> Path:
    """Write a part to a file that can be run. It may ask for these keys of a plan, and the version, this Python's."""
    text = TEMPLATES.get_template(f"template/{part}").render(plan={"runtime": {"version": VERSION}, **plan})
    path = Path(tempfile.mkdtemp()) / Path(part).stem
    path.write_text(text, encoding="utf-8")
    return path
