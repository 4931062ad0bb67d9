"""The fix for a tag: for one of CloudFormation's, its long form, which a spec takes."""

from __future__ import annotations

import json
from typing import Any

_FUNCTIONS = frozenset(
    ("Base64", "Cidr", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Select", "Split", "Sub")
)


def fix(tag: str, event: Any) -> str:
    """Return how to write the value of a YAML event without its `tag`."""
    name, text = tag.removeprefix("!"), getattr(event, "value", "...")
    if name == "Ref":
        return f"Write {{Ref: {text}}}."
    if name == "GetAtt":
        return f'Write {{"Fn::GetAtt": [{text.replace(".", ", ", 1)}]}}.'
    if name in _FUNCTIONS:
        return f'Write {{"Fn::{name}": {"..." if text == "..." else json.dumps(text)}}}.'
    return "Remove it."
