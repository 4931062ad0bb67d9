"""The server. On Lambda, the web adapter sends it each event as a request; elsewhere, it is an ordinary server."""

import logging
from typing import Any

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger("gunicorn.error")


@app.get("/hello")
def hello() -> dict[str, str]:
    """Greet whom the query string names."""
    return {"greeting": f"Hello, {request.args.get('name', 'world')}!"}


@app.post("/messages")
def events() -> dict[str, Any]:
    """Handle an event that is not a request."""
    return handle(request.get_json())


def handle(event: dict[str, Any]) -> dict[str, Any]:
    """Handle the messages of a queue. Lambda delivers those again that are listed in the answer."""
    failures = []
    for record in event["Records"]:
        try:
            log.info("message received: %s", record["body"])
        except Exception:
            log.exception("message %s failed", record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
