"""Stages and names against the stand-in: a stack for each stage, and stacks that the spec no longer has."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import yaml
from support.shipping import Shipped
from support.template import commit

Ship = Callable[..., Shipped]
LEFT = "of this project is not in lambda-image.yaml any more, and still consumes its events."


def test_three_stages_are_three_stacks_until_one_is_removed(ship: Ship) -> None:
    timeouts = {"dev": 5, "test": 6, "prod": 7}
    project = ship("staged", stages={name: {"lambda": {"timeout": value}} for name, value in timeouts.items()})
    image = project.image("one")
    assert "staged-dev:live is version 1." in project.deploy(image).err
    for stage in ("test", "prod"):
        said = project.deploy(image, STAGE=stage)
        assert f"staged-{stage}:live is version 1." in said.err
        assert LEFT not in said.err
    assert {name for name in project.stacks() if name.startswith("staged-")} == {f"staged-{name}" for name in timeouts}
    assert {stage: project.serving(f"staged-{stage}")["Timeout"] for stage in timeouts} == timeouts
    assert "STAGE is one of dev, test, prod" in project.script("deploy", IMAGE=image, STAGE="other").sentence
    assert "which stage?" in project.script("destroy", "--yes").sentence
    project.render(stages={"dev": {}, "test": {}})
    said = project.deploy(image)
    assert f"The stack staged-prod {LEFT}" in said.err
    assert "staged-test of" not in said.err


def test_the_stack_of_an_old_name_is_named(ship: Ship) -> None:
    project = ship("before-this")
    write_spec(project)
    commit(project.root, "As generated")
    project.deploy(project.image("one"))
    shutil.move(project.root / ".git", project.root.with_name("history"))
    project.render(name="after-this")
    shutil.move(project.root.with_name("history"), project.root / ".git")
    write_spec(project)
    commit(project.root, "Rename")
    said = project.deploy(project.image("two"))
    assert "after-this:live is version 1." in said.err
    assert f"The stack before-this {LEFT}" in said.err
    assert "delete-stack --stack-name before-this" in said.err


def write_spec(project: Shipped) -> None:
    (project.root / "lambda-image.yaml").write_text(yaml.safe_dump(project.spec), encoding="utf-8")
