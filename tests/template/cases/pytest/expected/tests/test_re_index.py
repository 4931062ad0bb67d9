"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from jobs.re_index import handler

EVENT = Path(__file__).parent.parent / "events/re-index.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def test_does_what_is_due(self) -> None:
        event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
        self.assertEqual(handler(event, Context())["done"], "2026-01-31T06:00:00Z")

    def test_an_event_without_a_time_is_an_error(self) -> None:
        with self.assertRaises(KeyError):
            handler({}, Context())


if __name__ == "__main__":
    unittest.main()
