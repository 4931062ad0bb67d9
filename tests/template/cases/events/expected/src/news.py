"""The function: SNS calls `handler` with every message of a topic, and again if it raises."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on a message. It can come twice: its ID tells."""
    message = event["Records"][0]["Sns"]
    work(json.loads(message["Message"]), context)
    return {"done": message["MessageId"]}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
