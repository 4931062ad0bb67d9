"""Evaluates an organisation's rules against the facts that a gate gathered. Pure."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from scaffold.standards import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scaffold.standards.facts import Facts, Violation

    Rule: TypeAlias = Callable[[Facts], Iterator[Violation]]


def violations(facts: Facts) -> Iterator[Violation]:
    """Yield every violation in the facts, rule by rule."""
    for rule in all_rules().values():
        yield from rule(facts)


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by the name of its module in `scaffold.standards.rules`."""
    files = [file for folder in rules.__path__ for file in Path(folder).iterdir()]
    names = sorted(file.stem for file in files if file.suffix == ".py" and file.stem != "__init__")
    return {name: import_module(f"{rules.__name__}.{name}").check for name in names}
