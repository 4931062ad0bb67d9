"""What the functions of a stack may do, and who may call them: `stack.public_urls`, `wildcard_policies`, `boundary`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.rendering.plan import Stage
    from scaffold.standards.facts import Facts

_APIS = {"HttpApi": "ApiId", "Api": "RestApiId"}
"""Events of SAM for which an API is created, open to everyone, unless they name one."""


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse public addresses, wide policies, and roles without the boundary that the standards require."""
    rules = facts.standards.rules.get("stack", {})
    standards = f"the standards of {facts.standards.organisation}"
    for stage in facts.stages:
        if rules.get("public_urls") == "refused":
            for what in _public(stage):
                message = f"{standards} allow no public addresses, and {what} is one{_in(stage)}"
                yield Violation(
                    code="public-url", message=message, fix="Set auth: iam, or name an API.", about=("stack",)
                )
        if rules.get("wildcard_policies") == "refused":
            for what in _wide(stage):
                message = f"{standards} allow no wildcard policies, and there is {what}{_in(stage)}"
                fix = "Name the actions and resources that it needs."
                yield Violation(code="wildcard-policy", message=message, fix=fix, about=("stack",))
        if names := rules.get("boundary"):
            for what in _unbounded(stage, names):
                message = f"{standards} require the permissions boundary {' or '.join(names)} for {what}{_in(stage)}"
                fix = f"Set boundary under `aws` to the ARN of {' or '.join(names)}."
                yield Violation(code="missing-boundary", message=message, fix=fix, about=("aws",))


def _in(stage: Stage) -> str:
    return f" in the stage {stage['name']}" if stage["name"] else ""


def _public(stage: Stage) -> Iterator[str]:
    """Yield every address of a stage that everyone may call."""
    for function in stage["functions"]:
        properties = function["properties"]
        if properties.get("FunctionUrlConfig", {}).get("AuthType") == "NONE":
            yield f"the URL of {function['deployed']}"
        for name, event in properties.get("Events", {}).items():
            if event["Type"] in _APIS and _APIS[event["Type"]] not in event["Properties"]:
                yield f"the API of the event {name}"
    for name, resource in stage["resources"].items():
        properties = resource.get("Properties", {})
        opened = {"AWS::Lambda::Url": "AuthType", "AWS::Lambda::Permission": "Principal"}.get(resource["Type"], "")
        if properties.get(opened) in ("NONE", "*"):
            yield name


def _wide(stage: Stage) -> Iterator[str]:
    """Yield a description of every policy of a stage that allows too much."""
    for function in stage["functions"]:
        for policy in function["properties"].get("Policies", []):
            if isinstance(policy, str):
                name = policy.rpartition("/")[2]
                if name.endswith("FullAccess") or name in ("AdministratorAccess", "PowerUserAccess"):
                    yield f"{name} of {function['deployed']}"
            else:
                yield from (f"{wide} of {function['deployed']}" for wide in _statements(policy))
    for name, resource in stage["resources"].items():
        yield from (f"{wide} in {name}" for wide in _statements(resource.get("Properties", {})))


def _statements(value: Any) -> Iterator[str]:
    """Yield a description of every statement at any depth that allows too much."""
    if isinstance(value, list):
        for part in value:
            yield from _statements(part)
    elif isinstance(value, dict):
        if value.get("Effect") == "Allow" and (wide := _too_wide(value)):
            yield wide
        for part in value.values():
            yield from _statements(part)


def _too_wide(statement: Mapping[str, Any]) -> str:
    actions = statement.get("Action", [])
    for action in actions if isinstance(actions, list) else [actions]:
        if isinstance(action, str) and (action == "*" or action.endswith(":*")):
            return f"the action {action}"
    if resource := next((key for key in ("NotAction", "NotResource") if key in statement), ""):
        return resource
    resources = statement.get("Resource")
    return "the resource *" if resources in ("*", ["*"]) and "Condition" not in statement else ""


def _unbounded(stage: Stage, names: list[str]) -> Iterator[str]:
    """Yield every role of a stage whose boundary is not one of the policies with these names."""

    def bounded(properties: Mapping[str, Any]) -> bool:
        boundary = properties.get("PermissionsBoundary", "")
        return isinstance(boundary, str) and boundary.rpartition("/")[2] in names

    for function in stage["functions"]:
        properties = function["properties"]
        if properties and "Role" not in properties and not bounded(properties):
            yield f"the role of {function['deployed']}"
        for name, event in properties.get("Events", {}).items():
            if (
                event["Type"] == "ScheduleV2"
                and "RoleArn" not in event["Properties"]
                and not bounded(event["Properties"])
            ):
                yield f"the role of the event {name}"
    for name, resource in stage["resources"].items():
        if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::User") and not bounded(resource.get("Properties", {})):
            yield name
