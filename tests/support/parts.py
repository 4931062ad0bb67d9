"""Parts of generated projects that are programs, as a project has them."""

import sys
import tempfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parents[2]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def program(part: str) -> Path:
    """Write a part that needs nothing of a plan but the version of Python, here this one, to a file that can be run."""
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = environment.get_template(f"template/{part}").render(plan={"runtime": {"version": VERSION}})
    path = Path(tempfile.mkdtemp()) / Path(part).stem
    path.write_text(text, encoding="utf-8")
    return path
