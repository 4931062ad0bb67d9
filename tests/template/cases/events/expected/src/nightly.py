"""The function: EventBridge calls `handler` on a schedule."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do what is due at the time that the event names: the same once more, if it comes twice."""
    due = event["time"]
    print(json.dumps({"message": "work is due", "request_id": context.aws_request_id, "time": due}))
    return {"done": due}
