"""The function: a state machine calls `handler` with the input of a task."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


class InvalidOrder(Exception):  # noqa: N818 - Retry and Catch of the state machine name it
    """The input cannot be worked on; another attempt would not help."""


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Add up the prices of an order. What is returned is the result of the state."""
    log("task started", context, attempt=event.get("attempt", 1))
    prices = event.get("prices")
    if not prices or not all(isinstance(price, int) for price in prices):
        raise InvalidOrder("an order needs prices, which are whole numbers")
    return {"orderId": event["orderId"], "total": sum(prices)}


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
