"""scripts/prune and scripts/destroy against the stand-in: what goes, and what stays."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from support.cloud import ACCOUNT
from support.shipping import Shipped

Ship = Callable[..., Shipped]


def digests(project: Shipped) -> set[str]:
    found = project.cloud.aws("ecr", "describe-images", "--repository-name", project.name)["imageDetails"]
    return {row["imageDigest"] for row in found}


def digest(image: str) -> str:
    return image.partition("@")[2]


def test_what_nothing_uses_is_deleted(ship: Ship) -> None:
    project = ship("pruned")
    images = [project.image(str(number)) for number in range(4)]
    foreign = project.image("pushed by somebody else", "v1")
    tag = f"sha256-{digest(images[0]).removeprefix('sha256:')}.sig"
    signature = project.image("a signature of the first", tag)
    kept = project.image("a signature of the last", f"sha256-{digest(images[3]).removeprefix('sha256:')}.sig")
    for image in images:
        project.deploy(image)
    assert project.script("prune").err == "Nothing to prune.\n"
    said = project.script("prune", KEEP="1")
    assert "there is nobody to ask" in said.err
    assert next(line.split()[0] for line in said.out.splitlines()) == "pruned:1"
    assert len(digests(project)) == 7

    # A rollback goes back to version 3, or to 2 if the last deployment changed nothing.
    assert project.script("prune", "--yes", KEEP="1").status == 0
    versions = project.cloud.aws("lambda", "list-versions-by-function", "--function-name", "pruned")["Versions"]
    assert [row["Version"] for row in versions] == ["$LATEST", "2", "3", "4"]
    assert digests(project) == {digest(image) for image in (*images[1:], foreign, kept)}
    assert digest(signature) not in digests(project)
    assert project.script("rollback").status == 0

    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "ecr:BatchGetImage"}],
    }
    words = ("--repository-name", "pruned", "--policy-text", json.dumps(policy))
    project.cloud.aws("ecr", "set-repository-policy", *words)
    project.image("another")
    assert "lets other accounts read them" in project.script("prune", KEEP="0").err
    assert "there is nobody to ask" in project.script("prune", KEEP="0", SHARED="1").err


def test_an_image_in_service_is_kept_however_many_were_pushed_since(ship: Ship) -> None:
    project = ship("kept")
    serving = project.image("in service")
    project.deploy(serving)
    pushed = [project.image(f"never deployed {number}") for number in range(7)]
    assert project.script("prune", "--yes").status == 0
    assert digests(project) == {digest(image) for image in (serving, *pushed[2:])}


def test_destroy_deletes_the_stack_and_says_what_stays(ship: Ship) -> None:
    pexpect = pytest.importorskip("pexpect")
    project = ship("gone", aws={"region": "eu-west-1", "protect": True})
    image = project.image("one")
    outputs = dict(line.split("\t") for line in project.deploy(image).out.splitlines())
    role = project.cloud.role("someone")
    words = ("--package-type", "Image", "--code", f"ImageUri={image}", "--role", role)
    project.cloud.aws("lambda", "create-function", "--function-name", "elsewhere", *words)
    for words in ((), ("--yes",)):
        assert "the stack gone is protected." in project.script("destroy", *words).sentence
    words = ("--no-enable-termination-protection", "--stack-name", "gone")
    project.cloud.aws("cloudformation", "update-termination-protection", *words)
    assert "there is nobody to ask" in project.script("destroy").sentence
    assert "there is no option --force, only --yes." in project.script("destroy", "--force").sentence

    for answer, there in (("no", True), ("yes", False)):
        environment = {**project.variables(), "TERM": "dumb"}
        child = pexpect.spawn(str(project.root / "scripts/destroy"), env=environment, encoding="utf-8", timeout=60)
        child.expect(f"Delete the stack gone in account {ACCOUNT}")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        assert ("gone" in project.stacks()) == there
    assert f"These stay: the logs ({outputs['LogGroup']}), and the repository gone" in child.before
    assert "Its images are in use by: elsewhere" in child.before
    groups = project.cloud.aws("logs", "describe-log-groups")["logGroups"]
    assert outputs["LogGroup"] in {row["logGroupName"] for row in groups}
    assert digests(project) == {digest(image)}
    assert "there is no stack gone" in project.script("destroy", "--yes").sentence
