"""The function: Lambda calls `handler` with batches of changes of a table.

The answer names the first change that failed: only it and later ones are delivered again.
This takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
"""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on a batch of changes, up to the first that fails: it and all later ones are delivered again, in order."""
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            # What was removed has no new image. Values come with their types: {"name": {"S": "Ada"}}.
            if record["eventName"] != "REMOVE":
                work({"name": record["dynamodb"]["NewImage"]["name"]["S"]}, context)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the earlier ones are done
            log("change failed", context, id=number, error=repr(error))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
