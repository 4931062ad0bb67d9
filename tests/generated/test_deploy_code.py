"""`deploy: code` against the stand-in: the image of a function that somebody else owns, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.shipping import Shipped

Ship = Callable[..., Shipped]


def made_by_its_owner(project: Shipped, image: str) -> None:
    aws, name = project.cloud.aws, project.name
    words = ("--package-type", "Image", "--code", f"ImageUri={image}", "--role", project.cloud.role(name))
    aws("lambda", "create-function", "--function-name", name, *words, "--environment", "Variables={TABLE=a}")
    aws("lambda", "publish-version", "--function-name", name)
    aws("lambda", "create-alias", "--function-name", name, "--name", "live", "--function-version", "1")


def alias_of(project: Shipped) -> dict[str, Any]:
    words = ("--function-name", project.name, "--name", "live")
    found: dict[str, Any] = project.cloud.aws("lambda", "get-alias", *words)
    return found


def test_only_the_image_changes(ship: Ship) -> None:
    project = ship("platform", deploy="code")
    first, second, third = project.image("first"), project.image("second"), project.image("third")
    assert "there is no alias platform:live" in project.script("deploy", IMAGE=first).sentence
    made_by_its_owner(project, first)
    settings = {"Timeout", "MemorySize", "Environment", "Role"}
    before = {key: project.serving()[key] for key in settings}

    assert "Nothing to do: platform:live is version 1" in project.deploy(first).err
    assert "platform:live is version 2 now." in project.deploy(second).err
    assert project.serving()["Image"] == second
    assert {key: project.serving()[key] for key in settings} == before
    assert alias_of(project)["Description"] == "Before: 1"
    assert "Nothing to do" in project.deploy(second).err

    assert project.script("rollback").err == "platform:live is version 1 now.\n"
    assert "no version before is known: choose with VERSION=N." in project.script("rollback").err
    assert "platform:live is version 3 now." in project.deploy(third).err
    assert project.script("rollback").err == "platform:live is version 1 now.\n"
    assert "'deploy: code'" in project.script("destroy", "--yes").sentence

    weights = ("--routing-config", "AdditionalVersionWeights={2=0.1}")
    words = ("--function-name", "platform", "--name", "live", "--function-version", "3")
    project.cloud.aws("lambda", "update-alias", *words, *weights)
    assert "left alone, since platform:live is versions 3+2. FORCE=1" in project.script("deploy", IMAGE=second).sentence
    assert "version 4 now" in project.deploy(second, FORCE="1").err
    assert not alias_of(project).get("RoutingConfig", {}).get("AdditionalVersionWeights")
