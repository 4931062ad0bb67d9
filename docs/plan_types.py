"""Writes scaffold/rendering/plan.py: the types of the plan, from its JSON Schema."""

from __future__ import annotations

import json
import keyword
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
PLURALS = {"ies": "y", "xes": "x", "s": ""}
HEAD = '''"""The plan as types. Made by docs/generate.py from schema/plan.schema.json: edit that.

Only type checkers read this module: import it under TYPE_CHECKING.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict
'''


def module(schema: Mapping[str, Any]) -> str:
    """Give the text of the module. Raises KeyError for a type that it does not know."""
    types = Types(schema.get("$defs", {}))
    types.annotation({"description": schema["title"], **schema}, "plan", "")
    return "\n\n".join([HEAD, *types.texts.values()])


class Types:
    """The types that were needed so far: their texts by name, a part before the whole."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.texts: dict[str, str] = {}
        self.fields: dict[str, dict[str, str]] = {}

    def annotation(self, part: Mapping[str, Any], name: str, above: str) -> str:
        """Give the type of a value; `name` is its key's, `above` the name of the type that has the key."""
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            part = self.definitions[name]
        if "enum" in part or "const" in part:
            return f"Literal[{', '.join(map(json.dumps, part.get('enum') or [part['const']]))}]"
        kinds = [part["type"]] if isinstance(part["type"], str) else part["type"]
        return " | ".join(self._of(kind, part, name, above) for kind in kinds)

    def _of(self, kind: str, part: Mapping[str, Any], name: str, above: str) -> str:
        if kind == "array":
            return f"list[{self.annotation(part['items'], singular(name), above)}]"
        if kind != "object":
            return SCALARS[kind]
        if "properties" not in part:
            return f"dict[str, {self.annotation(part['additionalProperties'], name, above)}]"
        return self._typed_dict(part, name, above)

    def _typed_dict(self, part: Mapping[str, Any], key: str, above: str) -> str:
        name = camel(key)
        fields = {key: self.annotation(value, key, name) for key, value in part["properties"].items()}
        fields |= {key: f"NotRequired[{fields[key]}]" for key in fields.keys() - set(part["required"])}
        if self.fields.setdefault(name, fields) != fields:
            name = above + name
        write = functional if any(map(keyword.iskeyword, fields)) else block
        meaning = part.get("description", f"`{key}` of the plan.").split(". ")[0].rstrip(".")
        meaning = textwrap.shorten(meaning, 100, placeholder=" …")
        self.texts[name] = "\n".join(write(name, meaning, fields)) + "\n"
        return name


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


def camel(name: str) -> str:
    """Give a key as the name of a type."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def singular(name: str) -> str:
    """Give the name of one item of a list."""
    ending = next((ending for ending in PLURALS if name.endswith(ending)), None)
    return name if ending is None else name.removesuffix(ending) + PLURALS[ending]
