"""Tests of the handler, run by `make test` inside the image."""

import json
import unittest

from app import handler


class HandlerTest(unittest.TestCase):
    def test_names_the_species(self) -> None:
        answer = handler({"body": '{"measurements": [5.1, 3.5, 1.4, 0.2]}'}, None)
        self.assertEqual(json.loads(answer["body"]), {"species": "setosa"})

    def test_rejects_other_measurements(self) -> None:
        self.assertEqual(handler({"body": '{"measurements": [1]}'}, None)["statusCode"], 400)


if __name__ == "__main__":
    unittest.main()
