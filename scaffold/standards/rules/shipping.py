"""How functions are deployed, and where they run: `stack.deploy`, `stack.vpc`, `stack.tags`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse ways to deploy that are not allowed, and functions without a network or tags that are required."""
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
