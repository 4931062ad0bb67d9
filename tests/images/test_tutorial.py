"""The tutorial from its first line to its last, and recipes that need AWS: files, commands, and what they print."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cloud import ECR, REGION, Cloud
from pages import HOW_TO, TUTORIAL, follow, somebody
from support import docs

from scaffold.cli.main import main

pytestmark = pytest.mark.images


@pytest.fixture
def environment(bases: Sequence[str], cloud: Cloud, closed_registry: str, tmp_path: Path) -> dict[str, str]:
    """That of somebody who follows the tutorial: with Docker, scaffold, git, the aws command and an account."""
    made = somebody(tmp_path, bases, ECR, closed_registry)
    return {**cloud.environment, **made, "ECR_REGISTRY": closed_registry}


def test_the_tutorial_works_as_it_stands(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    said = follow(docs.blocks(TUTORIAL), tmp_path / "work", environment, {environment["ECR_REGISTRY"]: ECR})
    assert len(re.findall(r"^\w+: Pushed$", said["make test push deploy"], re.MULTILINE)) == 2, (
        "the layers of the model and of the code alone"
    )


def recipes() -> list[Any]:
    """The sections of how-to.md that ship something."""
    found = docs.sections(HOW_TO).items()
    return [pytest.param(shown, id=name) for name, shown in found if any("cloud" in block.marks for block in shown)]


@pytest.mark.parametrize("blocks", recipes())
def test_recipes_for_aws_work_as_they_stand(
    blocks: Sequence[docs.Block], environment: dict[str, str], cloud: Cloud, tmp_path: Path
) -> None:
    where = tmp_path / "my-function"
    assert main(["new", "--defaults", str(where)]) == 0
    before = (
        ["make build"] if any(command == "make push" for block in blocks for command, _ in block.commands()) else []
    )
    try:
        # Behind an address of their own, even services that know no regions want one.
        names = {environment["ECR_REGISTRY"]: ECR}
        follow(blocks, where, environment | {"AWS_DEFAULT_REGION": REGION}, names, *before)
    finally:
        for stack in cloud.aws("cloudformation", "describe-stacks")["Stacks"]:
            cloud.aws("cloudformation", "delete-stack", "--stack-name", stack["StackName"])
