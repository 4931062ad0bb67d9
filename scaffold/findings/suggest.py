"""The sentence that helps whoever misspelled a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


_CHOICES_SHOWN = 8


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that `word` is most likely a misspelling of, if any. Case does not count."""
    import difflib

    by_folded = {choice.casefold(): choice for choice in choices}
    # The comparison is quadratic in the word's length, and the word is anybody's.
    found = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Give the sentence that helps who wrote `word` where one of `choices` belongs; empty if there are none."""
    known = list(choices)
    if (best := nearest(word, known)) is not None:
        return f'Did you mean "{best}"?'
    if not known:
        return ""
    more = len(known) - _CHOICES_SHOWN
    tail = f", and {more} more" if more > 0 else ""
    return f"Use one of: {', '.join(known[:_CHOICES_SHOWN])}{tail}."
