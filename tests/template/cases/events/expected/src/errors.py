"""The function: CloudWatch Logs calls `handler` with the lines that a subscription selects."""

import base64
import gzip
import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Count the lines that came. Logging them could bring them back, if this function's own log is subscribed to."""
    data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    # A control message only tests whether the function can be called.
    lines = data["logEvents"] if data["messageType"] == "DATA_MESSAGE" else []
    log("lines received", context, group=data["logGroup"], lines=len(lines))
    return {"lines": len(lines)}


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
