"""The tutorial, from its first line to its last: its files, its commands, and what it says they print."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from cloud import ACCOUNT, REGION, Cloud
from machine import docker, docker_client, search_path
from projects import CA_BUNDLE
from registry import free_port
from support import docs

pytestmark = pytest.mark.images

TUTORIAL = docs.ROOT / "docs/tutorial.md"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = "flowers:latest"

# Everything is Docker's own doing, except where an image comes from: the public bases may have stand-ins, and the
# account's registry is the one of the tests.
DOCKER = """#!/bin/sh
for word; do
    shift
    case $word in {ecr}/*) word={registry}/${{word#*/}} ;; esac
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
    script = DOCKER.format(ecr=ECR, registry=closed_registry, bases=" ".join(bases), docker=docker_client())
    (programs / "docker").write_text(script, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    (tmp_path / "gitconfig").write_text("[user]\nname = Nobody\nemail = nobody@example.com\n", encoding="utf-8")
    return {
        **cloud.environment,
        "HOME": str(tmp_path),
        "PATH": f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{search_path()}",
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "ECR_REGISTRY": closed_registry,
        "PORT": str(free_port()),
        **({"CA_BUNDLE": str(CA_BUNDLE)} if CA_BUNDLE.exists() else {}),
    }


def test_the_tutorial_works_as_it_stands(environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("work", "blocks"):
        (tmp_path / name).mkdir()
    todo = docs.steps(docs.blocks(TUTORIAL), tmp_path / "blocks")
    try:
        results = docs.run([command for _, command, _ in todo], where=tmp_path / "work", environment=environment)
    finally:
        docker("rm", "--force", "lambda-flowers")
    for step, (status, output) in zip(todo, results, strict=True):
        # The machine's own ports stand for those of the tutorial.
        said = output.replace(f":{environment['PORT']}", ":9000").replace(environment["ECR_REGISTRY"], ECR)
        docs.require_shown(*step, status, said)
    assert any("sha256:" in output for _, output in results)
    pulled = docker("image", "ls", "--quiet", "--filter", f"reference={environment['ECR_REGISTRY']}/flowers")
    docker("image", "rm", "--force", IMAGE, *pulled.split())
