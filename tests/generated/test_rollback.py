"""scripts/rollback against the stand-in: image and settings of the version before, at once."""

from __future__ import annotations

from collections.abc import Callable

from support.shipping import Shipped

Ship = Callable[..., Shipped]


def version(project: Shipped, function: str = "") -> str:
    return str(project.serving(function)["Version"])


def test_the_version_that_was_in_service_before_comes_back(ship: Ship) -> None:
    project = ship("undo", **{"lambda": {"environment": {"TABLE": "a"}}})
    first, second, third = project.image("first"), project.image("second"), project.image("third")
    assert "there is no alias live of undo" in project.script("rollback").sentence
    project.deploy(first)
    assert "no version before is known: choose with VERSION=N." in project.script("rollback").err
    project.render(**{"lambda": {"environment": {"TABLE": "b"}}})
    project.deploy(second)
    # A deployment that changes nothing keeps the note, and so does one of a comment alone.
    project.deploy(second)
    stack = project.root / "stack.yaml"
    stack.write_text(stack.read_text(encoding="utf-8") + "# A comment.\n", encoding="utf-8")
    project.deploy(second)

    said = project.script("rollback", STALE="")
    assert (said.status, said.err) == (0, "undo:live is version 1 now.\n")
    assert project.serving()["Image"] == first
    assert project.serving()["Environment"] == {"Variables": {"TABLE": "a"}}

    # Not forward again.
    said = project.script("rollback")
    assert said.status == 1
    assert "rolled back already or moved by hand: choose with VERSION=N." in said.err
    assert f"2\t{project.serving()['LastModified'][:10]}" in said.err
    assert second.partition("sha256:")[2] in said.err
    assert version(project) == "1"

    said = project.script("deploy", IMAGE=second)
    assert said.status == 1
    assert "has this image already, but undo:live is version 1: rolled back, or moved by hand." in said.err
    said = project.deploy(third)
    assert "Moved since the last deployment: undo:live is version 1. This one goes on from there." in said.err
    assert version(project) == "3"
    # Back to the last good one, not to the one that was rolled back from.
    assert project.script("rollback").status == 0
    assert version(project) == "1"
    assert "undo:live is version 2 now." in project.script("rollback", VERSION="2").err
    assert "undo has no version 9" in project.script("rollback", VERSION="9").err
    assert "$LATEST is not a version" in project.script("rollback", VERSION="$LATEST").err
    assert version(project) == "2"
    words = ("--repository-name", "undo", "--image-ids", f"imageDigest={first.partition('@')[2]}")
    project.cloud.aws("ecr", "batch-delete-image", *words)
    assert f"there is no image {first}: was it deleted, or archived?" in project.script("rollback", VERSION="1").err
    assert version(project) == "2"


def test_a_failed_deployment_does_not_bring_back_what_was_rolled_back_from(ship: Ship) -> None:
    project = ship("again")
    project.deploy(project.image("first"))
    project.deploy(project.image("second"))
    assert project.script("rollback").status == 0
    late = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "refused"}, "DependsOn": ["AgainAliaslive"]}
    project.render(stack={"resources": {"News": late}})
    said = project.script("deploy", IMAGE=project.image("third"))
    assert said.status == 1
    assert version(project) == "1"


def test_functions_of_one_image_go_back_together_or_alone(ship: Ship) -> None:
    rows = [{"name": "search", "handler": "app.search"}, {"name": "refresh", "handler": "app.refresh"}]
    project = ship_functions(ship, rows)
    first, second = project.image("first"), project.image("second")
    project.deploy(first)
    project.deploy(second)
    rows[0]["lambda"] = {"timeout": 7}
    project.render(functions=rows)
    project.deploy(second)
    assert (version(project, "shop-search"), version(project, "shop-refresh")) == ("3", "2")
    # The last deployment changed one of them.
    assert project.script("rollback").err == "shop-search:live is version 2 now.\n"
    assert "a version is one of one function" in project.script("rollback", VERSION="1").sentence
    said = project.script("rollback", VERSION="1", FUNCTION="refresh")
    assert said.err == "shop-refresh:live is version 1 now.\n"
    assert "FUNCTION is one of search, refresh" in project.script("rollback", FUNCTION="other").sentence


def ship_functions(ship: Ship, rows: list[dict[str, object]]) -> Shipped:
    project = ship("shop")
    del project.spec["handler"]
    project.render(functions=rows)
    return project
