"""The types of plain scalars, and whether all versions of YAML agree on them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from scaffold.findings.source import visible

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_INTEGER = 2**53  # a parser that keeps numbers as doubles (RFC 8259 §6) would change a larger one

# Plain scalars that YAML 1.1, as PyYAML implements it, and the core schema of YAML 1.2.2 (§10.3.2) read alike …
_WORDS: dict[str, Json] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0*[0-7]|[1-9][0-9]*)|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# … the other numbers of YAML 1.2 …
_CORE_NUMBER = re.compile(r"0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# … and those that YAML 1.1 does not read as strings: PyYAML's own table, and four words of the specification
# (https://yaml.org/type/bool.html) that PyYAML does not implement.
_PYYAML_TYPES: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_LEFT_OUT = {"y": "true", "Y": "true", "n": "false", "N": "false"}

_FINITE = "Write a finite number."


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The value of a plain scalar, and the problem with it, if any."""

    value: Json
    code: str = ""
    message: str = ""
    fix: str = ""


def read_plain(text: str) -> Plain:
    """Read a plain scalar; one that two versions of YAML read differently becomes a string."""
    if text in _WORDS:
        return Plain(value=_WORDS[text])
    if _INTEGER.fullmatch(text):
        return _read_integer(text)
    if _NOT_FINITE.fullmatch(text) or (_FLOAT.fullmatch(text) and not math.isfinite(float(text))):
        return Plain(value=None, code="not-finite", message=f"{short(text)} is not a finite number", fix=_FINITE)
    if _FLOAT.fullmatch(text):
        return Plain(value=float(text))
    if is_text(text):
        return Plain(value=text)
    readings = f"YAML 1.1 reads {short(text)} as {_yaml_1_1(text)}, YAML 1.2 as {_yaml_1_2(text)}"
    return Plain(value=text, code="ambiguous-value", message=readings, fix=quote(text))


def _read_integer(text: str) -> Plain:
    digits = text.lstrip("+-0x")
    # int() raises an exception for thousands of digits; integers of more than 16 are out of range.
    if len(digits) <= 16 and abs(value := int(text, 16 if "x" in text else 10)) <= MAX_INTEGER:
        return Plain(value=value)
    message = f"the integer {short(text)} is beyond 2^53, so some parsers change it"
    return Plain(value=text, code="number-too-large", message=message, fix=quote(text))


def is_text(text: str) -> bool:
    """Whether both versions of YAML read this plain scalar as a string."""
    if text in _WORDS or text in _LEFT_OUT or _CORE_NUMBER.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return False
    return not any(pattern.match(text) for _, pattern in _PYYAML_TYPES.get(text[0], ()))


def _yaml_1_1(text: str) -> str:
    """Return how PyYAML reads a plain scalar, for a message."""
    if text in _LEFT_OUT:
        return _LEFT_OUT[text]
    if len(text) > 40:
        return "something else"  # hundreds of parts in base 60 would take seconds
    try:
        value = yaml.safe_load(text)
    except Exception:  # noqa: BLE001 - a thirteenth month, a lone "=": PyYAML may raise anything
        return "an error"
    return "a string" if value == text else json.dumps(value, default=lambda value: f"the date {value}").strip('"')


def _yaml_1_2(text: str) -> str:
    """Return how the core schema of YAML 1.2 reads a plain scalar that YAML 1.1 reads differently, for a message."""
    if not _CORE_NUMBER.fullmatch(text):
        return "a string"
    if len(text) > 40:
        return "a number"
    return f"{int(text, 0)}" if text.startswith("0o") else f"{float(text):.15g}"


def quote(text: str) -> str:
    """Return the fix for a plain scalar that should be quoted."""
    return f"Quote it: {json.dumps(text)}." if len(text) <= 40 else "Quote it."


def short(text: str) -> str:
    """Return an untrusted value for a message: on one line, and at most 40 characters of it."""
    return visible(text if len(text) <= 40 else f"{text[:40]}…") or "(empty)"
