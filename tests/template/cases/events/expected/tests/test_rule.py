"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from rule import handler

EVENT = Path(__file__).parent.parent / "events/rule.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_works_on_the_detail(self) -> None:
        self.assertEqual(handler(self.event, Context())["done"], self.event["id"])

    def test_a_failure_is_raised_so_that_the_event_comes_again(self) -> None:
        for event in ({**self.event, "detail": {}}, {}):
            with self.assertRaises(KeyError):
                handler(event, Context())


if __name__ == "__main__":
    unittest.main()
