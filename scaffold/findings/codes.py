"""What is known of the codes of findings besides the findings: their meaning, and the page that tells more."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from scaffold.locations import template_root

_MEANINGS = Path(__file__).with_name("codes.json")
"""Written by docs/generate.py, like the page."""


def meaning(code: str) -> str:
    """One or two sentences; the code itself where it is new."""
    return _meanings().get(code, code)


def known() -> list[str]:
    """Every code."""
    return list(_meanings())


def help_uri(code: str) -> str:
    """The place of a code in the documentation of this very version, in the template's repository."""
    template = _template()
    source = template["source"].removesuffix("/").removesuffix(".git")
    return f"{source}/blob/v{template['version']}/docs/reference.md#{anchor(code)}"


def anchor(code: str) -> str:
    """The name of a code's place in the reference."""
    return f"finding-{code}"


def tool() -> dict[str, str]:
    """The name, the version and the home of what found something."""
    template = _template()
    return {"name": template["name"], "version": template["version"], "informationUri": template["source"]}


@cache
def _meanings() -> dict[str, str]:
    found: dict[str, str] = json.loads(_MEANINGS.read_bytes())
    return found


@cache
def _template() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((template_root() / "catalogue/template.json").read_bytes())
    return found
