"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from sign_up import handler

EVENT = Path(__file__).parent.parent / "events/sign-up.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_confirms_an_address_of_ours(self) -> None:
        answer = handler(self.event, Context())
        self.assertTrue(answer["response"]["autoConfirmUser"])
        self.assertEqual(answer.keys(), self.event.keys(), "the user pool wants the whole event back")

    def test_does_not_confirm_another(self) -> None:
        self.event["request"]["userAttributes"]["email"] = "ada@example.net"
        self.assertFalse(handler(self.event, Context())["response"]["autoConfirmUser"])

    def test_refuses_without_an_address(self) -> None:
        self.event["request"]["userAttributes"] = {}
        with self.assertRaises(ValueError):
            handler(self.event, Context())

    def test_leaves_other_triggers_alone(self) -> None:
        event = {"triggerSource": "PostConfirmation_ConfirmSignUp", "request": {"userAttributes": {}}, "response": {}}
        self.assertEqual(handler(event, Context())["response"], {})


if __name__ == "__main__":
    unittest.main()
