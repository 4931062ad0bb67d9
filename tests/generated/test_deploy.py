"""scripts/deploy against the stand-in: what is put into service, what is said, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.cloud import ACCOUNT, REGION
from support.shipping import Shipped

Ship = Callable[..., Shipped]


def test_a_stack_goes_into_service_and_follows_image_and_settings(ship: Ship) -> None:
    project = ship("orders", stack={"function_url": {"auth": "none"}}, **{"lambda": {"environment": {"TABLE": "a"}}})
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

    aws, role = project.cloud.aws, project.cloud.role("neighbour")
    words = ("--package-type", "Image", "--code", f"ImageUri={first}", "--role", role)
    aws("lambda", "create-function", "--function-name", "neighbour", *words)
    aws("lambda", "create-function-url-config", "--function-name", "neighbour", "--auth-type", "NONE")
    project.render(stack={})
    assert "Url" not in project.deploy(second).out
    assert aws("lambda", "get-function-url-config", "--function-name", "neighbour")["AuthType"] == "NONE"
    with pytest.raises(RuntimeError, match="ResourceNotFound"):
        project.cloud.aws("lambda", "get-function-url-config", "--function-name", "orders", "--qualifier", "live")


def test_what_others_set_is_named_and_what_is_not_ours_is_left_alone(ship: Ship) -> None:
    project = ship("billing", **{"lambda": {"environment": {"TABLE": "a"}}})
    image = project.image("one")
    role = project.cloud.role("billing")
    words = ("--package-type", "Image", "--code", f"ImageUri={image}", "--role", role)
    project.cloud.aws("lambda", "create-function", "--function-name", "billing", *words)
    sentence = project.script("deploy", IMAGE=image).sentence
    assert "there is a function billing in account" in sentence
    assert project.stacks().get("billing") is None
    project.cloud.aws("lambda", "delete-function", "--function-name", "billing")

    project.deploy(image)
    variables = "Variables={TABLE=a,DD_SITE=datadog}"
    project.cloud.aws(
        "lambda", "update-function-configuration", "--function-name", "billing", "--environment", variables
    )
    project.render(**{"lambda": {"timeout": 11, "environment": {"TABLE": "a"}}})
    sentence = project.script("deploy", IMAGE=image).sentence
    assert "CloudFormation would remove: billing:DD_SITE." in sentence
    assert "datadog" not in sentence
    # A variable that the spec has since is nobody else's.
    added = {"environment": {"TABLE": "a", "DD_SITE": "elsewhere"}}
    project.render(**{"lambda": added})
    project.deploy(image)
    assert project.serving()["Environment"]["Variables"]["DD_SITE"] == "elsewhere"
    # One that the spec no longer has goes, since the stack knows it.
    project.render(**{"lambda": {"environment": {"TABLE": "a"}}})
    project.deploy(image)
    assert project.serving()["Environment"] == {"Variables": {"TABLE": "a"}}
    project.cloud.aws(
        "lambda", "update-function-configuration", "--function-name", "billing", "--environment", "Variables={X=1}"
    )
    project.render(**{"lambda": {"timeout": 12}})
    project.deploy(image, FORCE="1")
    assert "Environment" not in project.serving()

    template = project.root / "stack.yaml"
    other = ship("theirs")
    words = ("--template-file", str(template), "--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
    text = template.read_text(encoding="utf-8").replace("FunctionName: billing", "FunctionName: someone")
    template.write_text(text, encoding="utf-8")
    words = (*words, "--parameter-overrides", f"ImageUri={image}")
    done = project.run("aws", "--region", REGION, "cloudformation", "deploy", "--stack-name", "theirs", *words)
    assert done.status == 0, done
    assert "it is not of this project" in other.script("deploy", IMAGE=other.image("one")).sentence
    assert "is not of this project" in other.script("destroy", "--yes").sentence


def test_a_failure_is_told_by_its_cause_and_leaves_what_was_in_service(ship: Ship) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "refused"}, "DependsOn": ["Failing"]}
    project = ship("failing", stack={"resources": {"News": topic}})
    first, second = project.image("first"), project.image("second")
    said = project.script("deploy", IMAGE=first)
    assert said.status == 1
    assert said.err.splitlines()[-1].endswith("was not deployed: News: the account may not have this topic")
    assert project.stacks()["failing"]["StackStatus"] == "ROLLBACK_COMPLETE"

    project.render(stack={})
    said = project.deploy(first)
    assert "Deleting the stack failing, whose creation failed" in said.err
    project.render(stack={"resources": {"News": topic}})
    said = project.script("deploy", IMAGE=second)
    assert said.err.splitlines()[-1].endswith("News: the account may not have this topic")
    assert project.serving()["Image"] == first

    # Without its image, the old state cannot come back.
    project.cloud.aws(
        "ecr",
        "batch-delete-image",
        "--repository-name",
        "failing",
        "--image-ids",
        f"imageDigest={first.partition('@')[2]}",
    )
    assert project.script("deploy", IMAGE=first).sentence.endswith(
        f"there is no image {first}: was it deleted, or archived?"
    )
    said = project.script("deploy", IMAGE=second)
    assert project.stacks()["failing"]["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert "continue-update-rollback --stack-name failing" in project.script("deploy", IMAGE=second).sentence


def test_a_dry_run_shows_changes_and_makes_none(ship: Ship) -> None:
    project = ship("dry")
    image = project.image("one")
    said = project.script("deploy", IMAGE=image, DRY_RUN="1")
    assert said.status == 0, said
    assert "Add\tDry\tAWS::Lambda::Function" in said.out
    assert "dry" not in project.stacks()
    project.deploy(image)
    project.render(stack={"function_url": {"auth": "iam"}})
    assert "Add\tDryUrl\tAWS::Lambda::Url" in project.script("deploy", IMAGE=image, DRY_RUN="1").out
    with pytest.raises(RuntimeError, match="ResourceNotFound"):
        project.cloud.aws("lambda", "get-function-url-config", "--function-name", "dry", "--qualifier", "live")
    assert "Nothing to do" not in project.deploy(image).err


def test_what_lambda_would_not_take_is_refused_before_anything_is_changed(ship: Ship) -> None:
    project = ship("refused")
    assert "nothing was pushed from here yet" in project.script("deploy").sentence
    image = project.image("one")
    for wrong in ("python:3.13", f"{image.partition('@')[0]}:latest", f"public.ecr.aws/a/b@sha256:{'0' * 64}"):
        assert "an image is given as" in project.script("deploy", IMAGE=wrong).sentence
    assert f"own region, {REGION}, only" in project.script("deploy", IMAGE=image.replace(REGION, "us-east-1")).sentence
    assert "was it deleted, or archived?" in project.script("deploy", IMAGE=image[:-64] + "0" * 64).sentence
    project.render(aws={"region": REGION, "account": "999999999999"})
    assert "is for the account 999999999999" in project.script("deploy", IMAGE=image).sentence
    assert "refused" not in project.stacks()
