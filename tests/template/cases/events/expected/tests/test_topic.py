"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import base64
import json
import unittest
from pathlib import Path
from typing import Any

from topic import handler

EVENT = Path(__file__).parent.parent / "events/topic.json"
GOOD, BAD = '{"name": "Ada"}', "{}"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))

    def failed(self, *texts: str, partitions: int = 1) -> list[dict[str, Any]]:
        """Give the identifiers in the answer to records with these texts, in each partition."""
        records = [
            {"offset": index, "value": base64.b64encode(text.encode()).decode()} for index, text in enumerate(texts)
        ]
        self.event["records"] = {f"greetings-{index}": records for index in range(partitions)}
        answer = handler(self.event, Context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def test_works_on_every_record(self) -> None:
        self.assertEqual(handler(self.event, Context()), {"batchItemFailures": []})
        self.assertEqual(self.failed(), [], "an empty batch")

    def test_names_what_failed(self) -> None:
        self.assertEqual(self.failed(GOOD, BAD, GOOD), [{"partition": "greetings-0", "offset": 1}])
        self.assertEqual(self.failed(BAD, BAD, BAD), [{"partition": "greetings-0", "offset": 0}])
        self.assertEqual(self.failed("not JSON", GOOD), [{"partition": "greetings-0", "offset": 0}])

    def test_never_names_a_record_without_identifier(self) -> None:
        self.event["records"] = {"greetings-0": [{"value": "-"}]}
        with self.assertRaises(KeyError):
            handler(self.event, Context())

    def test_names_the_first_of_each_partition(self) -> None:
        self.assertEqual(
            self.failed(GOOD, BAD, BAD, partitions=2),
            [{"partition": "greetings-0", "offset": 1}, {"partition": "greetings-1", "offset": 1}],
        )

    def test_passes_over_what_was_deleted(self) -> None:
        self.event["records"] = {"greetings-0": [{"offset": 0, "value": None}, {"offset": 1}]}
        self.assertEqual(handler(self.event, Context()), {"batchItemFailures": []})


if __name__ == "__main__":
    unittest.main()
