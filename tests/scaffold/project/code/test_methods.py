"""Which methods a Ruby file defines: nothing that it may define is missed, and what it surely lacks is found."""

from __future__ import annotations

import json
import re

import pytest

from scaffold.locations import template_root
from scaffold.project.code import definition

ROW = json.loads((template_root() / "catalogue/languages.json").read_bytes())["languages"]["ruby"]["handler"]


def defines(text: str, name: str) -> bool:
    source = text.encode()
    if re.search(ROW["definition"].replace("NAME", re.escape(name)).encode(), source, re.MULTILINE):
        return True
    read = definition.read(source, "ruby")
    return read is None or read.open or name in read.names


NESTED = "module Search\n  class Handler\n    def self.process(event:, context:)\n    end\n  end\nend\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def handler(event:, context:)\nend", "handler"),
        ("def handler(event:, context:) = event", "handler"),
        ("private def handler(event:, context:)\nend", "handler"),
        (NESTED, "Search::Handler.process"),
        ("class Search::Handler\n  def self.process(event:, context:)\n  end\nend", "Search::Handler.process"),
        ("module Search\n  class << self\n    def process(event:, context:)\n    end\n  end\nend", "Search.process"),
        ("module Search\n  module_function\n\n  def process(event:, context:)\n  end\nend", "Search.process"),
        ('require_relative "search"', "handler"),
        ('require "shop/handler"', "handler"),
        ("define_method(:handler) { |event:, context:| event }", "handler"),
        ("alias handler main", "handler"),
        ("class Handler\n  include Base\nend", "Handler.process"),
    ],
)
def test_what_may_be_defined_is_no_finding(text: str, name: str) -> None:
    assert defines(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "handler"),
        ('require "json"\n\ndef handlers(event:, context:)\nend', "handler"),
        ("# def handler(event:, context:)", "handler"),
        ("class Handler\n  def process(event:, context:)\n  end\nend", "Handler.process"),
        (NESTED, "Search.process"),
        (NESTED, "Handler.process"),
    ],
)
def test_what_is_not_defined_is_found(text: str, name: str) -> None:
    assert not defines(text, name)


def test_methods_are_suggested_by_the_names_that_lambda_knows() -> None:
    read = definition.read((NESTED + "def main(event:, context:)\nend\n").encode(), "ruby")
    assert read
    assert read.functions == ("Search::Handler.process", "main")
