"""The function: Lambda calls `handler` with every event, any JSON object."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Greet whom the event names."""
    print(json.dumps({"message": "event received", "request_id": context.aws_request_id, "keys": sorted(event)}))
    return {"greeting": f"Hello, {event.get('name', 'world')}!"}
