"""The tutorial from its first line to its last, and recipes that need AWS: files, commands, and what they print."""

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import daemon
import pytest
from cloud import ACCOUNT, REGION, Cloud
from docker.errors import NotFound
from machine import docker_client, search_path
from projects import CA_BUNDLE
from registry import free_port
from support import docs

from scaffold.cli.main import main

pytestmark = pytest.mark.images

TUTORIAL, HOW_TO = docs.ROOT / "docs/tutorial.md", docs.ROOT / "docs/how-to.md"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"

# Everything is Docker's own doing. But the public bases may have stand-ins, the account's registry is the one of the
# tests, and images have names of this process's own: others may be at the same page.
DOCKER = """#!/bin/sh
for word; do
    shift
    case $word in
        {ecr}/*) word={registry}/${{word#*/}} ;;
        flowers | flowers:latest | my-function:latest) word=${{word%:latest}}-{process}:latest ;;
    esac
    set -- "$@" "$word"
done
if [ "$1 $2" = 'buildx build' ]; then
    shift 2
    set -- buildx build {bases} "$@"
fi
exec {docker} "$@"
"""


@pytest.fixture
def environment(bases: Sequence[str], cloud: Cloud, closed_registry: str, tmp_path: Path) -> dict[str, str]:
    """That of somebody who follows the tutorial: with Docker, scaffold, git, the aws command and an account."""
    programs = tmp_path / "bin"
    programs.mkdir()
    names = {"ecr": ECR, "registry": closed_registry, "process": os.getpid()}
    script = DOCKER.format(bases=" ".join(bases), docker=docker_client(), **names)
    (programs / "docker").write_text(script, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    (tmp_path / "gitconfig").write_text("[user]\nname = Nobody\nemail = nobody@example.com\n", encoding="utf-8")
    return {
        **cloud.environment,
        "SCAFFOLD_PIN": "0",
        "HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{search_path()}",
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "ECR_REGISTRY": closed_registry,
        "PORT": str(free_port()),
        "CONTAINER": f"test-tutorial-{os.getpid()}",
        **({"CA_BUNDLE": str(CA_BUNDLE)} if CA_BUNDLE.exists() else {}),
    }


def follow(blocks: Sequence[docs.Block], where: Path, environment: dict[str, str], *before: str) -> dict[str, str]:
    """Do what blocks show, in this folder, and leave nothing on the engine; what each command said."""
    scratch = where.with_name("blocks")
    scratch.mkdir()
    todo = docs.steps(blocks, scratch)
    try:
        commands = [*before, *(command for _, command, _ in todo)]
        results = docs.run(commands, where=where, environment=environment)
    finally:
        tidy(environment)
    for status, output in results[: len(before)]:
        assert status == 0, output
    for step, (status, output) in zip(todo, results[len(before) :], strict=True):
        # The test's own port and registry stand for those of the pages.
        said = output.replace(f":{environment['PORT']}", ":9000").replace(environment["ECR_REGISTRY"], ECR)
        docs.require_shown(*step, status, said)
    return {command: output for command, (_, output) in zip(commands, results, strict=True)}


def tidy(environment: dict[str, str]) -> None:
    with suppress(NotFound):
        daemon.client().containers.get(environment["CONTAINER"]).remove(force=True)
    for name in ("flowers", "my-function"):
        made = daemon.names(f"{name}-{os.getpid()}:latest", f"{environment['ECR_REGISTRY']}/{name}")
        daemon.remove(*made, force=True)


def test_the_tutorial_works_as_it_stands(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    said = follow(docs.blocks(TUTORIAL), tmp_path / "work", environment)
    assert len(re.findall(r"^\w+: Pushed$", said["make test push deploy"], re.MULTILINE)) == 1, (
        "the model's layer alone"
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
        follow(blocks, where, environment | {"AWS_DEFAULT_REGION": REGION}, *before)
    finally:
        for stack in cloud.aws("cloudformation", "describe-stacks")["Stacks"]:
            cloud.aws("cloudformation", "delete-stack", "--stack-name", stack["StackName"])
