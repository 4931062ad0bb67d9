"""What a stack says is what CloudFormation reads, whatever the words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from cfnlint.decode.cfn_yaml import loads
from hypothesis import given
from hypothesis import strategies as st

from .strategies import TOKENS, examples

WORDS = st.sampled_from([*TOKENS, "AWS::Region", "a b", "Yes", "e5", "/", "-", "!Ref x"]).filter(
    lambda text: (
        all(ord(char) >= 32 and not 0x7F <= ord(char) <= 0xA0 for char in text)
        and not any(char in text for char in "\u2028\u0085\ud800\ufeff")
    )
)
PARTS: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.integers(-(2**53), 2**53) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS.filter(bool), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS.filter(bool), PARTS, min_size=1, max_size=4), st.sampled_from([0, 6, 80]))
@examples(300)
def test_a_part_is_read_as_it_was_written(macro: Callable[..., str], value: dict[str, Any], depth: int) -> None:
    for text in (f"x:{macro('encode', 'block', value, depth + 2)}", f"x: {macro('encode', 'flow', value)}\n"):
        assert yaml.safe_load(text) == {"x": value}


@given(st.lists(st.sampled_from(["Ref", "Fn::Sub", "Fn::GetAtt"]), min_size=1, max_size=3), WORDS)
@examples(100)
def test_functions_have_their_short_form(macro: Callable[..., str], names: list[str], word: str) -> None:
    value = [{name: ["Orders", "Arn"] if name == "Fn::GetAtt" else word} for name in names]
    text = f"x:{macro('encode', 'block', value, 2)}"
    assert text.count("!") >= len(names)
    assert loads(text) == {"x": value}


def test_plain_words_are_bare(macro: Callable[..., str]) -> None:
    assert macro("encode", "scalar", "Finds similar images.") == "Finds similar images."
    assert macro("encode", "scalar", "AWS::SQS::Queue") == "AWS::SQS::Queue"
    assert macro("encode", "scalar", "no") == '"no"'
