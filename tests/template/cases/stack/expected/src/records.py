"""The function: Lambda calls `handler` with batches of messages from a queue.

The answer names the messages that failed: only those are delivered again.
This takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
"""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on a batch of messages."""
    failed = []
    for record in event["Records"]:
        try:
            work(json.loads(record["body"]), context)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, the others are worked on
            log("message failed", context, id=record["messageId"], error=repr(error))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
