"""Tests of the handler. `make test` runs them inside the image, with the packages, files and limits it has there."""

import json
import unittest
from pathlib import Path
from typing import Any

from jobs.thumbnails import handler

EVENT = Path(__file__).parent.parent / "events/thumbnails.json"


class Context:
    """What the handler uses of the context that Lambda gives it."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"


class HandlerTest(unittest.TestCase):
    def test_tells_which_objects_changed(self) -> None:
        event: dict[str, Any] = json.loads(EVENT.read_text(encoding="utf-8"))
        answer = handler(event, Context())
        self.assertEqual(answer["objects"], ["s3://pictures/2026/a picture of Ada.jpg"])


if __name__ == "__main__":
    unittest.main()
