"""JSON with comments, TOML, and what a JSON file is about."""

from __future__ import annotations

import json
import re

_COMMENTS = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_TOP = frozenset({"Resources", "include", "services", "target"})


def to_json(text: str, suffix: str) -> bytes:
    """Return the content of TOML, or of JSON with comments and trailing commas. Raises ValueError, RecursionError."""
    if suffix == ".toml":
        import tomllib

        return json.dumps(tomllib.loads(text), default=str).encode()
    return json.dumps(json.loads(_COMMENTS.sub(lambda found: found[1] or "", text))).encode()


def describes_builds(data: bytes) -> bool | None:
    """Return whether this is a JSON object with a key under which builds are described; None if it is not JSON."""
    try:
        top = json.loads(data)
    except (RecursionError, ValueError):
        return None
    return isinstance(top, dict) and bool(_TOP & top.keys())
