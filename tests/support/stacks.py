"""Generated stacks as CloudFormation gets them: read with its short forms, transformed by AWS's own SAM translator."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cfnlint.decode.cfn_yaml import load
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

IMAGE = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/x@sha256:{'0' * 64}"


def read(path: Path) -> Any:
    """The template in a file, in long form."""
    return json.loads(json.dumps(load(str(path))))


def translated(template: Any, image: str = IMAGE) -> Any:
    """What SAM makes of a template on AWS's side, with an image for its parameter."""
    session = SimpleNamespace(region_name="eu-west-1")
    return Translator({}, Parser(), boto_session=session).translate(
        template, {"ImageUri": image, "PreviousVersion": ""}
    )
