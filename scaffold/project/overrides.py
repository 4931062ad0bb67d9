"""Applies the settings of `scaffold diff --set` to a spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.documents.document import parse as parse_document
from scaffold.errors import InvalidInputError
from scaffold.findings.source import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def parse(settings: Sequence[str]) -> dict[tuple[str, ...], Any]:
    """Parse arguments like `lambda.timeout=60` into values by path. The value is YAML, as strict as the spec's.

    Raises InvalidInputError for an argument without a key, or with a value that is not valid YAML.
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
    """Return a copy of the spec with these values at these paths; missing mappings are created."""
    for path, value in settings.items():
        spec = _put(spec, path, value)
    return spec


def follow_runtime(spec: Any, bases: Mapping[str, Any]) -> Any:
    """Return a spec without the pin of a default base in `bases`, the standards', that does not support its runtime.

    The pin was made for another runtime, so the spec gets the default base of its own.
    """
    named = spec.get("base") if isinstance(spec, dict) else None
    if not isinstance(named, dict) or not isinstance(named.get("name"), str) or "digest" not in named:
        return spec
    row = bases.get(named["name"], {})
    if not row.get("default") or spec.get("runtime") in row["runtimes"]:
        return spec
    return {key: value for key, value in spec.items() if key != "base"}


def _put(spec: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    inner = spec if isinstance(spec, dict) else {}
    return inner | {path[0]: _put(inner.get(path[0]), path[1:], value)}
