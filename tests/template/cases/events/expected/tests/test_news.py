"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from news import handler

EVENT = Path(__file__).parent.parent / "events/news.json"
GOOD, BAD = '{"name": "Ada"}', "{}"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_works_on_the_message(self) -> None:
        answer = handler(self.event, Context())
        self.assertEqual(answer["done"], self.event["Records"][0]["Sns"]["MessageId"])

    def test_a_failure_is_raised_so_that_the_message_comes_again(self) -> None:
        for text in (BAD, "not JSON", ""):
            self.event["Records"][0]["Sns"]["Message"] = text
            with self.assertRaises((KeyError, ValueError)):
                handler(self.event, Context())
        with self.assertRaises(IndexError):
            handler({"Records": []}, Context())


if __name__ == "__main__":
    unittest.main()
