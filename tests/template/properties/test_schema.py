"""The schema of the spec means the same to the template, to Python and to editors, and nothing in it is half right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from support.template import CASES

from scaffold.rendering.engine import Engine

from .strategies import (
    ENDINGS,
    JUNK,
    MINIMAL,
    SCALARS,
    SCHEMA,
    SPECS,
    YAML_JUNK,
    Schema,
    Spec,
    accepted,
    examples,
    mended,
    mutant,
    sample,
    subschemas,
    values,
)

Interpreter = Callable[[object], list[dict[str, Any]]]

READERS = (Draft202012Validator(SCHEMA), Draft7Validator(SCHEMA))
SEEDS = st.lists(st.integers(0, 2**32), min_size=4, max_size=4)
JUNK_SAMPLE = sample(JUNK, 300)
SCALARS_SAMPLE = sample(SCALARS, 60)
YAML_JUNK_SAMPLE = sample(YAML_JUNK, 300)

ANNOTATIONS = {
    *("$schema", "$id", "$defs", "title", "description", "examples", "default"),
    *("patternErrorMessage", "aliases", "dependencies"),
}
# What draft-07 and 2020-12 both know and mean the same by.
KEYWORDS = {
    *(
        "$ref",
        "type",
        "const",
        "enum",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "required",
        "dependentRequired",
        "properties",
    ),
    *("additionalProperties", "propertyNames", "maxProperties", "items", "minItems", "maxItems", "uniqueItems"),
}
ALL = list(subschemas())
NAMED = [pytest.param(schema, id="/".join(map(str, path)) or "root") for path, schema in ALL]
KEYS = [row for row, (path, _) in zip(NAMED, ALL, strict=True) if path[-2:-1] in {("properties",), ("$defs",)}]
PATTERNS = [pytest.param(schema, id="/".join(map(str, path))) for path, schema in ALL if "pattern" in schema]


@given(SPECS, SEEDS)
@examples(400)
def test_the_template_reads_the_schema_as_jsonschema_does(
    interpreter: Interpreter, spec: Spec, seeds: list[int]
) -> None:
    assert interpreter(spec) == []
    for value in [spec, *(mutant(spec, seed, JUNK_SAMPLE) for seed in seeds)]:
        verdicts = {reader.is_valid(value) for reader in READERS}
        assert verdicts == {not interpreter(value)}, value


@pytest.mark.parametrize("schema", NAMED)
def test_and_so_every_part_of_it(macro: Callable[..., str], schema: Schema) -> None:
    readers = [reader.evolve(schema=schema | {"$defs": SCHEMA["$defs"]}) for reader in READERS]
    right = sample(values(schema), 10)
    wrong = [mutant(right[0], seed, JUNK_SAMPLE) for seed in range(30)]
    for value in [*right, *wrong, *edges(SCHEMA["$defs"]["packages"] if "$ref" in schema else schema), *SCALARS_SAMPLE]:
        refused: list[object] = []
        macro("spec/schema", "validate", refused, value, schema, SCHEMA, [])
        assert {reader.is_valid(value) for reader in readers} == {not refused}, value


def edges(schema: Schema) -> Iterator[Any]:
    """Values as long and as large as they may be, and others that are just not."""
    for more in (-1, 0, 1):
        yield from ("a" * (schema[key] + more) for key in ("minLength", "maxLength") if key in schema)
        yield from (schema[key] + more for key in ("minimum", "maximum") if key in schema)
        if "maxProperties" in schema:
            yield from ({f"{letter}{index}": "x" for index in range(schema["maxProperties"] + more)} for letter in "aA")
        if "maxItems" in schema and schema.get("examples"):
            yield [_numbered(schema["examples"][0][0], index) for index in range(schema["maxItems"] + more)]
    yield from ([], {}, ["a", "a"], [{}, {}])


def _numbered(value: Any, index: int) -> Any:
    """A value that is like another, but not the same."""
    if isinstance(value, dict):
        key = next((key for key in value if isinstance(value[key], str)), "number")
        return value | {key: f"{value.get(key, '')}{index}"}
    return f"{value}{index}"


@given(st.sampled_from(JUNK_SAMPLE))
@examples(100)
def test_and_so_of_what_is_no_spec_at_all(interpreter: Interpreter, value: object) -> None:
    for reader in READERS:
        assert reader.is_valid(value) == (not interpreter(value))


def test_a_whole_number_written_as_a_float_is_an_integer_to_jsonschema_only(interpreter: Interpreter) -> None:
    spec = MINIMAL | {"lambda": {"timeout": 512.0}}
    assert all(reader.is_valid(spec) for reader in READERS)
    assert [row["code"] for row in interpreter(spec)] == ["wrong-type"]


@given(SPECS, SEEDS)
@examples(150)
def test_problems_never_raises(engine: Engine, spec: Spec, seeds: list[int]) -> None:
    for seed in seeds:
        value = mutant(spec, seed, YAML_JUNK_SAMPLE)
        for problem in engine.problems(value):
            assert problem.message
            assert problem.code


@pytest.mark.parametrize("depth", [20, 100])
def test_problems_takes_deep_nesting(engine: Engine, depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = [{"x": deep}]
    for key in SCHEMA["properties"]:
        assert engine.problems(MINIMAL | {key: deep})


@given(SPECS)
@examples(60)
def test_what_is_wrong_can_be_taken_out(engine: Engine, spec: Spec) -> None:
    assert engine.problems(mended(spec, engine)) == []


def test_the_strategies_make_every_key(engine: Engine) -> None:
    drawn = sample(SPECS, 400)
    assert _known_keys(SCHEMA) - {key for spec in drawn for key in _keys(spec)} == set()
    in_order = {key for spec in drawn for key in _keys(mended(spec, engine))}
    # Keys that only other languages take are in the cases.
    in_order |= {key for path in CASES.glob("*/lambda-image.yaml") for key in _keys(yaml.safe_load(path.read_text()))}
    assert _known_keys(SCHEMA) - in_order == set(), "whatever is drawn for them is refused"


def _keys(value: object, path: str = "") -> set[str]:
    found: set[str] = set()
    if isinstance(value, dict):
        for key, part in value.items():
            found |= {f"{path}.{key}", *_keys(part, f"{path}.{key}")}
    elif isinstance(value, list):
        for part in value:
            found |= _keys(part, path)
    return found


def _known_keys(schema: Schema, path: str = "") -> set[str]:
    found: set[str] = set()
    for key, part in schema.get("properties", {}).items():
        found |= {f"{path}.{key}", *_known_keys(part, f"{path}.{key}")}
    if "items" in schema:
        found |= _known_keys(schema["items"], path)
    return found


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("schema", NAMED)
def test_keywords_are_those_that_every_reader_knows(schema: Schema, engine: Engine) -> None:
    assert set(schema) <= KEYWORDS | ANNOTATIONS
    assert schema.get("dependencies") == schema.get("dependentRequired"), "its name in draft-07, and since"
    source = (engine.root / "template/spec/schema.jinja").read_text(encoding="utf-8")
    for keyword in set(schema) - ANNOTATIONS:
        assert re.search(rf"s\.{keyword}\b|'{re.escape(keyword)}'", source), f"the template ignores {keyword}"
    if "$ref" in schema:
        assert set(schema) <= {"$ref"} | ANNOTATIONS, "draft-07 ignores what stands beside $ref"
    if schema.get("type") == "integer" and "const" not in schema:
        assert {"minimum", "maximum"} <= set(schema)
    if schema.get("type") == "array":
        assert {"items", "maxItems"} <= set(schema)
    if schema.get("type") == "string":
        assert {"pattern", "enum"} & set(schema)
        assert (
            "pattern" not in schema
            or {"maxLength", "patternErrorMessage"} <= set(schema)
            or "{64}$" in schema["pattern"]
        )


@pytest.mark.parametrize("schema", NAMED)
def test_objects_are_closed(schema: Schema) -> None:
    if "object" in schema.get("type", []):
        assert schema["additionalProperties"] is False or isinstance(schema["additionalProperties"], dict)
        assert isinstance(schema["additionalProperties"], bool) or {"propertyNames", "maxProperties"} <= set(schema)
        assert set(schema.get("required", [])) <= set(schema.get("properties", {}))


@pytest.mark.parametrize("schema", KEYS)
def test_everything_is_described(schema: Schema) -> None:
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] | schema
    assert schema["description"].endswith((".", "`from`"))
    assert schema["examples"]
    assert {"type", "$ref", "const"} & set(schema)


@pytest.mark.parametrize("schema", NAMED)
def test_examples_and_defaults_are_in_order(schema: Schema) -> None:
    for value in schema.get("examples", []) + [schema[key] for key in ("default",) if key in schema]:
        for reader in READERS:
            assert list(reader.evolve(schema=schema | {"$defs": SCHEMA["$defs"]}).iter_errors(value)) == [], value


@pytest.mark.parametrize("schema", PATTERNS)
def test_patterns_end_where_they_say(schema: Schema) -> None:
    pattern = schema["pattern"]
    assert pattern.startswith("^")
    assert pattern.endswith("$(?!\\n)")
    # Not in brackets: what has another meaning in Python, in JavaScript or at the end of a line.
    bare = re.sub(r"\[(?:\\.|[^\]\\])*\]", "[]", pattern)
    assert not re.search(r"\$(?!\(\?!\\n\))", bare), "a bare $"
    assert not re.search(r"\\[dDwWsSbBAZz]", pattern)
    assert not re.search(r"\(\?[^!=:]|\\[pPk0-9]|[*+?}][+]", bare), "not in every dialect"


@pytest.mark.parametrize("schema", PATTERNS)
def test_patterns_accept_nothing_after_the_end(schema: Schema) -> None:
    for text in accepted(schema, 200):
        for end in ("\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\0", "\x0b", "\x0c", "\t", "\u202e", "\ud800"):
            assert not re.search(schema["pattern"], text + end), (text, end)
            assert not re.search(schema["pattern"], f"{text}{end}{text}"), (text, end)


@pytest.mark.parametrize("schema", PATTERNS)
def test_patterns_know_only_ascii_digits_and_letters(schema: Schema) -> None:
    prose = re.search(schema["pattern"], "é")
    for text in [] if prose else accepted(schema, 200):
        assert text.isascii()
        for end in ENDINGS:
            assert end.isascii() or not re.search(schema["pattern"], text + end)
