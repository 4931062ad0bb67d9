"""Whether an image would add instructions to builds based on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse images with ONBUILD."""
    yield from violations(facts.on_build)


def violations(triggers: Sequence[str]) -> Iterator[Violation]:
    """Refuse an image with these ONBUILD triggers."""
    if triggers:
        message = f"the image has ONBUILD, which runs in every build based on it: {triggers[0]}"
        yield Violation(code="onbuild", message=message, fix="Build it and its base without ONBUILD.", about=("image",))
