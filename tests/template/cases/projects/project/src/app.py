"""Greets, if all the local packages are there."""

from importlib.metadata import metadata, version

import idna
import own
import rules
from shared import greet


def handler(event, context):
    assert own.NAME == "own"
    assert rules.RULE == 7
    assert version("with-projects") == "1.2.3"
    assert metadata("shared")["Summary"] in {"stable", "beta"}
    assert idna.encode("a") == b"a"
    return {"greeting": greet(event.get("name", "world"))}
