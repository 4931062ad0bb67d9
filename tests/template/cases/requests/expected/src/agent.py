"""The function: a Bedrock agent calls `handler` with each function of its action group."""

import json
from typing import Any, Protocol


class Context(Protocol):
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do what the agent asks for. A failure is an answer too, which the agent can act on; it cannot on an exception."""
    log("function called", context, function=event["function"])
    parameters = {row["name"]: row["value"] for row in event.get("parameters", [])}
    if event["function"] != "greet":
        return reply(event, "there is no such function", "FAILURE")
    if "name" not in parameters:
        return reply(event, "ask for the name of the person", "REPROMPT")
    return reply(event, f"Hello, {parameters['name']}!")


def reply(event: dict[str, Any], text: str, state: str = "") -> dict[str, Any]:
    """Give the answer the shape that an agent wants."""
    response: dict[str, Any] = {"responseBody": {"TEXT": {"body": text}}}
    if state:
        response["responseState"] = state
    return {
        "messageVersion": "1.0",
        "response": {
            "actionGroup": event["actionGroup"],
            "function": event["function"],
            "functionResponse": response,
        },
        "sessionAttributes": event.get("sessionAttributes", {}),
        "promptSessionAttributes": event.get("promptSessionAttributes", {}),
    }


def log(message: str, context: Context, **fields: object) -> None:
    """Write one line of JSON, which CloudWatch Logs can search by field."""
    print(json.dumps({"message": message, "request_id": context.aws_request_id, **fields}))
