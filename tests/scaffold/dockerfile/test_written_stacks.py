"""Stacks written by hand: where the code of their functions comes from, and the standards' rules for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scaffold.dockerfile.discover import find
from scaffold.gates.dockerfile import judge
from scaffold.rendering.engine import Engine
from scaffold.standards.load import own

PARAMETER = "Parameters: {ImageUri: {Type: String}}\n"
SAM = PARAMETER + "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {%s}}}\n"
PLAIN = PARAMETER + "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {%s}}}\n"
NO_PARAMETER = "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {ImageUri: !Ref ImageUri}}}\n"
SERVERLESS = (
    "service: a\nprovider: {name: aws, ecr: {images: {app: {path: ., file: Dockerfile, buildArgs: {A: b}}}}}\n"
    "functions: {f: {image: {name: app, command: [a]}}, g: {image: app}, h: {image: '${param:image}'}}\n"
)
CODE = "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: {ImageUri: e}}}}"
IMAGE = "an image that no parameter names"
LAYER = "a layer, which adds files to functions"
ARCHIVE = "a function whose code is not in an image"
NESTED = "a template from elsewhere"
HIDDEN = "resources that exist only after a transformation"


def said(folder: Path, name: str, text: str) -> list[str]:
    (folder / "Dockerfile").write_text("FROM a\n")
    (folder / name).write_text(text)
    return [row.message for row in find([folder]).findings]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("template.yaml", SAM % "PackageType: Image, ImageUri: !Ref ImageUri"),
        ("template.yaml", SAM % "PackageType: Image, ImageUri: {Ref: ImageUri}, Layers: []"),
        ("template.yaml", SAM % "PackageType: Image"),
        ("stack.yaml", PLAIN % "PackageType: Image, Code: {ImageUri: !Ref ImageUri}"),
        ("stack.yaml", NO_PARAMETER + "Parameters: {ImageUri: {Type: String, Default: ''}}\n"),
        ("stack.json", '{"Resources": {"T": {"Type": "AWS::S3::Bucket"}}}'),
        ("serverless.yml", SERVERLESS),
    ],
)
def test_images_from_parameters(name: str, text: str, tmp_path: Path) -> None:
    assert said(tmp_path, name, text) == []


@pytest.mark.parametrize(
    ("name", "text", "messages"),
    [
        ("template.yaml", SAM % "ImageUri: evil", [IMAGE]),
        ("any.yml", SAM % "ImageUri: evil", [IMAGE]),
        (
            "any.json",
            '{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ImageUri": "e"}}}}}',
            [IMAGE],
        ),
        ("template.yaml", SAM % "ImageUri: !Sub '${ImageUri}'", [IMAGE]),
        ("template.yaml", SAM % "ImageUri: {'Fn::If': [a, {Ref: ImageUri}, evil]}", [IMAGE]),
        ("template.yaml", SAM % "ImageUri: !Ref Other", [IMAGE]),
        ("template.yaml", NO_PARAMETER, [IMAGE]),
        ("template.yaml", NO_PARAMETER + "Parameters: {ImageUri: {Type: String, Default: evil}}\n", [IMAGE]),
        ("template.yaml", SAM % "Layers: [arn]", [LAYER]),
        ("template.yaml", "Resources: {L: {Type: 'AWS::Lambda::LayerVersion'}}\n", [LAYER]),
        ("template.yaml", "Resources: {L: {Type: 'AWS::Serverless::LayerVersion'}}\n", [LAYER]),
        ("template.yaml", "Globals: {Function: {Layers: [arn]}}\nResources: {}\n", [LAYER]),
        ("template.yaml", "Globals: {Function: {ImageUri: evil}}\nResources: {}\n", [IMAGE]),
        ("template.yaml", SAM % "CodeUri: src", [ARCHIVE]),
        ("template.yaml", SAM % "InlineCode: x", [ARCHIVE]),
        ("template.yaml", PLAIN % "Code: {ZipFile: x}", [ARCHIVE]),
        ("template.yaml", PLAIN % "Code: {S3Bucket: x, S3Key: y}", [ARCHIVE]),
        (
            "template.yaml",
            "Resources: {N: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x'}}}\n",
            [NESTED],
        ),
        (
            "template.yaml",
            "Resources: {N: {Type: 'AWS::Serverless::Application', Properties: {Location: {A: b}}}}\n",
            [NESTED],
        ),
        (
            "template.yaml",
            "Resources: {'Fn::ForEach::F': [X, [a], {'F${X}': {Properties: {ImageUri: evil}}}]}\n",
            [HIDDEN],
        ),
        ("serverless.yml", "functions: {f: {image: evil}}\n", [IMAGE]),
        ("serverless.yml", "functions: {f: {image: {uri: evil}}}\n", [IMAGE]),
        ("serverless.yml", "functions: {f: {image: {name: app}}}\n", [IMAGE]),
        ("serverless.yml", "functions: {f: {image: '${file(x):evil}'}}\n", [IMAGE]),
        ("serverless.yml", "provider: {ecr: {images: {app: evil}}}\n", [IMAGE]),
        ("serverless.yml", "provider: {ecr: {images: {app: {uri: evil}}}}\n", [IMAGE]),
        (
            "serverless.yml",
            "provider: {ecr: {images: {app: {path: ., buildOptions: [--x]}}}}\n",
            ["an unknown build parameter"],
        ),
        ("serverless.yml", "functions: {f: {handler: a.b}}\n", [ARCHIVE]),
        ("serverless.yml", "functions: {f: {image: '${param:x}', layers: [a]}}\n", [LAYER]),
        ("serverless.yml", "provider: {layers: [a]}\n", [LAYER]),
        ("serverless.yml", "layers: {a: {path: x}}\n", [LAYER]),
        ("serverless.yml", "functions: ${file(x.yml)}\n", [HIDDEN]),
        ("serverless.yml", "resources: ${file(x.yml)}\n", [HIDDEN]),
        ("serverless.yml", f"resources: {{{CODE}}}\n", [IMAGE]),
    ],
)
def test_everything_else_names_a_source(name: str, text: str, messages: list[str], tmp_path: Path) -> None:
    assert said(tmp_path, name, text) == messages


OPEN = "FunctionUrlConfig: {AuthType: NONE}"
ROLE = "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {Policies: [{S: {Effect: Allow, Action: '*'}}]}}}\n"


@pytest.mark.parametrize(
    ("rules", "text", "codes"),
    [
        ({"public_urls": "refused"}, SAM % OPEN, ["public-url"]),
        ({}, SAM % OPEN, []),
        ({"vpc": "required"}, SAM % "", ["missing-vpc"]),
        ({"vpc": "required"}, SAM % "VpcConfig: {SubnetIds: [a]}", []),
        ({"vpc": "required"}, "Globals: {Function: {VpcConfig: {SubnetIds: [a]}}}\n" + SAM % "", []),
        ({"tags": {"required": ["team"]}}, PLAIN % "Tags: [{Key: team, Value: a}]", []),
        ({"tags": {"required": ["team"]}}, PLAIN % "Tags: [{Key: other, Value: a}]", ["missing-tag"]),
        ({"tags": {"required": ["team"]}}, SAM % "Tags: !Ref Tags", ["missing-tag"]),
        ({"boundary": ["b"]}, SAM % "Timeout: 3", ["missing-boundary"]),
        ({"boundary": ["b"]}, SAM % "PermissionsBoundary: 'arn:aws:iam::1:policy/b'", []),
        ({"wildcard_policies": "refused"}, SAM % "Policies: AdministratorAccess", ["wildcard-policy"]),
        ({"wildcard_policies": "refused"}, ROLE, ["wildcard-policy"]),
        ({"public_urls": "refused"}, SAM % "Events: {E: {Type: HttpApi}}", ["public-url"]),
        ({"public_urls": "refused"}, SAM % "Events: {E: x, F: {Type: !Ref T}}", []),
        ({"public_urls": "refused"}, "Resources: {F: x, G: [a], H: {Type: {a: b}}, I: {Type: a, Properties: x}}\n", []),
    ],
)
def test_rules_hold_in_templates_too(rules: dict[str, Any], text: str, codes: list[str], tmp_path: Path) -> None:
    standards = own(Engine())
    standards = replace(standards, rules={**standards.rules, "stack": rules})
    (tmp_path / "Dockerfile").write_text("FROM public.ecr.aws/lambda/python:3.13\n")
    (tmp_path / "template.yaml").write_text(text)
    found = judge([tmp_path], standards, date(2026, 11, 24))
    assert [row.code for row in found] == codes
    assert all(row.fix and row.file.endswith("template.yaml") for row in found)


def test_a_template_that_unfolds_without_end(tmp_path: Path) -> None:
    rows = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
    text = "a0: &a0 [x]\n" + rows + "Resources: {F: {Type: 'AWS::S3::Bucket', Properties: {A: *a29}}}\n"
    assert said(tmp_path, "template.yaml", text) == ["the file cannot be read (ValueError), and may describe builds"]
