"""The function: Lambda calls `handler` with batches of records from a stream.

The answer names the first record that failed: only it and later ones are delivered again.
This takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
"""

import base64
import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on a batch of records, up to the first that fails: it and all later ones are delivered again, in order."""
    for record in event["Records"]:
        number = record["kinesis"]["sequenceNumber"]
        try:
            work(json.loads(base64.b64decode(record["kinesis"]["data"])), context)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the earlier ones are done
            log("record failed", context, id=number, error=repr(error))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
