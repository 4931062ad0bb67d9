"""Greets with what the repository shares."""

import os
from importlib.metadata import version
from pathlib import Path

import idna
from shared import greet
from words import WORLD


def handler(event, context):
    models = Path(os.environ["MODEL_DIR"])
    assert {path.name for path in models.iterdir()} == {"labels.txt", "more.txt"}
    assert version("shared") == "0.3.0"
    assert idna.encode("a") == b"a"
    return {"greeting": greet(event.get("name", WORLD))}
