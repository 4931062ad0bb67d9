"""The function: API Gateway calls `search` for every request (HTTP API, payload format 2.0)."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def search(event: dict[str, Any], context: Context) -> dict[str, Any]:
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


def queue(event: dict[str, Any], context: Context) -> dict[str, Any]:
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


def again(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do the same as `queue`, for the function again."""
    return queue(event, context)
