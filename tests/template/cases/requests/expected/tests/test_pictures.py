"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from pictures import handler

EVENT = Path(__file__).parent.parent / "events/pictures.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def test_tells_which_objects_changed(self) -> None:
        answer = handler(self.event, Context())
        self.assertEqual(answer["objects"], ["s3://pictures/2026/a picture of Ada.jpg"])

    def test_passes_over_the_event_that_tests_the_connection(self) -> None:
        event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "pictures"}
        self.assertEqual(handler(event, Context())["objects"], [])

    def test_a_failure_is_raised_so_that_the_event_comes_again(self) -> None:
        del self.event["Records"][0]["s3"]["object"]
        with self.assertRaises(KeyError):
            handler(self.event, Context())


if __name__ == "__main__":
    unittest.main()
