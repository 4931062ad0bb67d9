"""The codes of findings of the YAML reader, and their meanings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MEANINGS: Final[Mapping[str, str]] = {
    "ambiguous-value": "YAML 1.1 and YAML 1.2 read this value differently. Quote it.",
    "byte-order-mark": "The file starts with a byte order mark.",
    "complex-key": "A key is a list or a mapping.",
    "duplicate-key": "The same mapping has a key twice.",
    "empty-document": "The file is empty.",
    "forbidden-character": "A control or bidi character, a no-break space, or a tab in a string.",
    "merge-key": "`<<` merges another mapping.",
    "non-string-key": "Some version of YAML reads a key as a number, a date or a boolean. Quote it.",
    "not-a-mapping": "The file is not a mapping of `key: value` lines.",
    "not-finite": "A number is infinite or NaN.",
    "not-utf-8": "The file is not UTF-8.",
    "number-too-large": "An integer beyond 2^53. Quote it.",
    "several-documents": "A second document starts in the file.",
    "too-deep": "Too many levels of nesting.",
    "too-large": "The file is too large to be a spec.",
    "too-many-nodes": "The file has too many keys and values.",
    "too-many-problems": "Only the first problems of the file are shown.",
    "yaml-alias": "`*name` refers to a value elsewhere.",
    "yaml-anchor": "`&name` names a value.",
    "yaml-directive": "A line that starts with `%`.",
    "yaml-syntax": "The file is not valid YAML.",
    "yaml-tag": "`!tag` sets the type of a value.",
}
"""The meaning of each code, in Markdown."""
