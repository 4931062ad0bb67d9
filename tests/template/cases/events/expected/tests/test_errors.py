"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import base64
import gzip
import json
import unittest
from pathlib import Path
from typing import Any

from errors import handler

EVENT = Path(__file__).parent.parent / "events/errors.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def event_of(self, **data: Any) -> dict[str, Any]:
        """Give the event that has this data."""
        text = json.dumps({"messageType": "DATA_MESSAGE", "logGroup": "/group", "logEvents": [], **data})
        return {"awslogs": {"data": base64.b64encode(gzip.compress(text.encode())).decode()}}

    def test_counts_the_lines(self) -> None:
        event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
        self.assertEqual(handler(event, Context()), {"lines": 2})
        self.assertEqual(handler(self.event_of(), Context()), {"lines": 0})

    def test_passes_over_control_messages(self) -> None:
        event = self.event_of(messageType="CONTROL_MESSAGE", logEvents=[{"message": "CWL CONTROL MESSAGE"}])
        self.assertEqual(handler(event, Context()), {"lines": 0})

    def test_what_cannot_be_read_is_an_error(self) -> None:
        with self.assertRaises(OSError):
            handler({"awslogs": {"data": "bm90IGd6aXA="}}, Context())


if __name__ == "__main__":
    unittest.main()
