"""The scripts that ship with version 2 of the `aws` command, where a machine has it; all other tests use version 1.

AWS_V2 names the command, if it is not on the PATH as `aws`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import cloud as clouds
from support.shipping import Shipped, spec_of

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.full


def version_2() -> str:
    for folder in [None, *os.environ["PATH"].split(os.pathsep)]:
        command = os.environ.get("AWS_V2") if folder is None else shutil.which("aws", path=folder)
        if command:
            done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
            if done.stdout.startswith("aws-cli/2."):
                return command
    pytest.skip("this machine has no version 2 of the aws command")


def test_a_stack_comes_changes_and_goes(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "account").mkdir()
    with clouds.serve(tmp_path / "account", version_2()) as cloud:
        project = Shipped(engine, cloud, tmp_path / "two", spec_of("two"))
        project.render(**{"lambda": {"environment": {"TABLE": "a"}}})
        first, second = project.image("first"), project.image("second")
        assert "Add\tTwo\tAWS::Lambda::Function" in project.script("deploy", IMAGE=first, DRY_RUN="1").out
        said = project.deploy(first)
        assert "two:live is version 1." in said.err
        assert dict(line.split("\t") for line in said.out.splitlines()).keys() == {"Alias", "LogGroup"}
        assert "Nothing to do: two:live is version 1" in project.deploy(first).err
        project.render(**{"lambda": {"environment": {"TABLE": "b"}}})
        assert "two:live is version 2." in project.deploy(second).err
        words = ("--function-name", "two", "--environment", "Variables={X=1}")
        cloud.aws("lambda", "update-function-configuration", *words)
        project.render(**{"lambda": {"timeout": 9, "environment": {"TABLE": "b"}}})
        assert "CloudFormation would remove: two:X." in project.script("deploy", IMAGE=second).sentence
        assert project.script("rollback").err == "two:live is version 1 now.\n"
        assert "choose with VERSION=N." in project.script("rollback").err
        assert project.script("prune").err == "Nothing to prune.\n"
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "refused"}, "DependsOn": ["TwoLogs"]}
        project.render(stack={"resources": {"News": topic}})
        said = project.script("deploy", IMAGE=second, FORCE="1")
        assert said.err.splitlines()[-1].endswith("was not deployed: News: the account may not have this topic")
        assert "Deleted the stack two." in project.script("destroy", "--yes").err
        assert "two" not in project.stacks()
