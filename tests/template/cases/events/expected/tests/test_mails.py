"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import base64
import json
import unittest
from pathlib import Path
from typing import Any

from mails import handler

EVENT = Path(__file__).parent.parent / "events/mails.json"
GOOD, BAD = '{"name": "Ada"}', "{}"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_works_on_every_message(self) -> None:
        self.assertEqual(handler(self.event, Context()), {"messages": 2})
        self.assertEqual(handler({"messages": []}, Context()), {"messages": 0})

    def test_works_on_every_queue(self) -> None:
        queues = {"greetings::/": self.event["messages"], "other::/": self.event["messages"][:1]}
        event = {"eventSource": "aws:rmq", "rmqMessagesByQueue": queues}
        self.assertEqual(handler(event, Context()), {"messages": 3})

    def test_one_failure_brings_the_whole_batch_again(self) -> None:
        for text in (BAD, "not JSON"):
            self.event["messages"][1]["data"] = base64.b64encode(text.encode()).decode()
            with self.assertRaises((KeyError, ValueError)):
                handler(self.event, Context())


if __name__ == "__main__":
    unittest.main()
