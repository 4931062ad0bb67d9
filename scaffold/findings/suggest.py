"""Suggestions for misspelled names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


_CHOICES_SHOWN = 8
_SHORT_WORD = 4
"""Up to this length, one other letter makes another name: sns is not a misspelt sqs."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `word` most likely misspells, or None. Case is ignored."""
    import difflib

    by_folded = {choice.casefold(): choice for choice in choices}
    similarity = 0.75 if len(word) <= _SHORT_WORD else 0.6
    # The comparison is quadratic in the length of the word, which is untrusted.
    found = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=similarity)
    found += [choice for choice in by_folded if sorted(choice) == sorted(word.casefold())][:1]
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return a sentence that suggests valid choices instead of `word`; empty if there are no choices."""
    known = list(choices)
    if (best := nearest(word, known)) is not None:
        return f'Did you mean "{best}"?'
    if not known:
        return ""
    more = len(known) - _CHOICES_SHOWN
    tail = f", and {more} more" if more > 0 else ""
    return f"Use one of: {', '.join(known[:_CHOICES_SHOWN])}{tail}."
