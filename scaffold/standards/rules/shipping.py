"""How functions are deployed and set up on Lambda: `stack.deploy`, `stack.vpc`, `stack.tags`, timeouts, lost failures.

Lambda's API accepts timeouts of 1,800 seconds since November 2026; other pages, tools and integrations still name 900.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


_DOCUMENTED = 900

_SHARDS = {"DynamoDB", "Kinesis"}
"""Events of SAM whose source waits for a record that fails."""

_ENDS = {"MaximumRetryAttempts", "MaximumRecordAgeInSeconds"}


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse ways to deploy that are not allowed, and functions without a network or tags that are required.

    Warn of timeouts that not everything accepts yet.
    """
    for name, seconds in facts.timeouts.items():
        if seconds > _DOCUMENTED:
            yield Violation(
                code="long-timeout",
                message=f"{seconds} seconds is longer than the {_DOCUMENTED} that AWS documents everywhere",
                fix=f"Try it in your account and with your tools, or lower it to {_DOCUMENTED}.",
                about=("timeouts", name),
                severity=Severity.WARNING,
            )
    yield from _of_stacks(facts)
    yield from _of_sources(facts)


def _of_stacks(facts: Facts) -> Iterator[Violation]:
    rules = facts.standards.rules.get("stack", {})
    standards = f"the standards of {facts.standards.organisation}"
    ways = rules.get("deploy", [])
    if ways and facts.stages and facts.deploy not in ways:
        message = f"{standards} do not allow deploy: {facts.deploy}"
        fix = f"Set deploy: {' or '.join(ways)}."
        yield Violation(code="deploy-not-allowed", message=message, fix=fix, about=("deploy",))
    for stage in facts.stages if facts.deploy == "stack" else ():
        where = f" in the stage {stage['name']}" if stage["name"] else ""
        for function in stage["functions"]:
            properties, name = function["properties"], function["deployed"]
            if rules.get("vpc") == "required" and "VpcConfig" not in properties:
                message = f"{standards} require a VPC, and {name} has none{where}"
                yield Violation(code="missing-vpc", message=message, fix="Add vpc to `lambda`.", about=("lambda",))
            for tag in rules.get("tags", {}).get("required", ()):
                if tag not in properties.get("Tags", {}):
                    message = f"{standards} require the tag {tag}, and {name} has none{where}"
                    fix = f"Add {tag} to tags under `lambda`."
                    yield Violation(code="missing-tag", message=message, fix=fix, about=("lambda",))


def _of_sources(facts: Facts) -> Iterator[Violation]:
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
