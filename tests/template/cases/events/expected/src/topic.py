"""The function: Lambda calls `handler` with batches of records from a topic.

The answer names the first record that failed in each partition: only it and later ones are delivered again.
This takes an event source mapping whose FunctionResponseTypes is ReportBatchItemFailures.
"""

import base64
import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on each partition, up to its first record that fails: it and later ones are delivered again, in order."""
    failed = []
    for partition, records in event["records"].items():
        for record in records:
            try:
                # A record without a value says that its key was deleted.
                if record.get("value") is not None:
                    work(json.loads(base64.b64decode(record["value"])), context)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the other partitions are worked on
                place = {"partition": partition, "offset": record["offset"]}
                log("record failed", context, place=place, error=repr(error))
                failed.append({"itemIdentifier": place})
                break
    return {"batchItemFailures": failed}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
