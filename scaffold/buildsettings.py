"""Files of Compose, Bake and SAM → the Dockerfiles they name, and findings about what they bring in themselves.

A Dockerfile that names only allowed images is no proof once the file that starts the build replaces them: with another
Dockerfile, a context that stands in for an image, a stage that is not the last, a frontend. Each of these is a finding.
Keys are those of https://docs.docker.com/reference/compose-file/build/, https://docs.docker.com/build/bake/reference/
and https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-image-repositories.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from scaffold.findings import Finding, Position, Source, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_KNOWN_NAME = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml|docker-bake[^/]*\.json|template\.(?:ya?ml|json)")
_WORTH_READING = re.compile(rb"build|Docker|target|include|extends|\\[xuU]")
_MEANT = re.compile(
    r"(?<![\w-])(context|contexts|dockerfile|dockerfile-inline|target)[ \t]*=[ \t]*(\"[^\"\n]*\"(?=[ \t]*(?:[}\n]|$)))?"
)
_COMMENT = re.compile(r"^[ \t]*(?:#|//).*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"\$|://|@|^github\.com/")
_FIXES = {
    "inline": ("a Dockerfile inside this file", "Put it in a file of its own."),
    "contexts": ("contexts that stand in for images or stages", "Copy from the build's own context or from a stage."),
    "target": ("a stage that may not be the last", "Build the last stage: give other images files of their own."),
}


@dataclass(kw_only=True)
class Settings:
    """What one such file says: the Dockerfiles it names, and the findings about it."""

    dockerfiles: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read(path: Path, data: bytes, root: Path) -> Settings:
    """Judge a file in the folder `root`, if it is one that says what is built; never raises."""
    if path.suffix == ".hcl":
        return _Reader(path, data, root).bake()
    if path.suffix in {".yml", ".yaml", ".json", ".template"} and _WORTH_READING.search(data):
        return _Reader(path, data, root).tree()
    return Settings()


class _Reader:
    def __init__(self, path: Path, data: bytes, root: Path) -> None:
        self.path, self.data, self.root = path, data, root.resolve()
        self.source = Source(file=str(path), text=data.decode(errors="replace"))
        self.settings = Settings()

    def tree(self) -> Settings:
        """Read YAML or JSON: as nodes, so that no tag constructs anything and each has its place."""
        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            for document in yaml.compose_all(self.data, Loader=loader):
                top = _entries(document)
                for build in [*_compose(top), *_bake(top), *_sam(top)]:
                    self._build(build)
                self._imports(top)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if _KNOWN_NAME.fullmatch(self.path.name):
                self._refuse(None, f"this cannot be read ({type(error).__name__})", "Mend its syntax.")
        return self.settings

    def bake(self) -> Settings:
        """Read HCL: only what stands there as a literal is understood."""
        text = _COMMENT.sub(lambda comment: " " * len(comment[0]), self.source.text)
        if not re.search(r"(?<![\w-])target(?![\w-])", text):
            return self.settings
        found = [(match[1], match[2], match.start()) for match in _MEANT.finditer(text)]
        folders = [value.strip('"') for name, value, _ in found if name == "context" and value]
        for name, value, index in found:
            place = self.source.position_of(index)
            if name in {"contexts", "target", "dockerfile-inline"}:
                self._refuse(place, *_FIXES[name.removeprefix("dockerfile-")])
            elif not value:
                self._refuse(place, f"a {name} that is no literal text", "Write it out in quotes.")
            elif name == "context":
                self._context(value.strip('"'), place)
            else:
                self._dockerfile(value.strip('"'), [*folders, "."], place)
        self._frontend(text, None)
        return self.settings

    def _build(self, build: Mapping[str, yaml.Node]) -> None:
        for name, (message, fix) in _FIXES.items():
            if name in build:
                self._refuse(_place(build[name]), message, fix)
        for argument in _names(build.get("args")):
            self._frontend(argument, _place(build["args"]))
        where = "."
        if "context" in build:
            where = _text(build["context"])
            self._context(where, _place(build["context"]))
        if "dockerfile" in build:
            self._dockerfile(_text(build["dockerfile"]), [where], _place(build["dockerfile"]))

    def _frontend(self, text: str, place: Position | None) -> None:
        unreadable = place is not None and "$" in text.split("=", maxsplit=1)[0]
        if unreadable or "BUILDKIT_" in text.upper():
            message = "an argument that can change how the Dockerfile is read"
            self._refuse(place, message, "Remove it: set what builders obey nowhere but in the builder.")

    def _context(self, text: str, place: Position | None) -> None:
        if _ELSEWHERE.search(text) or not text or not self._inside(text):
            message = f"the context {_shown(text)} is no folder under the one that is judged"
            self._refuse(place, message, "Write a folder, or judge one that holds it.")

    def _dockerfile(self, text: str, folders: list[str], place: Position | None) -> None:
        found = [path for folder in folders if text and (path := self._inside(f"{folder}/{text}")) and path.is_file()]
        if _ELSEWHERE.search(text) or not found:
            message = f"the Dockerfile {_shown(text)} is not under the folder that is judged"
            self._refuse(place, message, "Write its path, or judge a folder that holds it.")
        self.settings.dockerfiles += found

    def _imports(self, top: Mapping[str, yaml.Node]) -> None:
        """Other Compose files are judged where they lie, if they lie here."""
        services = _entries(top.get("services")).values()
        extended = [_entries(_entries(service).get("extends")).get("file") for service in services]
        included = [part for item in _items(top.get("include")) for part in _items(_entries(item).get("path", item))]
        for node in [*extended, *included]:
            if node is not None and not ((path := self._inside(_text(node))) and path.is_file()):
                self._refuse(_place(node), "a file that is not under the folder that is judged", "Keep it there.")

    def _inside(self, text: str) -> Path | None:
        try:
            path = (self.path.parent / text).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return path if text and not _ELSEWHERE.search(text) and path.is_relative_to(self.root) else None

    def _refuse(self, place: Position | None, message: str, fix: str) -> None:
        place = place or Position(line=0, column=0)
        self.settings.findings.append(self.source.finding_at(place, "build-override", message, fix=fix))


def _compose(top: Mapping[str, yaml.Node]) -> Iterator[dict[str, yaml.Node]]:
    for service in _entries(top.get("services")).values():
        build = _entries(service).get("build")
        if isinstance(build, yaml.ScalarNode):
            yield {"context": build}
        elif build is not None:
            names = {"dockerfile_inline": "inline", "additional_contexts": "contexts"}
            yield _renamed(build, names, "args", "context", "dockerfile", "target")
            yield _renamed(_entries(build).get("x-bake"), {"contexts": "contexts"})


def _bake(top: Mapping[str, yaml.Node]) -> Iterator[dict[str, yaml.Node]]:
    for target in _entries(top.get("target")).values():
        yield _renamed(target, {"dockerfile-inline": "inline"}, "args", "context", "contexts", "dockerfile", "target")


def _sam(top: Mapping[str, yaml.Node]) -> Iterator[dict[str, yaml.Node]]:
    names = {"DockerBuildArgs": "args", "DockerBuildTarget": "target", "DockerContext": "context"}
    for resource in _entries(top.get("Resources")).values():
        yield _renamed(_entries(resource).get("Metadata"), names | {"Dockerfile": "dockerfile"})


def _renamed(node: yaml.Node | None, names: Mapping[str, str], *same: str) -> dict[str, yaml.Node]:
    entries, wanted = _entries(node), dict(names) | {name: name for name in same}
    return {wanted[name]: value for name, value in entries.items() if name in wanted}


def _entries(node: yaml.Node | None, depth: int = 0) -> dict[str, yaml.Node]:
    """The entries of a mapping, with those that `<<` merges into it; none of anything else."""
    found: dict[str, yaml.Node] = {}
    if not isinstance(node, yaml.MappingNode) or depth > 20:
        return found
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value == "<<":
            for merged in _items(value):
                found = _entries(merged, depth + 1) | found
        elif isinstance(key, yaml.ScalarNode):
            found[key.value] = value
    return found


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [] if node is None else [node]


def _names(node: yaml.Node | None) -> list[str]:
    """The names of build arguments: keys, or the items `NAME=VALUE` of a list; `$` for what cannot be read."""
    if isinstance(node, yaml.MappingNode) and not node.tag.startswith("!"):
        return ["$" if name.startswith("Fn::") else name for name in _entries(node)]
    return [_text(item) for item in _items(node)]


def _text(node: yaml.Node) -> str:
    """The text of a plain value; `$`, which is nobody's path, for one that something else decides."""
    own_tag = node.tag.startswith("!")
    return node.value if isinstance(node, yaml.ScalarNode) and not own_tag else "$"


def _shown(text: str) -> str:
    return visible(text[:80]) if text != "$" else "of another's choice"


def _place(node: yaml.Node) -> Position:
    return Position(line=node.start_mark.line + 1, column=node.start_mark.column + 1)
