"""Whether the bases in use are still supported: `tier: withdrawn` and `supported_until`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards import advice
from scaffold.standards.facts import Subject, Violation, about
from scaffold.standards.model import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

NOTICE = timedelta(days=90)
"""How long before its last day projects are warned that the support of a base ends."""


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse bases that are withdrawn or expired, and warn projects of those that expire soon."""
    for used in facts.images:
        base = used.row
        if not isinstance(base, Base):
            continue
        fix, place, until = advice.successor(base, used, facts), about(used), base.supported_until
        if base.withdrawn:
            message = f"the base {base.name} is withdrawn"
            yield Violation(code="withdrawn-base", message=message, fix=fix, about=place)
        if until and base.expired(facts.today):
            message = f"the base {base.name} was supported until {until}"
            yield Violation(code="expired-base", message=message, fix=fix, about=place)
        elif until and facts.subject is Subject.PROJECT and facts.today >= until - NOTICE:
            message, weight = f"the base {base.name} is supported until {until}", Severity.WARNING
            yield Violation(code="expiring-base", message=message, fix=fix, about=place, severity=weight)
