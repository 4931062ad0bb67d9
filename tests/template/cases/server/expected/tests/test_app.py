"""Tests of the server. `make test` runs them inside the image, with the packages and limits it has there."""

import json
import unittest
from pathlib import Path

import app


class ServerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.client = app.app.test_client()

    def test_greets_whom_the_query_string_names(self) -> None:
        self.assertEqual(self.client.get("/hello?name=Ada").json, {"greeting": "Hello, Ada!"})

    def test_greets_the_world_without_a_name(self) -> None:
        self.assertEqual(self.client.get("/hello").json, {"greeting": "Hello, world!"})

    def test_handles_the_sample_event(self) -> None:
        event = Path(__file__).parent.parent / "events/sqs.json"
        answer = self.client.post("/messages", json=json.loads(event.read_text(encoding="utf-8"))).json
        self.assertEqual(answer.get("batchItemFailures", []), [])
