"""CloudFormation's engine, as far as stacks of functions need it: change sets, order, failures and their roll back."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from cfnlint.decode.cfn_yaml import loads
from moto.cloudformation.exceptions import ValidationError
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from standin.resources import KINDS, NOTED

UNCHANGED = "The submitted information didn't contain changes. Submit different information to create a change set."


@dataclass
class Resource:
    type: str
    physical: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    retained: bool


@dataclass
class Stack:
    name: str
    account: str
    region: str
    id: str
    status: str = "REVIEW_IN_PROGRESS"
    protected: bool = False
    original: str = ""
    processed: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: list[dict[str, str]] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def event(self, logical: str, kind: str, status: str, reason: str = "", physical: str = "") -> None:
        """Note an event; the newest is the first."""
        row = {
            "StackId": self.id, "StackName": self.name, "EventId": uuid.uuid4().hex, "LogicalResourceId": logical,
            "PhysicalResourceId": physical or logical, "ResourceType": kind, "ResourceStatus": status,
            "Timestamp": datetime.now(UTC),
        }  # fmt: skip
        self.events.insert(0, row | ({"ResourceStatusReason": reason} if reason else {}))
        if logical == self.name:
            self.status = status


@dataclass
class ChangeSet:
    id: str
    name: str
    stack: Stack
    original: str
    processed: dict[str, Any]
    parameters: dict[str, str]
    tags: list[dict[str, str]]
    status: str = "CREATE_COMPLETE"
    reason: str = ""


STACKS: list[Stack] = []
CHANGE_SETS: dict[str, ChangeSet] = {}


def transformed(text: str, given: dict[str, str], region: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A template with SAM's transform done, and all parameters."""
    template = loads(text)
    template = json.loads(json.dumps(template))
    parameters = {name: given.get(name, row.get("Default", "")) for name, row in template.get("Parameters", {}).items()}
    if "Transform" in template:
        session = SimpleNamespace(region_name=region)
        template = Translator({}, Parser(), boto_session=session).translate(template, parameters)
    return template, parameters


class Evaluation:
    """The values that functions of CloudFormation stand for, in one stack."""

    def __init__(self, stack: Stack, parameters: dict[str, str]) -> None:
        self.stack, china = stack, stack.region.startswith("cn-")
        self.values: dict[str, Any] = {
            **parameters, "AWS::AccountId": stack.account, "AWS::Region": stack.region,
            "AWS::Partition": "aws-cn" if china else "aws", "AWS::StackName": stack.name, "AWS::StackId": stack.id,
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
        }  # fmt: skip
        self.attributes: dict[str, dict[str, Any]] = {}

    def know(self, logical: str, resource: Resource) -> None:
        self.values[logical] = resource.physical
        self.attributes[logical] = resource.attributes

    def of(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.of(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(key, argument)] = value.items()
            if key == "Ref":
                return self.values[argument]
            if key == "Fn::GetAtt":
                logical, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self.attributes[logical].get(attribute, f"{logical}.{attribute}")
            if key == "Fn::Join":
                return argument[0].join(str(self.of(part)) for part in argument[1])
            if key == "Fn::Sub":
                text, more = argument if isinstance(argument, list) else (argument, {})
                return re.sub(r"\$\{([^!}]+)\}", lambda found: self._named(found[1], self.of(more)), text)
        return {key: self.of(item) for key, item in value.items()}

    def _named(self, name: str, more: dict[str, Any]) -> str:
        if name in more:
            return str(more[name])
        return str(self.of({"Fn::GetAtt": name} if "." in name else {"Ref": name}))


def needed(value: Any) -> Iterator[str]:
    """The names that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from needed(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("Ref", "DependsOn"):
                yield from [item] if isinstance(item, str) else item
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.split(".")[0]
            elif key == "Fn::Sub":
                text = item[0] if isinstance(item, list) else item
                yield from (name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
            yield from needed(item)


def ordered(resources: dict[str, Any]) -> list[str]:
    done: list[str] = []
    while len(done) < len(resources):
        ready = [
            n for n in resources if n not in done and all(o in done or o not in resources for o in needed(resources[n]))
        ]
        if not ready:
            raise ValidationError(message="Circular dependency between resources")
        done += ready
    return done


def execute(change: ChangeSet) -> None:
    """Do what a change set says, or undo it."""
    stack, verb = change.stack, "UPDATE" if change.stack.resources else "CREATE"
    stack.event(stack.name, "AWS::CloudFormation::Stack", f"{verb}_IN_PROGRESS", "User Initiated", stack.id)
    if verb == "CREATE":
        stack.tags, stack.parameters = change.tags, change.parameters
    evaluation = Evaluation(stack, change.parameters)
    before, found = dict(stack.resources), {}
    undo: list[tuple[str, Resource | None]] = []
    logical = ""
    try:
        for logical in ordered(change.processed["Resources"]):
            found[logical] = apply(stack, logical, change.processed["Resources"][logical], evaluation, undo)
            evaluation.know(logical, found[logical])
    except Exception as error:
        kind = change.processed["Resources"][logical]["Type"]
        stack.event(
            logical, kind, f"{'UPDATE' if logical in before else 'CREATE'}_FAILED", str(error).replace("\n", " ")
        )
        roll_back(stack, undo, verb)
        return
    stack.resources = found
    for name in reversed([name for name in before if name not in found]):
        remove(stack, name, before[name])
    stack.original, stack.processed, stack.parameters = change.original, change.processed, change.parameters
    stack.tags = change.tags
    stack.outputs = {
        name: str(evaluation.of(row["Value"])) for name, row in change.processed.get("Outputs", {}).items()
    }
    stack.event(stack.name, "AWS::CloudFormation::Stack", f"{verb}_COMPLETE", "", stack.id)


def apply(
    stack: Stack, logical: str, row: dict[str, Any], evaluation: Evaluation, undo: list[tuple[str, Resource | None]]
) -> Resource:
    """Make or change one resource; note how to undo that."""
    kind, given = KINDS.get(row["Type"], NOTED), evaluation.of(row.get("Properties", {}))
    old, retained = stack.resources.get(logical), row.get("DeletionPolicy") == "Retain"
    same = old is not None and all(old.properties.get(key) == given.get(key) for key in kind.replace)
    if old is not None and same and old.type == row["Type"]:
        if old.properties != given:
            undo.append((logical, old))
            kind.update(stack.region, old.physical, given)
            stack.event(logical, old.type, "UPDATE_COMPLETE")
        return Resource(old.type, old.physical, given, old.attributes, retained)
    name = given.get("FunctionName") if row["Type"] == "AWS::Lambda::Function" else None
    physical, attributes = kind.create(
        stack.region, name or f"{stack.name}-{logical}-{uuid.uuid4().hex[:12].upper()}", given
    )
    made = Resource(row["Type"], physical, given, attributes, retained)
    stack.event(logical, made.type, "CREATE_COMPLETE")
    if old is None:
        stack.resources[logical] = made
        undo.append((logical, None))
    return made


def roll_back(stack: Stack, undo: list[tuple[str, Resource | None]], verb: str) -> None:
    kept = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
    stack.event(stack.name, "AWS::CloudFormation::Stack", f"{kept}_IN_PROGRESS", "", stack.id)
    try:
        for name, old in reversed(undo):
            if old is None:
                remove(stack, name, stack.resources.pop(name))
            else:
                KINDS.get(old.type, NOTED).update(stack.region, old.physical, old.properties)
    except Exception as error:
        stack.event(name, "", "UPDATE_FAILED", str(error))
        stack.event(stack.name, "AWS::CloudFormation::Stack", f"{kept}_FAILED", "", stack.id)
        return
    stack.event(stack.name, "AWS::CloudFormation::Stack", f"{kept}_COMPLETE", "", stack.id)


def remove(stack: Stack, logical: str, resource: Resource) -> None:
    if resource.retained:
        stack.event(logical, resource.type, "DELETE_SKIPPED")
        return
    try:
        KINDS.get(resource.type, NOTED).delete(stack.region, resource.physical)
    except Exception as error:
        if "NotFound" not in str(error):
            raise
    stack.event(logical, resource.type, "DELETE_COMPLETE")


def delete(stack: Stack) -> None:
    stack.event(stack.name, "AWS::CloudFormation::Stack", "DELETE_IN_PROGRESS", "User Initiated", stack.id)
    for logical in reversed(list(stack.resources)):
        try:
            remove(stack, logical, stack.resources[logical])
        except Exception as error:
            stack.event(logical, stack.resources[logical].type, "DELETE_FAILED", str(error))
            stack.event(stack.name, "AWS::CloudFormation::Stack", "DELETE_FAILED", "", stack.id)
            return
        del stack.resources[logical]
    stack.event(stack.name, "AWS::CloudFormation::Stack", "DELETE_COMPLETE", "", stack.id)
