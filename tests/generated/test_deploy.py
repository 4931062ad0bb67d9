"""scripts/deploy against the stand-in: what is put into service, what is said, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.cloud import ACCOUNT, REGION, Cloud
from support.shipping import Shipped, spec_of

from scaffold.rendering.engine import Engine

Make = Callable[..., Shipped]


@pytest.fixture
def make(engine: Engine, account: Cloud, tmp_path: Path) -> Make:
    """Makes a project, rendered, with nothing deployed."""

    def made(name: str, **spec: Any) -> Shipped:
        shipped = Shipped(engine, account, tmp_path / name, spec_of(name))
        shipped.render(**spec)
        return shipped

    return made


def test_a_stack_goes_into_service_and_follows_image_and_settings(make: Make) -> None:
    project = make("orders", stack={"function_url": {"auth": "none"}}, **{"lambda": {"environment": {"TABLE": "a"}}})
    first, second = project.image("first"), project.image("second")
    said = project.deploy(first)
    assert said.err.splitlines() == [
        f"Deploying the stack orders in account {ACCOUNT}, {REGION}.",
        "orders:live is version 1.",
    ]
    outputs = dict(line.split("\t") for line in said.out.splitlines())
    assert outputs["Alias"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders:live"
    assert outputs["Url"].startswith("https://")
    assert outputs["LogGroup"].startswith("orders-")
    assert project.serving()["Image"] == first
    assert project.serving()["Environment"] == {"Variables": {"TABLE": "a"}}

    assert f"Nothing to do: orders:live is version 1, {first}." in project.deploy(first).err
    assert "orders:live is version 2." in project.deploy(second).err
    assert project.serving()["Image"] == second
    project.render(**{"lambda": {"environment": {"TABLE": "b"}}})
    assert "orders:live is version 3." in project.deploy(second).err
    assert project.serving()["Environment"] == {"Variables": {"TABLE": "b"}}
    assert "Nothing to do" in project.deploy(second).err

    project.render(stack={})
    assert "Url" not in project.deploy(second).out
    with pytest.raises(RuntimeError, match="ResourceNotFound"):
        project.cloud.aws("lambda", "get-function-url-config", "--function-name", "orders", "--qualifier", "live")
