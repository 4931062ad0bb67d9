"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from task import handler

EVENT = Path(__file__).parent.parent / "events/task.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def test_adds_up_the_prices(self) -> None:
        event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
        self.assertEqual(handler(event, Context()), {"orderId": "o-1", "total": 30})

    def test_an_error_has_a_name_that_the_state_machine_knows(self) -> None:
        for prices in ([], ["ten"], None):
            with self.assertRaises(Exception) as caught:
                handler({"orderId": "o-1", "prices": prices}, Context())
            self.assertEqual(type(caught.exception).__name__, "InvalidOrder")


if __name__ == "__main__":
    unittest.main()
