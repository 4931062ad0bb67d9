"""Reads stacks: what a SAM, CloudFormation or Serverless file puts into service besides an image from a parameter.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html and
https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from scaffold.dockerfile.build_files import keys
from scaffold.dockerfile.build_files.yaml import items, setting, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.dockerfile.build_files.keys import Setting
    from scaffold.dockerfile.build_files.yaml import Document

_FUNCTIONS = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
_LAYERS = frozenset({"AWS::Lambda::LayerVersion", "AWS::Serverless::LayerVersion"})
_NESTED = frozenset({"AWS::CloudFormation::Stack", "AWS::Serverless::Application"})
_CODE = frozenset({"CodeUri", "Handler", "InlineCode", "Runtime", "S3Bucket", "ZipFile"})
_GIVEN = re.compile(r"\$\{(?:env|opt|param):[A-Za-z0-9_-]+\}")
_MOST_NODES = 50_000


def cloudformation(document: Document) -> Iterator[list[Setting]]:
    """Yield everything in a SAM or CloudFormation template that brings in code of functions."""
    for below in (document.top, *document.find(document.top, "resources")):
        yield [row for node in document.find(below, "Resources", "*") for row in _resource(document, below, node)]
        defaults = document.find(below, "Globals", "Function")
        yield [row for node in defaults for row in _function(document, below, node)]


def _resource(document: Document, top: yaml.Node | None, node: yaml.Node) -> Iterator[Setting]:
    kinds = {text_of(kind) for kind in document.find(node, "Type")}
    if kinds & _LAYERS:
        yield setting("layer", node)
    if kinds & _FUNCTIONS:
        for properties in document.find(node, "Properties"):
            yield from _function(document, top, properties)
    if kinds & _NESTED:
        places = [*document.find(node, "Properties", "Location"), *document.find(node, "Properties", "TemplateURL")]
        yield from (setting("nested", place) for place in places if "://" in (text_of(place) or "://"))


def _function(document: Document, top: yaml.Node | None, properties: yaml.Node) -> Iterator[Setting]:
    for image in (*document.find(properties, "ImageUri"), *document.find(properties, "Code", "ImageUri")):
        if not _is_given(document, top, image):
            yield setting("image", image)
    yield from (setting("layer", node) for node in document.find(properties, "Layers") if items(node))
    for holder in (properties, *document.find(properties, "Code")):
        yield from (setting("archive", value) for key, value in document.pairs(holder) if key in _CODE)


def _is_given(document: Document, top: yaml.Node | None, image: yaml.Node) -> bool:
    """Return whether an image is a parameter without a default, which whoever deploys the stack must give."""
    text = image.value if isinstance(image, yaml.ScalarNode) and image.tag == "!Ref" else None
    if isinstance(image, yaml.MappingNode):
        pairs = document.pairs(image)
        text = text_of(pairs[0][1]) if [key for key, _ in pairs] == ["Ref"] else None
    parameters = document.find(top, "Parameters", text) if text and text != "*" else []
    return bool(parameters) and not any(text_of(node) != "" for node in document.find(parameters[0], "Default"))


def serverless(document: Document) -> Iterator[list[Setting]]:
    """Yield the builds of a Serverless file, and everything else in it that brings in code of functions."""
    top = document.top
    images = document.find(top, "provider", "ecr", "images")
    names = {key for node in images for key, _ in document.pairs(node)}
    for image in (image for node in images for image in document.find(node, "*")):
        yield [setting("image", image)] if isinstance(image, yaml.ScalarNode) else _image(document, image)
    functions = [function for node in document.find(top, "functions") for function in document.find(node, "*")]
    for function in functions:
        yield [setting("archive", node) for node in document.find(function, "handler")]
        for image in document.find(function, "image"):
            name = [*document.find(image, "name")] if isinstance(image, yaml.MappingNode) else [image]
            yield [setting("image", node) for node in name if not _is_known(text_of(node), names)]
            yield [setting("image", node) for node in document.find(image, "uri") if not _is_known(text_of(node), {})]
    layered = (top, *document.find(top, "provider"), *functions)
    yield [setting("layer", node) for holder in layered for node in document.find(holder, "layers")]
    written = [
        *document.find(top, "functions"),
        *images,
        *document.find(top, "resources"),
        *document.find(top, "provider"),
    ]
    yield [setting("hidden", node) for node in written if not isinstance(node, yaml.MappingNode)]
    yield from cloudformation(document)


def _image(document: Document, image: yaml.Node) -> list[Setting]:
    found = document.settings(image, keys.SERVERLESS)
    return [row for row in found if row.name != "image" or not _is_known(row.text, {})]


def _is_known(text: str | None, names: set[str] | dict[str, str]) -> bool:
    return text is not None and (text in names or bool(_GIVEN.fullmatch(text)))


def stage(document: Document) -> dict[str, Any] | None:
    """Return the functions and the other resources of a template, as rules for stacks expect them; None without any.

    Raises ValueError if it has too many nodes.
    """
    left = [_MOST_NODES]
    resources: dict[str, Any] = {}
    for below in (document.top, *document.find(document.top, "resources")):
        for node in document.find(below, "Resources"):
            resources |= {name: _plain(document, value, left) for name, value in document.pairs(node)}
    if not resources:
        return None
    defaults: dict[str, Any] = {}
    for node in document.find(document.top, "Globals", "Function"):
        found = _plain(document, node, left)
        defaults |= found if isinstance(found, dict) else {}
    functions, others = [], {}
    for name, resource in resources.items():
        row = resource if isinstance(resource, dict) else {}
        properties = row.get("Properties")
        properties = properties if isinstance(properties, dict) else {}
        kind = row.get("Type")
        if isinstance(kind, str) and kind in _FUNCTIONS:
            properties = _as_in_sam(defaults | properties)
            functions.append({"deployed": name, "properties": properties, "ignored_answers": []})
        elif isinstance(kind, str):
            others[name] = row | {"Properties": properties}
    return {"name": "", "functions": functions, "resources": others}


def _as_in_sam(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with the shapes that rules expect; anything else is dropped."""
    found = dict(properties)
    tags = properties.get("Tags")
    if isinstance(tags, list):
        found["Tags"] = {row.get("Key"): row.get("Value") for row in tags if isinstance(row, dict)}
    policies = properties.get("Policies", [])
    found["Policies"] = policies if isinstance(policies, list) else [policies]
    events = properties.get("Events")
    rows = events.items() if isinstance(events, dict) else ()
    typed = {name: row for name, row in rows if isinstance(row, dict) and isinstance(row.get("Type"), str)}
    found["Events"] = {name: row | {"Properties": _mapping(row.get("Properties"))} for name, row in typed.items()}
    found["FunctionUrlConfig"] = _mapping(properties.get("FunctionUrlConfig"))
    found["Tags"] = _mapping(found.get("Tags"))
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _plain(document: Document, node: yaml.Node, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise ValueError("too many nodes")
    tag = node.tag[1:] if node.tag.startswith("!") else ""
    if isinstance(node, yaml.ScalarNode):
        value: Any = node.value
    elif isinstance(node, yaml.SequenceNode):
        value = [_plain(document, item, left) for item in node.value]
    else:
        value = {key: _plain(document, below, left) for key, below in document.pairs(node)}
    return {f"Fn::{tag}": value} if tag else value
