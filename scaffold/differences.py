"""What a render would change, for people: unified diffs, and what-ifs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from scaffold.document import parse as parse_document
from scaffold.errors import InvalidInputError
from scaffold.findings import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scaffold.project import Change


def parse(settings: Sequence[str]) -> dict[tuple[str, ...], Any]:
    """`lambda.timeout=60` words as values by path. The value is YAML, as strict as the spec's.

    Raises InvalidInputError for a word without a key, or with a value that is not YAML.
    """
    parsed = {}
    for word in settings:
        key, sign, text = word.partition("=")
        if not (key and sign):
            raise InvalidInputError(f"--set {visible(word)}: write KEY=VALUE, for example --set lambda.timeout=60")
        document = parse_document(f"value: {text}\n".encode(), file=f"--set {key}")
        if document.findings:
            raise InvalidInputError(
                f"--set {visible(word)}: {document.findings[0].message}. {document.findings[0].fix}"
            )
        parsed[tuple(key.split("."))] = document.value["value"]  # type: ignore[index, call-overload]
    return parsed


def override(spec: Any, settings: Mapping[tuple[str, ...], Any]) -> Any:
    """A copy of the spec in which these paths hold these values; what lies between is made."""
    for path, value in settings.items():
        spec = _put(spec, path, value)
    return spec


def _put(spec: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    inner = spec if isinstance(spec, dict) else {}
    return inner | {path[0]: _put(inner.get(path[0]), path[1:], value)}


def unified(root: Path, change: Change) -> str:
    """One change as a unified diff, from what stands to what a render wants; a mode or a link is said in words."""
    path = visible(str(root / change.path))
    if change.before == change.after:
        return f"mode {'+x' if change.executable else '-x'} {path}\n"
    old, new = _lines(change.before), _lines(change.after)
    names = [path if content is not None else "/dev/null" for content in (change.before, change.after)]
    return "".join(difflib.unified_diff(old, new, names[0], names[1])) or f"{change.kind} {path}\n"


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode(errors="backslashreplace")
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, f"{lines[-1]}\n\\ No newline at end of file\n"] if lines[-1] else ended
