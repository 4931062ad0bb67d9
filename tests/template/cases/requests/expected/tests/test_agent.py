"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from agent import handler

EVENT = Path(__file__).parent.parent / "events/agent.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def response(self, **changes: Any) -> dict[str, Any]:
        """Give the response to the sample event with these changes."""
        answer = handler({**self.event, **changes}, Context())
        self.assertEqual(answer["messageVersion"], "1.0")
        self.assertEqual(answer["response"]["actionGroup"], self.event["actionGroup"])
        response: dict[str, Any] = answer["response"]["functionResponse"]
        return response

    def test_does_what_the_agent_asks_for(self) -> None:
        self.assertEqual(self.response(), {"responseBody": {"TEXT": {"body": "Hello, Ada!"}}})

    def test_asks_for_what_is_missing(self) -> None:
        self.assertEqual(self.response(parameters=[])["responseState"], "REPROMPT")

    def test_a_failure_is_an_answer(self) -> None:
        self.assertEqual(self.response(function="dance")["responseState"], "FAILURE")


if __name__ == "__main__":
    unittest.main()
