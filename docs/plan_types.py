"""Writes scaffold/rendering/plan.py: the types of the plan, from its JSON Schema."""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
HEAD = '''"""The plan as types. Made by docs/generate.py from schema/plan.schema.json: edit that.

Only type checkers read this module: import it under TYPE_CHECKING.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict
'''


def module(schema: Mapping[str, Any]) -> str:
    """Give the text of the module. Raises KeyError for a type that it does not know."""
    definitions = {**schema["$defs"], "Plan": {"description": schema["title"], **schema, "$defs": {}}}
    texts: dict[str, str] = {}
    add(texts, "Plan", definitions)
    return "\n\n".join([HEAD, *texts.values()])


def add(texts: dict[str, str], name: str, definitions: Mapping[str, Any]) -> None:
    """Add the text of a definition after those of the definitions it names."""
    for named in re.findall(r'"#/\$defs/(\w+)"', json.dumps(definitions[name])):
        if named not in texts:
            add(texts, named, definitions)
    texts[name] = typed_dict(name, definitions[name])


def annotation(part: Mapping[str, Any]) -> str:
    """Give the type of a value. A mapping with keys of its own is one of the schema's definitions."""
    if "$ref" in part:
        return str(part["$ref"].rpartition("/")[2])
    if "anyOf" in part:
        return " | ".join(map(annotation, part["anyOf"]))
    if "enum" in part or "const" in part:
        return f"Literal[{', '.join(map(json.dumps, part.get('enum') or [part['const']]))}]"
    kinds = [part["type"]] if isinstance(part["type"], str) else part["type"]
    return " | ".join(of_kind(kind, part) for kind in kinds)


def of_kind(kind: str, part: Mapping[str, Any]) -> str:
    """Give the type of a value that is of this kind in JSON."""
    if kind == "array":
        return f"list[{annotation(part['items'])}]"
    return f"dict[str, {annotation(part['additionalProperties'])}]" if kind == "object" else SCALARS[kind]


def typed_dict(name: str, part: Mapping[str, Any]) -> str:
    """Give the text of one definition."""
    fields = {key: annotation(value) for key, value in part["properties"].items()}
    fields |= {key: f"NotRequired[{fields[key]}]" for key in fields.keys() - set(part["required"])}
    write = functional if any(map(keyword.iskeyword, fields)) else block
    meaning = textwrap.shorten(part["description"].split(". ")[0].rstrip("."), 100, placeholder=" …")
    return "\n".join(write(name, meaning, fields)) + "\n"


def block(name: str, meaning: str, fields: Mapping[str, str]) -> Iterator[str]:
    """Give the lines of a class."""
    yield f"class {name}(TypedDict):"
    yield f'    """{meaning}."""'
    yield ""
    yield from (f"    {key}: {text}" for key, text in fields.items())


def functional(name: str, meaning: str, fields: Mapping[str, str]) -> Iterator[str]:
    """Give the lines of a type with a key that is a keyword of Python."""
    yield f"# {meaning}."
    yield f'{name} = TypedDict(\n    "{name}",\n    {{'
    yield from (f'        "{key}": {text},' for key, text in fields.items())
    yield "    },\n)"
