"""Whether a timeout is longer than what AWS documents everywhere.

Lambda's API accepts 1,800 seconds since November 2026; other pages, tools and integrations still name 900.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


_DOCUMENTED = 900


def check(facts: Facts) -> Iterator[Violation]:
    """Warn of timeouts that not everything accepts yet."""
    for name, seconds in facts.timeouts.items():
        if seconds > _DOCUMENTED:
            yield Violation(
                code="long-timeout",
                message=f"{seconds} seconds is longer than the {_DOCUMENTED} that AWS documents everywhere",
                fix=f"Try it in your account and with your tools, or lower it to {_DOCUMENTED}.",
                about=("timeouts", name),
                severity=Severity.WARNING,
            )
