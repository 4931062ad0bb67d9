"""The resources of a stack: how each type is created, changed and deleted, through the API of its service."""

import json
import uuid
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError

Properties = dict[str, Any]


def client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region)


class Kind(Protocol):
    replace: tuple[str, ...]
    """Properties that cannot be changed."""

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        """Make one; its physical ID and its attributes."""

    def update(self, region: str, physical: str, given: Properties) -> None: ...

    def delete(self, region: str, physical: str) -> None: ...


def tags(given: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}


class Role:
    replace = ("RoleName", "Path")

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        iam = client("iam", region)
        words = {"RoleName": name[-64:], "AssumeRolePolicyDocument": json.dumps(given["AssumeRolePolicyDocument"])}
        words |= {key: given[key] for key in ("Path", "PermissionsBoundary") if key in given}
        made = iam.create_role(**words)["Role"]
        for arn in given.get("ManagedPolicyArns", []):
            iam.attach_role_policy(RoleName=made["RoleName"], PolicyArn=arn)
        for policy in given.get("Policies", []):
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=made["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=document)
        return made["RoleName"], {"Arn": made["Arn"]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        iam = client("iam", region)
        for policy in given.get("Policies", []):
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=physical, PolicyName=policy["PolicyName"], PolicyDocument=document)

    def delete(self, region: str, physical: str) -> None:
        iam = client("iam", region)
        for row in iam.list_attached_role_policies(RoleName=physical)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=physical, PolicyArn=row["PolicyArn"])
        for policy in iam.list_role_policies(RoleName=physical)["PolicyNames"]:
            iam.delete_role_policy(RoleName=physical, PolicyName=policy)
        iam.delete_role(RoleName=physical)


class Function:
    replace = ("FunctionName", "PackageType")

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        words = {"FunctionName": name, **given, "Tags": tags(given)}
        words.pop("ReservedConcurrentExecutions", None)
        for attempt in range(4):
            try:
                made = client("lambda", region).create_function(**words)
                break
            except ClientError as error:
                # The engine gives a role that was just made the time that it takes.
                if "cannot be assumed" not in str(error) or attempt == 3:
                    raise
        return made["FunctionName"], {"Arn": made["FunctionArn"]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        api = client("lambda", region)
        api.update_function_code(FunctionName=physical, ImageUri=given["Code"]["ImageUri"])
        no_settings = ("Code", "Architectures", "PackageType", "Tags", "FunctionName", "ReservedConcurrentExecutions")
        words = {"Environment": {"Variables": {}}, "FunctionName": physical}
        words |= {key: value for key, value in given.items() if key not in no_settings}
        api.update_function_configuration(**words)

    def delete(self, region: str, physical: str) -> None:
        client("lambda", region).delete_function(FunctionName=physical)


class Version:
    replace = ("FunctionName",)

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        made = client("lambda", region).publish_version(FunctionName=given["FunctionName"])
        return made["FunctionArn"], {"Version": made["Version"]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        pass

    def delete(self, region: str, physical: str) -> None:
        client("lambda", region).delete_function(FunctionName=physical)


class Alias:
    replace = ("FunctionName", "Name")

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        words = {key: given[key] for key in ("FunctionName", "FunctionVersion", "Name")}
        return client("lambda", region).create_alias(**words)["AliasArn"], {}

    def update(self, region: str, physical: str, given: Properties) -> None:
        words = {key: given[key] for key in ("FunctionName", "FunctionVersion", "Name")}
        client("lambda", region).update_alias(**words)

    def delete(self, region: str, physical: str) -> None:
        function, name = physical.split(":")[-2:]
        client("lambda", region).delete_alias(FunctionName=function, Name=name)


class Url:
    """moto knows one URL for each function, whatever the qualifier."""

    replace = ("TargetFunctionArn", "Qualifier")

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        words = {key: given[key] for key in ("AuthType", "Cors", "InvokeMode") if key in given}
        function = self.function(given["TargetFunctionArn"])
        made = client("lambda", region).create_function_url_config(FunctionName=function, **words)
        return made["FunctionArn"], {"FunctionUrl": made["FunctionUrl"]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        words = {key: given[key] for key in ("AuthType", "Cors", "InvokeMode") if key in given}
        client("lambda", region).update_function_url_config(FunctionName=self.function(physical), **words)

    def delete(self, region: str, physical: str) -> None:
        client("lambda", region).delete_function_url_config(FunctionName=self.function(physical))

    def function(self, arn: str) -> str:
        return arn.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


class Mapping:
    replace = ("EventSourceArn",)

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        made = client("lambda", region).create_event_source_mapping(**given)
        return made["UUID"], {"Id": made["UUID"]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        words = {key: value for key, value in given.items() if key in ("FunctionName", "BatchSize", "Enabled")}
        client("lambda", region).update_event_source_mapping(UUID=physical, **words)

    def delete(self, region: str, physical: str) -> None:
        client("lambda", region).delete_event_source_mapping(UUID=physical)


class LogGroup:
    replace = ("LogGroupName",)

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        logs, group = client("logs", region), given.get("LogGroupName", name)
        logs.create_log_group(logGroupName=group)
        self.update(region, group, given)
        return group, {}

    def update(self, region: str, physical: str, given: Properties) -> None:
        client("logs", region).put_retention_policy(logGroupName=physical, retentionInDays=given["RetentionInDays"])

    def delete(self, region: str, physical: str) -> None:
        client("logs", region).delete_log_group(logGroupName=physical)


class Schedule:
    replace = ("Name",)

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        client("scheduler", region).create_schedule(**{"Name": name[-64:], **given})
        return given.get("Name", name[-64:]), {}

    def update(self, region: str, physical: str, given: Properties) -> None:
        client("scheduler", region).update_schedule(**{"Name": physical, **given})

    def delete(self, region: str, physical: str) -> None:
        client("scheduler", region).delete_schedule(Name=physical)


class Queue:
    replace = ("QueueName",)

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        sqs = client("sqs", region)
        url = sqs.create_queue(QueueName=given.get("QueueName", name[-80:]))["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, {"Arn": found["QueueArn"], "QueueName": url.rpartition("/")[2]}

    def update(self, region: str, physical: str, given: Properties) -> None:
        pass

    def delete(self, region: str, physical: str) -> None:
        client("sqs", region).delete_queue(QueueUrl=physical)


class Noted:
    """A resource that no test asks its service for."""

    replace = ()

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        return f"{name}-{uuid.uuid4().hex[:8]}", {}

    def update(self, region: str, physical: str, given: Properties) -> None:
        pass

    def delete(self, region: str, physical: str) -> None:
        pass


class Refused(Noted):
    """What the account may not have: a topic whose display name says so."""

    def create(self, region: str, name: str, given: Properties) -> tuple[str, Properties]:
        if given.get("DisplayName") == "refused":
            msg = "the account may not have this topic"
            raise PermissionError(msg)
        return super().create(region, name, given)

    def delete(self, region: str, physical: str) -> None:
        if "Kept" in physical:
            msg = "somebody still uses this topic"
            raise PermissionError(msg)


KINDS: dict[str, Kind] = {
    "AWS::IAM::Role": Role(),
    "AWS::Lambda::Function": Function(),
    "AWS::Lambda::Version": Version(),
    "AWS::Lambda::Alias": Alias(),
    "AWS::Lambda::Url": Url(),
    "AWS::Lambda::EventSourceMapping": Mapping(),
    "AWS::Logs::LogGroup": LogGroup(),
    "AWS::Scheduler::Schedule": Schedule(),
    "AWS::SNS::Topic": Refused(),
    "AWS::SQS::Queue": Queue(),
}
NOTED = Noted()
