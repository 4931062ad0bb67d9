"""Finds the builds that a document describes, by the rules of the tool that reads it.

Each function yields the settings of one build after another. Keys follow
https://docs.docker.com/reference/compose-file/build/, https://docs.docker.com/build/bake/reference/,
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-image-repositories.html,
https://skaffold.dev/docs/references/yaml/, https://containers.dev/implementors/json_reference/, and the inputs of
https://github.com/docker/build-push-action and https://github.com/docker/bake-action.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from scaffold.dockerfile.build_files import keys, stacks
from scaffold.dockerfile.build_files.keys import Setting
from scaffold.dockerfile.build_files.yaml import items, scalars, setting, text_of, value_setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffold.dockerfile.build_files.yaml import Document

_COMPOSE_TOP = re.compile(r"x-.*|configs|include|models|name|networks|secrets|services|version|volumes")
_NESTED = frozenset({"AWS::CloudFormation::Stack", "AWS::Serverless::Application"})
_PLAIN_TRANSFORMS = frozenset({"AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"})
_OF_BUILDS = re.compile("Docker|ImageUri|^AWS::(?:Lambda|Serverless)::Function$")
_FLAGS = re.compile(r"--build-context\b|BUILDKIT_SYNTAX|BUILDX_BAKE_FILE")
_OVERRIDE = re.compile(r"[^.=\s]*\.(?:[a-z-]+)(?:\.[^=\s]*)?\+?=.*")


def compose(document: Document) -> Iterator[list[Setting]]:
    """Yield the builds of a Compose file."""
    for build in document.find(document.top, "services", "*", "build"):
        if isinstance(build, yaml.ScalarNode):
            yield [setting("context", build)]
        else:
            baked = [row for node in document.find(build, "x-bake") for row in document.settings(node, keys.BAKE)]
            yield [*document.settings(build, keys.COMPOSE), *baked]
    yield [setting("import", file) for file in document.find(document.top, "services", "*", "extends", "file")]
    # A Compose file has no other keys; other programs use `include` for something else.
    if all(_COMPOSE_TOP.fullmatch(key) for key, _ in document.pairs(document.top)):
        for item in (item for node in document.find(document.top, "include") for item in items(node)):
            if isinstance(item, yaml.ScalarNode):
                yield [setting("import", item)]
            yield [setting("import", path) for node in document.find(item, "path") for path in items(node)]
            yield [setting("directory", node) for node in document.find(item, "project_directory")]


def bake(document: Document) -> Iterator[list[Setting]]:
    """Yield the targets of a Bake file together, since targets inherit from others."""
    if targets := document.find(document.top, "target", "*"):
        baked = [row for node in targets for row in document.settings(node, keys.BAKE)]
        # All of them default to the directory in which Bake runs.
        yield [value_setting("context", targets[0], "."), *baked]


def sam(document: Document) -> Iterator[list[Setting]]:
    """Yield the builds of a SAM template."""
    for metadata in document.find(document.top, "Resources", "*", "Metadata"):
        yield [*document.settings(metadata, keys.SAM, known=False), *_more_of_docker(document, metadata)]
    yield [*_nested(document), *_hidden(document)]


def _more_of_docker(document: Document, metadata: yaml.Node) -> Iterator[Setting]:
    if metadata.tag.startswith("!"):
        yield setting("hidden", metadata)
    for key, value in document.pairs(metadata):
        if key.startswith("Docker") and key not in keys.SAM.names and key not in keys.SAM.harmless:
            yield setting("parameters", value)
        if key.startswith("Fn::"):
            yield setting("hidden", value)


def _nested(document: Document) -> Iterator[Setting]:
    for resource in document.find(document.top, "Resources", "*"):
        if _NESTED & {text_of(node) for node in document.find(resource, "Type")}:
            for name in ("Location", "TemplateURL"):
                for node in document.find(resource, "Properties", name):
                    if (text := text_of(node)) and "://" not in text:
                        yield setting("import", node)


def _hidden(document: Document) -> Iterator[Setting]:
    """Yield resources, and parts of them, that exist only after the template is transformed."""
    for resources in document.find(document.top, "Resources"):
        for key, value in document.pairs(resources):
            mentions = any(_OF_BUILDS.search(node.value) or node.tag.endswith(":binary") for node in scalars(value))
            if (key.startswith("Fn::") or not isinstance(value, yaml.MappingNode)) and mentions:
                yield setting("hidden", value)
            if key == "Fn::Transform" or value.tag.startswith("!"):
                yield setting("hidden", value)
        yield from (setting("hidden", node) for node in document.find(resources, "*", "Fn::Transform"))
        for node in document.find(document.top, "Transform"):
            # Of a macro, and of AWS::Include, nobody knows the result.
            names = [text_of(item) or "" for item in items(node)]
            macros = [name for name in names if not name.startswith("AWS::")]
            if {*names} - _PLAIN_TRANSFORMS and (macros or "AWS::Include" in names or not all(names)):
                yield setting("hidden", node)


def sam_config(document: Document) -> Iterator[list[Setting]]:
    """Yield the settings of `samconfig.toml`, which are those of all of SAM's commands."""
    for parameters in document.find(document.top, "*", "*", "parameters"):
        yield list(document.settings(parameters, keys.SAM_CONFIG, known=False))


def skaffold(document: Document) -> Iterator[list[Setting]]:
    """Yield the artifacts of a Skaffold file and of its profiles."""
    top = document.top
    for holder in (top, *document.find(top, "profiles")):
        for node in document.find(holder, "build", "artifacts"):
            for artifact in items(node):
                by_docker = [part for name in ("docker", "kaniko") for part in document.find(artifact, name)]
                settings = [row for part in (artifact, *by_docker) for row in document.settings(part, keys.SKAFFOLD)]
                yield settings
        yield [setting("parameters", node) for node in document.find(holder, "build", "googleCloudBuild")]
    yield [setting("parameters", node) for node in document.find(top, "profiles", "patches")]
    yield [setting("import", node) for node in document.find(top, "requires", "path")]
    yield [setting("parameters", node) for name in ("git", "url") for node in document.find(top, "requires", name)]


def devcontainer(document: Document) -> Iterator[list[Setting]]:
    """Yield the build of a development container."""
    for node in (document.top, *document.find(document.top, "build")):
        yield list(document.settings(node, keys.DEVCONTAINER, known=False))


def workflow(document: Document) -> Iterator[list[Setting]]:
    """Yield the builds of a workflow, and everything in it that gives a builder other sources by an option."""
    steps = [*document.find(document.top, "jobs", "*", "steps"), *document.find(document.top, "runs", "steps")]
    for step in (step for node in steps for step in items(node)):
        uses = [text_of(node) or "" for node in document.find(step, "uses")]
        for inputs in document.find(step, "with"):
            if any("/build-push-action@" in name for name in uses):
                yield _lines(document.settings(inputs, keys.ACTION), "argument", "cache")
            elif any("/bake-action@" in name for name in uses):
                yield _overrides(_lines(document.settings(inputs, keys.BAKE_ACTION), "import", "overrides"))
            else:
                yield [setting("contexts", node) for node in document.find(inputs, "build-contexts")]
    if not document.find(document.top, "services") and not document.find(document.top, "Resources"):
        yield [setting("flags", node) for node in scalars(document.top) if _FLAGS.search(node.value)]


def _lines(settings: Iterator[Setting], *names: str) -> list[Setting]:
    """Return the settings with one for each line of those that are lists of lines."""
    found = []
    for row in settings:
        lines = (
            re.split(r"[\n,]" if row.name == "import" else r"\n", row.text or "") if row.name in names else [row.text]
        )
        parts = [line.strip() if line else line for line in lines]
        if row.name == "argument":
            parts = [part.split("=", maxsplit=1)[0] if part else part for part in parts]
        found += [Setting(name=row.name, text=part, place=row.place) for part in parts if part != ""]
    return found


def _overrides(settings: list[Setting]) -> list[Setting]:
    """Return the settings without overrides of what brings nothing into an image, such as tags."""
    return [row for row in settings if row.name != "overrides" or not _is_harmless(row.text or "")]


def _is_harmless(text: str) -> bool:
    key = text.partition("=")[0].rstrip("+").split(".")
    return bool(_OVERRIDE.fullmatch(text)) and len(key) > 1 and key[1] in keys.BAKE.harmless - {"inherits", "matrix"}


OF_ANY_FILE = (compose, bake, sam, stacks.cloudformation, workflow)
BY_NAME: Mapping[re.Pattern[str], tuple[Callable[[Document], Iterator[list[Setting]]], ...]] = {
    re.compile(r"\.?devcontainer\.json"): (devcontainer,),
    re.compile(r"samconfig[^/]*\.(?:toml|ya?ml)"): (sam_config,),
    re.compile(r"serverless[^/]*\.(?:ya?ml|json)"): (stacks.serverless,),
    re.compile(r"skaffold[^/]*\.ya?ml"): (skaffold,),
}
"""The tools that read files of certain names only."""


def builds(document: Document, name: str) -> Iterator[list[Setting]]:
    """Yield the settings of each build in a document of a file with this name."""
    tools = next((tools for pattern, tools in BY_NAME.items() if pattern.fullmatch(name)), OF_ANY_FILE)
    for tool in tools:
        yield from tool(document)
    yield document.strange


def is_named(name: str) -> bool:
    """Return whether only one tool reads files of this name."""
    return any(pattern.fullmatch(name) for pattern in BY_NAME)
