"""Which names a file defines: nothing that the file may define is missed, and what it surely lacks is found."""

from __future__ import annotations

import json
import re

import pytest

from scaffold.locations import template_root
from scaffold.project.code import definition

ROW = json.loads((template_root() / "catalogue/languages.json").read_bytes())["languages"]["python"]["handler"]


def defines(text: str) -> bool:
    source = text.encode()
    if re.search(ROW["definition"].replace("NAME", "handler").encode(), source, re.MULTILINE):
        return True
    read = definition.read(source, "python")
    return read is None or read.open or "handler" in read.names


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, context): ...",
        "async  def handler(event, context): ...",
        "def handler[T](event: T, context): ...",
        "@decorated\ndef handler(event, context): ...",
        "handler = Mangum(app)",
        "handler: Callable = Mangum(app)",
        "handler:Callable[..., int]=Mangum(app)",
        "first = handler = 1",
        "handler, other = 1, 2",
        "class handler: ...",
        "from app import handler",
        "from app import main as handler",
        "import app.main as handler",
        "import handler.inner",
        "from app import *",
        "if DEBUG:\n    def handler(): ...",
        "try:\n    from a import handler\nexcept ImportError:\n    handler = None",
        "with open(path) as handler: ...",
        "for handler in [1]: ...",
        "if handler := 1: ...",
        "match x:\n    case {'a': handler}: ...",
        "match x:\n    case [*handler]: ...",
        "match x:\n    case {**handler}: ...",
        "def __getattr__(name): ...",
        "globals()['handler'] = 1",
        "globals().update(x)",
        "exec(text)",
        "setattr(module, name, 1)",
        "import sys\nsys.modules[__name__] = Handlers()",
        "def make():\n    global handler\n    handler = 1\nmake()",
        "this is no Python",
        "def handler(:",
        "# coding: no-such-encoding",
    ],
)
def test_a_name_that_may_be_defined(text: str) -> None:
    assert defines(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def main(): ...",
        "handler.x = 1",
        "handler == 1",
        "x[handler] = 1",
        "print(handler)",
        "def main():\n    handler = 1",
        "class App:\n    def handler(self): ...",
        "f = lambda handler: handler",
        "import app.handler",
        "# def handler(): ...",
        "def handlers(): ...",
        "del handler",
    ],
)
def test_a_name_that_is_not(text: str) -> None:
    assert not defines(text)


def test_functions_are_in_order_and_public() -> None:
    read = definition.read(b"def b(): ...\nasync def a(): ...\ndef _c(): ...\nclass D: ...\n", "python")
    assert read
    assert read.functions == ("b", "a")


def test_a_language_without_a_reader() -> None:
    assert definition.read(b"", "cobol") is None
