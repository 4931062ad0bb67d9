"""Greets, if the locked packages are there, and those of no other group."""

from importlib.util import find_spec

import idna
import six


def handler(event, context):
    assert six.PY3
    # Mounted while the unit tests run, and not in the image.
    extra = find_spec("colorama")
    assert extra is None or extra.origin.startswith("/opt/test-packages/")
    name = idna.encode(event.get("name", "world")).decode()
    return {"greeting": f"Hello, {name if name == 'world' else name.title()}!"}
