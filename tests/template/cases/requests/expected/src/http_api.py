"""The function: API Gateway calls `handler` for every request (HTTP API, payload format 2.0)."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Greet whom the query string names."""
    request = event["requestContext"]["http"]
    log("request received", context, method=request["method"], path=request["path"])

    # The key is missing when there is no query string.
    name = event.get("queryStringParameters", {}).get("name", "world")
    if len(name) > 100:
        return respond(400, {"error": "a name has at most 100 characters"})
    return respond(200, {"greeting": f"Hello, {name}!"})


def respond(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Give the answer the shape API Gateway wants: the body is a string."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
