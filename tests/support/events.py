"""What the starter of each event must make of records that cannot be processed: the poisoned batch and the response."""

from __future__ import annotations

import base64
import copy
from typing import Any, NamedTuple

import yaml

from support.template import CASES

GOOD, BAD = '{"name": "Ada"}', "{}"


class Poisoned(NamedTuple):
    """An event with something that cannot be processed; the response, or the type of the error, `*` for any."""

    event: Any
    response: Any = None
    error: str = ""


def all_in_python() -> Any:
    """The spec of a project in Python that has a function for every event."""
    spec = yaml.safe_load((CASES / "node-events/lambda-image.yaml").read_text(encoding="utf-8"))
    rows = [{**row, "handler": row["handler"].replace("-", "_")} for row in spec["functions"]]
    return {key: spec[key] for key in spec if key != "language"} | {"runtime": "python3.13", "functions": rows}


def poisoned(name: str, sample: Any) -> Poisoned:
    """Return the poisoned form of the sample of an event."""
    event = copy.deepcopy(sample)
    return _CASES[name](event)


def _long_name(event: Any) -> Poisoned:
    event["queryStringParameters"] = {"name": "A" * 101}
    return Poisoned(event, {"statusCode": 400})


def _failed(*identifiers: object) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _sqs(event: Any) -> Poisoned:
    [record] = event["Records"]
    event["Records"] = [
        {**record, "messageId": str(at), "body": body} for at, body in enumerate((GOOD, BAD, "no JSON"))
    ]
    return Poisoned(event, _failed("1", "2"))


def _fifo(event: Any) -> Poisoned:
    """Two groups, interleaved; the second message of one fails."""
    record = event["Records"][0]
    rows = [("a", GOOD), ("b", GOOD), ("a", BAD), ("b", GOOD), ("a", GOOD)]
    event["Records"] = [
        {**record, "messageId": str(at), "body": body, "attributes": {**record["attributes"], "MessageGroupId": group}}
        for at, (group, body) in enumerate(rows)
    ]
    return Poisoned(event, _failed("2", "4"))


def _kinesis(event: Any) -> Poisoned:
    [record] = event["Records"]
    event["Records"] = [
        {**record, "kinesis": {**record["kinesis"], "sequenceNumber": str(at), "data": _encoded(text)}}
        for at, text in enumerate((GOOD, "no JSON", GOOD, BAD))
    ]
    return Poisoned(event, _failed("1"))


def _dynamodb(event: Any) -> Poisoned:
    record = event["Records"][0]
    images = ({"name": {"S": "Ada"}}, {}, {"name": {"S": "Ada"}})
    event["Records"] = [
        {**record, "dynamodb": {**record["dynamodb"], "SequenceNumber": str(at), "NewImage": image}}
        for at, image in enumerate(images)
    ]
    return Poisoned(event, _failed("1"))


def _kafka(event: Any) -> Poisoned:
    def records(*texts: str) -> list[Any]:
        return [{"offset": 100 + at, "value": _encoded(text)} for at, text in enumerate(texts)]

    event["records"] = {"greetings-0": records(GOOD, BAD, BAD), "greetings-1": records(GOOD, GOOD)}
    return Poisoned(event, _failed({"partition": "greetings-0", "offset": 101}))


def _changed(**changes: Any) -> Any:
    """Return a case that changes keys of the sample and expects an error."""
    return lambda event: Poisoned({**event, **changes}, error="*")


def _agent(event: Any) -> Poisoned:
    return Poisoned({**event, "function": "dance"}, {"messageVersion": "1.0"})


def _message(event: Any) -> Poisoned:
    event["messages"][1]["data"] = _encoded(BAD)
    return Poisoned(event, error="*")


def _notification(event: Any) -> Poisoned:
    event["Records"][0]["Sns"]["Message"] = BAD
    return Poisoned(event, error="*")


_CASES: dict[str, Any] = {
    "alb": _long_name,
    "api-gateway-http": _long_name,
    "api-gateway-rest": _long_name,
    "bedrock-agent": _agent,
    "cognito": _changed(request={"userAttributes": {}}),
    "dynamodb": _dynamodb,
    "eventbridge": _changed(detail={}),
    "function-url": _long_name,
    "kafka": _kafka,
    "kinesis": _kinesis,
    "logs": _changed(awslogs={"data": _encoded("not gzip")}),
    "mq": _message,
    "none": lambda _: Poisoned({}, {"greeting": "Hello, world!"}),
    "s3": _changed(Records=[{"s3": {}}]),
    "schedule": lambda event: Poisoned({**event, "time": "2026-02-01T06:00:00Z"}, {"done": "2026-02-01T06:00:00Z"}),
    "sns": _notification,
    "sqs": _sqs,
    "sqs-fifo": _fifo,
    "step-functions": lambda event: Poisoned({**event, "prices": ["ten"]}, error="InvalidOrder"),
}
