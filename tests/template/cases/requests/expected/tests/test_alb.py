"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from alb import handler

EVENT = Path(__file__).parent.parent / "events/alb.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_greets_whom_the_query_string_names(self) -> None:
        answer = handler(self.event, Context())
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(json.loads(answer["body"])["greeting"], "Hello, Ada!")

    def test_greets_the_world_without_a_query_string(self) -> None:
        self.event["queryStringParameters"] = {}
        answer = handler(self.event, Context())
        self.assertEqual(json.loads(answer["body"])["greeting"], "Hello, world!")

    def test_refuses_a_name_that_is_too_long(self) -> None:
        self.event["queryStringParameters"] = {"name": "A" * 101}
        answer = handler(self.event, Context())
        self.assertEqual(answer["statusCode"], 400)

    def test_answers_in_the_form_of_the_request(self) -> None:
        self.assertIn("headers", handler(self.event, Context()))
        self.event["multiValueHeaders"] = {name: [value] for name, value in self.event.pop("headers").items()}
        del self.event["queryStringParameters"]
        self.event["multiValueQueryStringParameters"] = {"name": ["Bob", "Ada%20L"]}
        answer = handler(self.event, Context())
        self.assertEqual(answer["multiValueHeaders"], {"content-type": ["application/json"]})
        self.assertNotIn("headers", answer)
        self.assertEqual(answer["statusDescription"], "200 OK")
        self.assertEqual(json.loads(answer["body"])["greeting"], "Hello, Ada L!")


if __name__ == "__main__":
    unittest.main()
