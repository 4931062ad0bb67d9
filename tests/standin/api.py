"""The actions of CloudFormation's API."""

import json
import urllib.parse
import uuid
from datetime import UTC, datetime
from typing import Any

import boto3
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult
from samtranslator.model.exceptions import InvalidDocumentException

from standin.stacks import CHANGE_SETS, STACKS, UNCHANGED, ChangeSet, Stack, delete, execute, transformed


def find(response: Any, name: str) -> Stack | None:
    for stack in reversed(STACKS):
        mine = (stack.account, stack.region) == (response.current_account, response.region)
        if mine and (stack.id == name or (stack.name == name and stack.status != "DELETE_COMPLETE")):
            return stack
    return None


def stack_of(response: Any) -> Stack:
    name = response._get_param("StackName")
    stack = find(response, name)
    if stack is None:
        raise ValidationError(message=f"Stack with id {name} does not exist")
    return stack


def change_set_of(response: Any) -> ChangeSet:
    name = response._get_param("ChangeSetName")
    for change in CHANGE_SETS.values():
        if name in (change.id, change.name):
            return change
    raise ValidationError(message=f"ChangeSet [{name}] does not exist")


def uploaded(address: str) -> str:
    """A template in a bucket."""
    bucket, _, key = urllib.parse.urlsplit(address).path.lstrip("/").partition("/")
    found: bytes = boto3.client("s3", region_name="eu-west-1").get_object(Bucket=bucket, Key=key)["Body"].read()
    return found.decode()


def create_change_set(self: Any) -> ActionResult:
    name, stack = self._get_param("StackName"), find(self, self._get_param("StackName"))
    where = f"arn:aws:cloudformation:{self.region}:{self.current_account}"
    if stack is None:
        stack = Stack(name, self.current_account, self.region, f"{where}:stack/{name}/{uuid.uuid4()}")
        STACKS.append(stack)
        stack.event(name, "AWS::CloudFormation::Stack", "REVIEW_IN_PROGRESS", "User Initiated", stack.id)
    given = {
        row["ParameterKey"]: stack.parameters.get(row["ParameterKey"], "")
        if row.get("UsePreviousValue") in (True, "true")
        else row["ParameterValue"]
        for row in self._get_param("Parameters", [])
    }
    label = self._get_param("ChangeSetName")
    text, tags = (
        self._get_param("TemplateBody") or uploaded(self._get_param("TemplateURL")),
        self._get_param("Tags", []),
    )
    change = ChangeSet(f"{where}:changeSet/{label}/{uuid.uuid4()}", label, stack, text, {}, given, tags)
    try:
        change.processed, change.parameters = transformed(text, given, self.region)
    except InvalidDocumentException as error:
        reasons = "; ".join(cause.message for cause in error.causes)
        change.status, change.reason = "FAILED", f"Transform AWS::Serverless-2016-10-31 failed with: {reasons}"
    same = (change.processed, change.parameters, change.tags) == (stack.processed, stack.parameters, stack.tags)
    if stack.resources and same:
        change.status, change.reason = "FAILED", UNCHANGED
    CHANGE_SETS[change.id] = change
    return ActionResult({"Id": change.id, "StackId": stack.id})


def describe_change_set(self: Any) -> ActionResult:
    change = change_set_of(self)
    old, new = change.stack.processed.get("Resources", {}), change.processed.get("Resources", {})
    rows = []
    for name in [*new, *(name for name in old if name not in new)]:
        action = "Add" if name not in old else "Remove" if name not in new else "Modify"
        if action == "Modify" and old[name] == new[name] and "ImageUri" not in str(new[name]):
            continue
        kind = new.get(name, old.get(name))["Type"]
        row = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, "Replacement": "False"}
        rows.append({"Type": "Resource", "ResourceChange": row})
    return ActionResult(
        {
            "ChangeSetName": change.name, "ChangeSetId": change.id, "StackId": change.stack.id,
            "StackName": change.stack.name, "Status": change.status, "StatusReason": change.reason,
            "ExecutionStatus": "AVAILABLE", "Changes": rows,
        }
    )  # fmt: skip


def delete_change_set(self: Any) -> ActionResult:
    del CHANGE_SETS[change_set_of(self).id]
    return EmptyResult()


def execute_change_set(self: Any) -> ActionResult:
    execute(change_set_of(self))
    return EmptyResult()


def describe_stacks(self: Any) -> ActionResult:
    mine = [s for s in STACKS if (s.account, s.region) == (self.current_account, self.region)]
    found = [stack_of(self)] if self._get_param("StackName") else [s for s in mine if s.status != "DELETE_COMPLETE"]
    rows = []
    for stack in found:
        row = {
            "StackId": stack.id, "StackName": stack.name, "StackStatus": stack.status, "Tags": stack.tags,
            "CreationTime": datetime.now(UTC), "EnableTerminationProtection": stack.protected,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()],
        }  # fmt: skip
        rows.append(row)
    return ActionResult({"Stacks": rows})


def describe_stack_events(self: Any) -> ActionResult:
    return ActionResult({"StackEvents": stack_of(self).events})


def list_stack_resources(self: Any) -> ActionResult:
    rows = [
        {
            "LogicalResourceId": name, "PhysicalResourceId": row.physical, "ResourceType": row.type,
            "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": datetime.now(UTC),
        }
        for name, row in stack_of(self).resources.items()
    ]  # fmt: skip
    return ActionResult({"StackResourceSummaries": rows})


def get_template(self: Any) -> ActionResult:
    stack = stack_of(self)
    processed = self._get_param("TemplateStage") == "Processed"
    return ActionResult({"TemplateBody": json.dumps(stack.processed) if processed else stack.original})


def get_template_summary(self: Any) -> ActionResult:
    rows = [{"ParameterKey": name, "ParameterType": "String"} for name in stack_of(self).parameters]
    return ActionResult({"Parameters": rows})


def delete_stack(self: Any) -> ActionResult:
    stack = find(self, self._get_param("StackName"))
    if stack is not None:
        if stack.protected:
            msg = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            raise ValidationError(message=msg)
        delete(stack)
    return EmptyResult()


def update_termination_protection(self: Any) -> ActionResult:
    stack = stack_of(self)
    stack.protected = self._get_param("EnableTerminationProtection") in (True, "true")
    return ActionResult({"StackId": stack.id})


def install() -> None:
    CloudFormationResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER = {}
    for action in (
        create_change_set, describe_change_set, delete_change_set, execute_change_set, describe_stacks,
        describe_stack_events, list_stack_resources, get_template, get_template_summary, delete_stack,
        update_termination_protection,
    ):  # fmt: skip
        setattr(CloudFormationResponse, action.__name__, action)
