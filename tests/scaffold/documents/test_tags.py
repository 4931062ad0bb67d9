"""A tag of CloudFormation is refused with its long form."""

from __future__ import annotations

import pytest

from scaffold.documents.document import parse

FIXES = {
    "!Ref Orders": "Write {Ref: Orders}.",
    "!GetAtt Orders.Endpoint.Address": 'Write {"Fn::GetAtt": [Orders, Endpoint.Address]}.',
    "!Sub '${AWS::StackName}-x'": 'Write {"Fn::Sub": "${AWS::StackName}-x"}.',
    "!Join ['-', [a, b]]": 'Write {"Fn::Join": ...}.',
    "!!binary aGk=": "Remove it.",
}


@pytest.mark.parametrize("text", FIXES)
def test_the_fix_is_the_long_form(text: str) -> None:
    [finding] = parse(f"a: {text}\n".encode(), file="lambda-image.yaml").findings
    assert (finding.code, finding.fix) == ("yaml-tag", FIXES[text])
