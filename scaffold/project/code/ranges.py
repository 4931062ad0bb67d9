"""Versions, and the ranges of versions in which package managers write what they support. Pure.

A version is a tuple of numbers, and stands for every version that starts with it: (3, 13) is all of 3.13. A range is
read leniently where managers read it differently, so that only a certain contradiction is one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Version: TypeAlias = tuple[int, ...]
_Span: TypeAlias = tuple[Version, Version]
"""The first version in it, and the first after it."""

_END: Version = (1_000_000,)
_VERSION = re.compile(r"v?([0-9]{1,9}(?:\.[0-9]{1,9})*)(?:\.[xX*])*(?:[-+._a-zA-Z][-+.\w]*)?")
_COMPARATOR = re.compile(r"(===?|=|\^|~=|~>|~|>=|>|<=|<|!=)?[ \t]*([^ \t,^~<>=!]+)[ \t]*,?[ \t]*")
_HYPHEN = re.compile(r"(\S+)[ \t]+-[ \t]+(\S+)")
_ANY = frozenset({"", "*", "x", "X", "latest"})


def version(text: str) -> Version | None:
    """Return the numbers at the start of a version such as `v22.1.0` or `3.13.0rc1`; None if it does not have any."""
    found = _VERSION.fullmatch(text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def agree(one: Version, other: Version) -> bool:
    """Return whether one of two versions stands for the other."""
    least = min(len(one), len(other))
    return one[:least] == other[:least]


def admits(text: str, wanted: Version) -> bool | None:
    """Return whether a range admits any version that `wanted` stands for; None if the range cannot be read."""
    spans = [_span(alternative.strip(), wanted) for alternative in re.split(r"\|\|?", text)]
    if any(span is None for span in spans):
        return None
    return any(span[0] < span[1] for span in spans if span)


def _span(text: str, wanted: Version) -> _Span | None:
    """Return what is left of `wanted` under all comparators of one alternative."""
    low, high = wanted, _next(wanted)
    if hyphen := _HYPHEN.fullmatch(text):
        text = f">={hyphen[1]} <={hyphen[2]}"
    for span in () if text in _ANY else _spans(text, wanted):
        if span is None:
            return None
        low, high = max(low, span[0]), min(high, span[1])
    return low, high


def _spans(text: str, wanted: Version) -> Iterator[_Span | None]:
    at = 0
    while at < len(text):
        found = _COMPARATOR.match(text, at)
        if not found:
            yield None
            return
        at = found.end()
        if found[2] not in _ANY:
            number = version(found[2])
            yield _of(found[1] or "=", number, wanted) if number else None


def _of(operator: str, number: Version, wanted: Version) -> _Span:
    significant = max((at for at, part in enumerate(number) if part), default=0) + 1
    first = next((at for at, part in enumerate(number) if part), len(number) - 1) + 1
    spans: dict[str, _Span] = {
        ">": (number, _END),
        ">=": (number, _END),
        "<": ((), number[:significant]),  # by <3.14.0, all of 3.14 is excluded
        "<=": ((), _next(number)),
        "^": (number, _next(number[:first])),
        "~": (number, _next(number[:2])),
        "~=": (number, _next(number[: max(1, len(number) - 1)])),
        "!=": ((), () if agree(number, wanted) and len(number) <= len(wanted) else _END),
    }
    return spans.get("~=" if operator == "~>" else operator, (number, _next(number)))


def _next(number: Version) -> Version:
    return (*number[:-1], number[-1] + 1)
