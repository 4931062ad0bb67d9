"""What happens to the records that a function could not process: ignored reports, and retries without an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

_SHARDS = {"DynamoDB", "Kinesis"}
"""Events of SAM whose source waits for a record that fails."""

_ENDS = {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds"}


def check(facts: Facts) -> Iterator[Violation]:
    """Warn of sources that ignore which records failed, and note those that retry without an end."""
    for stage in facts.stages:
        where = f" in the stage {stage['name']}" if stage["name"] else ""
        for function in stage["functions"]:
            for name in function["ignored_answers"]:
                yield Violation(
                    code="ignored-failures",
                    message=f"{name} ignores which items the starter handler of {function['deployed']} reports as "
                    f"failed{where}: they are lost",
                    fix="Remove partial_batches: false; for Kafka, add minimum_pollers.",
                    about=("stack",),
                    severity=Severity.WARNING,
                )
            for name, event in function["properties"].get("Events", {}).items():
                if event["Type"] in _SHARDS and not event["Properties"].keys() & _ENDS:
                    yield Violation(
                        code="endless-retries",
                        message=f"a record that always fails blocks its shard of {name}{where} until it expires",
                        fix="Add retries and maximum_age, and on_failure for what is given up.",
                        about=("stack",),
                        severity=Severity.NOTE,
                    )
