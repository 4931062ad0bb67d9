"""Whether AWS still patches the runtime: `deprecated_runtime`.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Report a deprecated runtime, with the severity that the standards set."""
    row = facts.deprecation
    if row and row["deprecated"] <= facts.today.isoformat():
        since = f"{row['name']} has been deprecated since {row['deprecated']}"
        yield Violation(
            code="deprecated-runtime",
            message=f"{since}: AWS no longer patches its base image",
            fix=f"Move to {row['successor'] or 'a newer runtime'}.",
            about=("runtime",),
            severity=Severity(facts.standards.rules.get("deprecated_runtime", "warning")),
        )
