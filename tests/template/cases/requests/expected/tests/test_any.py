"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from any import handler

EVENT = Path(__file__).parent.parent / "events/any.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def test_greets_whom_the_event_names(self) -> None:
        event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
        answer = handler(event, Context())
        self.assertEqual(answer["greeting"], "Hello, Ada!")

    def test_greets_the_world_without_a_name(self) -> None:
        self.assertEqual(handler({}, Context())["greeting"], "Hello, world!")


if __name__ == "__main__":
    unittest.main()
