"""The function: a user pool calls `handler` when somebody signs up, and waits up to five seconds."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Confirm who signs up with an address of ours. The user pool wants the whole event back, response included."""
    log("trigger received", context, trigger=event["triggerSource"])
    if event["triggerSource"] == "PreSignUp_SignUp":
        address = event["request"]["userAttributes"].get("email", "")
        if "@" not in address:
            # The user sees the message.
            raise ValueError("An address is needed to sign up.")
        event["response"]["autoConfirmUser"] = address.endswith("@example.com")
    return event


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
