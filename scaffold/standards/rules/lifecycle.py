"""Whether the bases and builders in use are still supported: `tier: withdrawn` and `supported_until`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import Violation, about
from scaffold.standards.model import Builder, Foundation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

NOTICE = timedelta(days=90)
"""How long before the end of its support a base is reported as expiring."""


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse withdrawn and expired ones, and warn projects of those that expire soon."""
    for used in facts.images:
        if isinstance(used.row, Foundation):
            for found in _ends(used.row, facts):
                from scaffold.standards import advice

                yield found._replace(fix=advice.successor(used.row, used, facts), about=about(used))


def _ends(base: Foundation, facts: Facts) -> Iterator[Violation]:
    """Yield violations without a fix, which takes longer to find."""
    until, what = base.supported_until, f"the {'builder' if isinstance(base, Builder) else 'base'} {base.name}"
    if base.withdrawn:
        yield Violation(code="withdrawn-base", message=f"{what} is withdrawn")
    if until and base.expired(facts.today):
        yield Violation(code="expired-base", message=f"{what} was supported until {until}")
    elif until and facts.subject == "project" and facts.today >= until - NOTICE:
        message = f"{what} is supported until {until}"
        yield Violation(code="expiring-base", message=message, severity=Severity.WARNING)
