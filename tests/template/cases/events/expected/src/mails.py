"""The function: Lambda calls `handler` with batches of messages from a broker.

There is no partial answer: an error brings the whole batch again, and every message may come more than once.
"""

import base64
import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Work on a batch of messages from ActiveMQ, or on those from the queues of RabbitMQ."""
    queues = event.get("rmqMessagesByQueue", {}).values()
    messages = event.get("messages", []) + [message for queue in queues for message in queue]
    for message in messages:
        work(json.loads(base64.b64decode(message["data"])), context)
    return {"messages": len(messages)}


def work(message: dict[str, Any], context: Context) -> None:
    """Do what one message asks for."""
    log(f"Hello, {message['name']}!", context)


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
