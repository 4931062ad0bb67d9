"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from changes import handler

EVENT = Path(__file__).parent.parent / "events/changes.json"
GOOD, BAD = '{"name": {"S": "Ada"}}', "{}"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def failed(self, *images: str) -> list[str]:
        """Give the identifiers in the answer to changes with these images."""
        self.event["Records"] = [
            {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(index), "NewImage": json.loads(image)}}
            for index, image in enumerate(images)
        ]
        answer = handler(self.event, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def test_works_on_every_record(self) -> None:
        self.assertEqual(handler(self.event, Context()), {"batchItemFailures": []})
        self.assertEqual(self.failed(), [], "an empty batch")

    def test_names_what_failed(self) -> None:
        self.assertEqual(self.failed(GOOD, BAD, GOOD), ["1"])
        self.assertEqual(self.failed(BAD, BAD, BAD), ["0"])

    def test_never_names_a_record_without_identifier(self) -> None:
        self.event["Records"] = [{"eventName": "INSERT", "dynamodb": {}}]
        with self.assertRaises(KeyError):
            handler(self.event, Context())

    def test_passes_over_what_was_removed(self) -> None:
        self.event["Records"] = [{"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "0"}}]
        self.assertEqual(handler(self.event, Context()), {"batchItemFailures": []})


if __name__ == "__main__":
    unittest.main()
