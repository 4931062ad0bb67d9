"""Whether an image is for the platform that its functions run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images for platforms other than the wanted ones."""
    if facts.wanted_platforms:
        yield from violations(facts.platforms, facts.wanted_platforms)


def violations(platforms: Sequence[str], wanted: Sequence[str]) -> Iterator[Violation]:
    """Refuse an image for these platforms if none of them is wanted."""
    if not set(platforms) & set(wanted):
        message = f"the image is for {' and '.join(platforms) or 'no platform'}, and not for {' or '.join(wanted)}"
        fix = f"Build it with --platform={wanted[0]}." if len(wanted) == 1 else "Build it for one of them."
        yield Violation(code="wrong-platform", message=message, fix=fix, about=("image",))
