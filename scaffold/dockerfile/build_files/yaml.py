"""Reads the builds in a Compose, Bake or SAM file in YAML or JSON.

The file is read as nodes, so that no tag constructs an object. Every value of a key counts, including repeated, merged
and overridden ones: the result does not depend on which of them a builder uses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from scaffold.dockerfile.build_files.keys import BAKE, COMPOSE, SAM, SAM_HARMLESS, Setting
from scaffold.findings.source import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_MERGES = 20
_MAX_MERGED = 200_000  # keys in one document
_CORE = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "merge", "null", "str", "timestamp", "value")
)
_COMPOSE_TOP = re.compile(r"x-.*|configs|include|models|name|networks|secrets|services|version|volumes")
_NESTED = frozenset({"AWS::CloudFormation::Stack", "AWS::Serverless::Application"})


def read(data: bytes) -> Iterator[list[Setting]]:
    """Yield the settings of each build. Raises YAMLError, ValueError and RecursionError for unreadable files."""
    for document in yaml.compose_all(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        yield from _Document(document).builds()


class _Document:
    def __init__(self, top: yaml.Node | None) -> None:
        self.top = top if isinstance(top, yaml.MappingNode) else None
        self.known: dict[int, list[tuple[str, yaml.Node]]] = {}
        self.strange: list[Setting] = []
        self.merged = 0

    def builds(self) -> Iterator[list[Setting]]:
        for build in self._find(self.top, "services", "*", "build"):
            if isinstance(build, yaml.ScalarNode):
                yield [_setting("context", build)]
            else:
                baked = [setting for node in self._find(build, "x-bake") for setting in self._settings(node, BAKE)]
                yield [*self._settings(build, COMPOSE), *baked]
        if targets := self._find(self.top, "target", "*"):
            baked = [setting for node in targets for setting in self._settings(node, BAKE)]
            # A target inherits from others, and all of them default to the directory in which Bake runs.
            yield [_value_setting("context", targets[0], "."), *baked]
        for metadata in self._find(self.top, "Resources", "*", "Metadata"):
            yield [*self._settings(metadata, SAM), *self._more_of_docker(metadata)]
        yield [*self._imports(), *self._hidden()]
        yield self.strange

    def _settings(self, node: yaml.Node, names: Mapping[str, str]) -> Iterator[Setting]:
        for key, value in self._pairs(node):
            name = names.get(key)
            if name == "args":
                yield from self._arguments(value)
            elif name == "cache":
                yield from (_value_setting("cache", item, self._cache(item)) for item in _items(value))
            elif name:
                yield _setting(name, value)

    def _arguments(self, node: yaml.Node) -> Iterator[Setting]:
        """Yield the names of build arguments: keys, or the items `NAME=VALUE` of a list."""
        if isinstance(node, yaml.MappingNode) and not node.tag.startswith("!"):
            yield from (_value_setting("argument", node, key) for key, _ in self._pairs(node))
        else:
            for item in _items(node):
                text = _text(item)
                yield _value_setting("argument", node, text and text.split("=", maxsplit=1)[0])

    def _cache(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.MappingNode):
            return _text(node)
        parts = sorted(self._pairs(node), key=lambda pair: pair[0] != "type")
        return ",".join(f"{key}={_text(value)}" for key, value in parts)

    def _more_of_docker(self, metadata: yaml.Node) -> Iterator[Setting]:
        for key, value in self._pairs(metadata):
            if key.startswith("Docker") and key not in SAM and key not in SAM_HARMLESS:
                yield _setting("parameters", value)
            if key.startswith("Fn::") and _mentions_docker(value):
                yield _setting("hidden", value)

    def _hidden(self) -> Iterator[Setting]:
        """Yield resources that exist only after the template is transformed."""
        for key, value in (
            (key, value) for node in self._find(self.top, "Resources") for key, value in self._pairs(node)
        ):
            if (key.startswith("Fn::") or not isinstance(value, yaml.MappingNode)) and _mentions_docker(value):
                yield _setting("hidden", value)

    def _imports(self) -> Iterator[Setting]:
        """Yield references to other files of the same kind; those inside the checked directory are checked too."""
        for file in self._find(self.top, "services", "*", "extends", "file"):
            yield _setting("import", file)
        # A Compose file has no other keys; other programs use `include` for something else.
        if all(_COMPOSE_TOP.fullmatch(key) for key, _ in self._pairs(self.top)):
            for item in (item for node in self._find(self.top, "include") for item in _items(node)):
                if isinstance(item, yaml.ScalarNode):
                    yield _setting("import", item)
                yield from (_setting("import", path) for node in self._find(item, "path") for path in _items(node))
                yield from (_setting("directory", node) for node in self._find(item, "project_directory"))
        for resource in self._find(self.top, "Resources", "*"):
            if _NESTED & {_text(node) for node in self._find(resource, "Type")}:
                for name in ("Location", "TemplateURL"):
                    for node in self._find(resource, "Properties", name):
                        if (text := _text(node)) and "://" not in text:
                            yield _setting("import", node)

    def _find(self, node: yaml.Node | None, *names: str) -> list[yaml.Node]:
        """Return all nodes at this path of keys; `*` is any key."""
        found = [] if node is None else [node]
        for name in names:
            below = (value for node in found for key, value in self._pairs(node) if name in {"*", key})
            found = list({id(value): value for value in below}.values())
        return found

    def _pairs(self, node: yaml.Node | None, depth: int = 0) -> list[tuple[str, yaml.Node]]:
        """Return the keys and values of a mapping, of everything merged into it, and of the mappings in a list."""
        if node is None or isinstance(node, yaml.ScalarNode):
            return []
        if id(node) not in self.known:
            if depth > _MAX_MERGES or self.merged > _MAX_MERGED:
                self.strange.append(_setting("depth", node))
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
            merged = self._pairs(value, depth + 1)
            self.merged += len(merged)
            found.update({(name, id(below)): below for name, below in merged})
        elif isinstance(key, yaml.ScalarNode):
            if key.tag not in _CORE:
                self.strange.append(_setting("key", key))
            found[key.value, id(value)] = value


def _items(node: yaml.Node) -> list[yaml.Node]:
    """Return the items of a list, or a single value as one item; nothing for null."""
    if isinstance(node, yaml.SequenceNode) and not node.tag.startswith("!"):
        return list(node.value)
    return [] if node.tag == "tag:yaml.org,2002:null" else [node]


def _mentions_docker(node: yaml.Node) -> bool:
    """Return whether any key or value in the node mentions Docker."""
    waiting, seen = [node], set[int]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            if "Docker" in node.value or node.tag == "tag:yaml.org,2002:binary":
                return True
        elif id(node) not in seen:
            seen.add(id(node))
            pairs = isinstance(node, yaml.MappingNode)
            waiting += [part for pair in node.value for part in pair] if pairs else node.value
    return False


def _text(node: yaml.Node) -> str | None:
    return node.value if isinstance(node, yaml.ScalarNode) and node.tag in _CORE else None


def _setting(name: str, node: yaml.Node) -> Setting:
    return _value_setting(name, node, _text(node))


def _value_setting(name: str, node: yaml.Node, text: str | None) -> Setting:
    place = Position(line=node.start_mark.line + 1, column=node.start_mark.column + 1)
    return Setting(name=name, text=text, place=place)
