"""Location of the template, the tables and the schemas, in a checkout or a wheel."""

from __future__ import annotations

from pathlib import Path

PARTS = ("copier.yml", "template", "catalogue", "standards", "schema")
"""Everything that a render needs, by its name in the repository; pyproject.toml puts the same into the wheel."""

COMPILED = "compiled"
"""The folder beside the parts that holds the compiled templates of a wheel (`hatch_build.py`); a checkout has none."""

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_template"


def template_root() -> Path:
    """Return the directory that contains these parts: in a wheel, or in a checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
