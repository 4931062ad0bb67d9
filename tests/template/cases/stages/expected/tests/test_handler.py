"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from app import handler

EVENT = Path(__file__).parent.parent / "events/sqs.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_works_on_every_message(self) -> None:
        self.assertEqual(handler(self.event, Context()), {"batchItemFailures": []})

    def test_names_what_failed(self) -> None:
        wrong = {**self.event["Records"][0], "messageId": "wrong", "body": "{}"}
        self.event["Records"].append(wrong)
        answer = handler(self.event, Context())
        self.assertEqual(answer, {"batchItemFailures": [{"itemIdentifier": "wrong"}]})


if __name__ == "__main__":
    unittest.main()
