"""Parts of generated projects that are programs, as a project has them."""

import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).parents[2] / "template"
HEADER = "{% include 'template/header.jinja' %}"


def program(part: str) -> Path:
    """Write a part that holds nothing to fill in but its header to a file that can be run."""
    text = (TEMPLATE / part).read_text(encoding="utf-8")
    text = text.replace(HEADER, (TEMPLATE / "header.jinja").read_text(encoding="utf-8"))
    assert "{%" not in text
    path = Path(tempfile.mkdtemp()) / Path(part).stem
    path.write_text(text, encoding="utf-8")
    return path
