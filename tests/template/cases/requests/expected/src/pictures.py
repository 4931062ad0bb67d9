"""The function: S3 calls `handler` when an object is made or removed."""

import json
from typing import Any, Protocol
from urllib.parse import unquote_plus


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Look at what has happened to which objects."""
    # The event with which S3 tests a new connection has no records.
    objects = [address(record["s3"]) for record in event.get("Records", [])]
    print(json.dumps({"message": "objects changed", "request_id": context.aws_request_id, "objects": objects}))
    return {"objects": objects}


def address(entity: dict[str, Any]) -> str:
    """Give the address of an object; its key comes encoded as in a form, with + for a blank."""
    return f"s3://{entity['bucket']['name']}/{unquote_plus(entity['object']['key'])}"
