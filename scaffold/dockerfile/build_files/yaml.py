"""Reads the settings of builds in YAML or JSON, wherever a tool keeps them.

The file is read as nodes, so that no tag constructs an object. Every value of a key counts, including repeated, merged
and overridden ones: the result does not depend on which of them a builder uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from scaffold.dockerfile.build_files.keys import Setting
from scaffold.findings.source import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.dockerfile.build_files.keys import Table

_MAX_MERGES = 20
_MAX_MERGED = 200_000  # keys in one document
_CORE = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "merge", "null", "str", "timestamp", "value")
)


def documents(data: bytes) -> Iterator[Document]:
    """Yield the documents of a file. Raises YAMLError, ValueError and RecursionError for unreadable files."""
    for top in yaml.compose_all(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        yield Document(top)


class Document:
    """One document, as nodes. `strange` collects the parts of it that cannot be read."""

    def __init__(self, top: yaml.Node | None) -> None:
        self.top = top if isinstance(top, yaml.MappingNode) else None
        self.known: dict[int, list[tuple[str, yaml.Node]]] = {}
        self.strange: list[Setting] = []
        self.merged = 0

    def settings(self, node: yaml.Node | None, table: Table, *, known: bool = True) -> Iterator[Setting]:
        """Yield the settings of a build; with `known`, also every key that is in no table."""
        for key, value in self.pairs(node):
            name = table.names.get(key)
            if name == "args":
                yield from self._arguments(value)
            elif name == "cache":
                yield from (value_setting("cache", item, self._cache(item)) for item in items(value))
            elif name == "import":
                yield from (setting(name, item) for item in items(value))
            elif name:
                yield setting(name, value)
            elif known and key not in table.harmless and not key.startswith("x-"):
                yield setting("parameters", value)

    def _arguments(self, node: yaml.Node) -> Iterator[Setting]:
        """Yield the names of build arguments: keys, or the items `NAME=VALUE` of a list."""
        if isinstance(node, yaml.MappingNode) and not node.tag.startswith("!"):
            yield from (value_setting("argument", node, key) for key, _ in self.pairs(node))
        else:
            for item in items(node):
                text = text_of(item)
                yield value_setting("argument", node, text and text.split("=", maxsplit=1)[0])

    def _cache(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.MappingNode):
            return text_of(node)
        parts = sorted(self.pairs(node), key=lambda pair: pair[0] != "type")
        return ",".join(f"{key}={text_of(value)}" for key, value in parts)

    def find(self, node: yaml.Node | None, *names: str) -> list[yaml.Node]:
        """Return all nodes at this path of keys; `*` is any key."""
        found = [] if node is None else [node]
        for name in names:
            below = (value for node in found for key, value in self.pairs(node) if name in {"*", key})
            found = list({id(value): value for value in below}.values())
        return found

    def pairs(self, node: yaml.Node | None, depth: int = 0) -> list[tuple[str, yaml.Node]]:
        """Return the keys and values of a mapping, of everything merged into it, and of the mappings in a list."""
        if node is None or isinstance(node, yaml.ScalarNode):
            return []
        if id(node) not in self.known:
            if depth > _MAX_MERGES or self.merged > _MAX_MERGED:
                self.strange.append(setting("depth", node))
                return []
            self.known[id(node)] = []  # for a node that contains itself
            found: dict[tuple[str, int], yaml.Node] = {}
            for key, value in (
                ((None, item) for item in node.value) if isinstance(node, yaml.SequenceNode) else node.value
            ):
                self._take(found, key, value, depth)
            self.known[id(node)] = [(key, value) for (key, _), value in found.items()]
        return self.known[id(node)]

    def _take(
        self, found: dict[tuple[str, int], yaml.Node], key: yaml.Node | None, value: yaml.Node, depth: int
    ) -> None:
        if key is None or key.tag == "tag:yaml.org,2002:merge" or key.value == "<<":
            merged = self.pairs(value, depth + 1)
            self.merged += len(merged)
            found.update({(name, id(below)): below for name, below in merged})
        elif isinstance(key, yaml.ScalarNode):
            if key.tag not in _CORE:
                self.strange.append(setting("key", key))
            found[key.value, id(value)] = value


def items(node: yaml.Node) -> list[yaml.Node]:
    """Return the items of a list, or a single value as one item; nothing for null."""
    if isinstance(node, yaml.SequenceNode) and not node.tag.startswith("!"):
        return list(node.value)
    return [] if node.tag == "tag:yaml.org,2002:null" else [node]


def scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Yield every key and value in a node that has no parts, each once."""
    waiting, seen = [node] if node else [], set[int]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            pairs = isinstance(node, yaml.MappingNode)
            waiting += [part for pair in node.value for part in pair] if pairs else node.value


def text_of(node: yaml.Node) -> str | None:
    """Return the text of a literal; None for anything else."""
    return node.value if isinstance(node, yaml.ScalarNode) and node.tag in _CORE else None


def setting(name: str, node: yaml.Node) -> Setting:
    """Return a setting with the text of a node."""
    return value_setting(name, node, text_of(node))


def value_setting(name: str, node: yaml.Node, text: str | None) -> Setting:
    """Return a setting with another text, at the position of a node."""
    place = Position(line=node.start_mark.line + 1, column=node.start_mark.column + 1)
    return Setting(name=name, text=text, place=place)
