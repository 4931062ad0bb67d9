"""A right that is missing: the denied action in one line, exit 1, and nothing changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from support.cloud import ACCOUNT
from support.shipping import Shipped

Ship = Callable[..., Shipped]
AWS = """#!/bin/sh
case "$*" in
    *"{command}"*)
        echo >&2
        echo "An error occurred (AccessDenied) when calling the {operation} operation: User: \
arn:aws:iam::{account}:user/ci is not authorized to perform: {action} on resource: *" >&2
        exit 254
        ;;
esac
exec "{aws}" "$@"
"""
DENIED = [
    ("deploy", "cloudformation describe-stacks", "cloudformation:DescribeStacks"),
    ("deploy", "cloudformation get-template", "cloudformation:GetTemplate"),
    ("deploy", "cloudformation deploy", "cloudformation:CreateChangeSet"),
    ("deploy", "lambda get-function-configuration", "lambda:GetFunctionConfiguration"),
    ("deploy", "ecr describe-images", "ecr:DescribeImages"),
    ("rollback", "lambda get-alias", "lambda:GetAlias"),
    ("rollback", "lambda update-alias", "lambda:UpdateAlias"),
    ("prune", "lambda list-functions", "lambda:ListFunctions"),
    ("prune", "ecr describe-images", "ecr:DescribeImages"),
    ("destroy", "cloudformation list-stack-resources", "cloudformation:ListStackResources"),
    ("destroy", "cloudformation delete-stack", "cloudformation:DeleteStack"),
]


def test_the_denied_action_is_named_and_nothing_changed(ship: Ship, tmp_path: Path) -> None:
    project = ship("denied")
    project.deploy(project.image("first"))
    project.deploy(project.image("second"))
    third = project.image("third")
    real = shutil.which("aws", path=project.variables()["PATH"])
    before = (project.serving()["Version"], project.stacks()["denied"]["StackStatus"])
    for script, command, action in DENIED:
        folder = tmp_path / "programs"
        folder.mkdir(exist_ok=True)
        names = {"command": command, "operation": action.partition(":")[2], "action": action, "account": ACCOUNT}
        (folder / "aws").write_text(AWS.format(aws=real, **names), encoding="utf-8")
        (folder / "aws").chmod(0o755)
        words = ["--yes"] if script in ("prune", "destroy") else []
        path = f"{folder}{os.pathsep}{project.variables()['PATH']}"
        said = project.script(script, *words, PATH=path, IMAGE=third)
        assert (said.status, said.out) == (1, ""), (script, action, said)
        denied = [line for line in said.err.splitlines() if "is not authorized to perform" in line]
        assert len(denied) == 1, said
        assert denied[0] == said.err.splitlines()[-1]
        assert f"is not authorized to perform: {action} on" in denied[0]
        assert (project.serving()["Version"], project.stacks()["denied"]["StackStatus"]) == before, (script, action)


PUSHED = [
    ("ecr describe-repositories", "ecr:DescribeRepositories"),
    ("ecr create-repository", "ecr:CreateRepository"),
    ("ecr set-repository-policy", "ecr:SetRepositoryPolicy"),
    ("ecr put-lifecycle-policy", "ecr:PutLifecyclePolicy"),
    ("ecr batch-get-image", "ecr:BatchGetImage"),
]
DOCKER = """#!/bin/sh
case "$1 $2" in
    'image inspect') echo sha256:0123456789abcdef ;;
    'push '*) echo pushed >>"{pushes}" ;;
esac
"""


def test_a_push_names_it_too_and_pushes_nothing(ship: Ship, tmp_path: Path) -> None:
    project = ship("denied-push")
    path = project.variables()["PATH"]
    real = shutil.which("aws", path=path)
    pushes = tmp_path / "pushes"
    (tmp_path / "docker").write_text(DOCKER.format(pushes=pushes), encoding="utf-8")
    for command, action in PUSHED:
        names = {"command": command, "operation": action.partition(":")[2], "action": action, "account": ACCOUNT}
        (tmp_path / "aws").write_text(AWS.format(aws=real, **names), encoding="utf-8")
        for name in ("aws", "docker"):
            (tmp_path / name).chmod(0o755)
        said = project.script("push", PATH=f"{tmp_path}{os.pathsep}{path}")
        assert (said.status, said.out) == (1, ""), (action, said)
        assert f"is not authorized to perform: {action}" in said.err.splitlines()[-1]
        assert not pushes.exists()
