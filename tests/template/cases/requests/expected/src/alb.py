"""The function: a load balancer calls `handler` for every request and health check."""

import json
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote_plus


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


JSON = "application/json"


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Greet whom the query string names. A health check is a request like any other, and wants a 200."""
    log("request received", context, method=event["httpMethod"], path=event["path"])

    # The target group decides which of the two a request has. Values are encoded as they are in the URL.
    if "multiValueQueryStringParameters" in event:
        name = event["multiValueQueryStringParameters"].get("name", ["world"])[-1]
    else:
        name = event["queryStringParameters"].get("name", "world")
    name = unquote_plus(name)
    if len(name) > 100:
        return respond_to(event, 400, {"error": "a name has at most 100 characters"})
    return respond_to(event, 200, {"greeting": f"Hello, {name}!"})


def respond_to(event: dict[str, Any], status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Give the answer the shape a load balancer wants: that of the request, with one value or several for a header."""
    several = "multiValueHeaders" in event
    return {
        "statusCode": status,
        "statusDescription": f"{status} {HTTPStatus(status).phrase}",
        "isBase64Encoded": False,
        **({"multiValueHeaders": {"content-type": [JSON]}} if several else {"headers": {"content-type": JSON}}),
        "body": json.dumps(body),
    }


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
