"""What an account does unasked: roles that are too new, functions asleep, aliases moved, policies, other partitions."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.cloud import ACCOUNT, REGION
from support.shipping import Shipped

from scaffold.rendering.engine import Engine

Ship = Callable[..., Shipped]
CHINA = "cn-north-1"


def test_a_role_seconds_old_is_waited_for_by_the_engine(ship: Ship) -> None:
    role = ship("unused").cloud.role("flowers-seconds-old")
    project = ship("young", aws={"region": REGION, "role": role})
    assert "young:live is version 1." in project.deploy(project.image("one")).err
    assert project.serving()["Role"] == role
    # A stack's own role is no older.
    project = ship("younger")
    assert "younger:live is version 1." in project.deploy(project.image("one")).err
    assert "younger-YoungerRole-" in project.serving()["Role"]


@contextmanager
def answering(project: Shipped, function: str) -> Iterator[list[bytes]]:
    """A container of a function, as far as the stand-in sees it: the events that it gets."""
    events: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            events.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    ports = Path(project.cloud.environment["STANDIN_EMULATORS"])
    ports.write_text(json.dumps({f"{function}:1": server.server_address[1]}), encoding="utf-8")
    yield events
    server.shutdown()
    server.server_close()


def test_a_function_that_nobody_called_for_weeks_is_made_ready(ship: Ship) -> None:
    project = ship("orders-idle")
    project.deploy(project.image("one"))
    (project.root / "event.json").write_text('{"order": 7}', encoding="utf-8")
    with answering(project, "orders-idle") as events:
        said = project.script("invoke-live", EVENT=str(project.root / "event.json"))
        assert (said.status, said.out) == (0, '{"ok": true}'), said
        assert said.err.splitlines() == [
            "Nobody has called orders-idle for weeks: Lambda makes it ready first.",
            "REPORT version 1",
        ]
        assert events == [b'{"order": 7}'], "no event is sent twice"
        said = project.script("invoke-live", EVENT=str(project.root / "event.json"))
        assert (said.status, said.err) == (0, "REPORT version 1\n")


def test_an_alias_with_weights_is_said_and_a_preference_cannot_be_asked_for(ship: Ship, engine: Engine) -> None:
    project = ship("canary")
    first, second, third = project.image("first"), project.image("second"), project.image("third")
    project.deploy(first)
    project.deploy(second)
    words = ("--function-name", "canary", "--name", "live", "--function-version", "2")
    project.cloud.aws("lambda", "update-alias", *words, "--routing-config", "AdditionalVersionWeights={1=0.1}")
    sentence = project.script("deploy", IMAGE=second).sentence
    assert "has this image already, but canary:live is version 2+1: rolled back, or moved by hand." in sentence
    assert "canary:live is version 2+1, rolled back already or moved by hand" in project.script("rollback").err
    assert "Moved since the last deployment: canary:live is version 2+1." in project.deploy(third).err
    assert "canary:live is version 2 now." in project.script("rollback", VERSION="2").err
    assert not project.cloud.aws("lambda", "get-alias", *words[:4]).get("RoutingConfig", {})["AdditionalVersionWeights"]

    for key in ("lambda", "stack"):
        [problem] = engine.problems(
            project.spec | {key: {"deployment_preference": {"type": "Canary10Percent5Minutes"}}}
        )
        assert (problem.code, problem.path) == ("unknown-key", (key, "deployment_preference"))


def test_names_of_other_partitions(ship: Ship, engine: Engine) -> None:
    project = ship("china", aws={"region": CHINA})
    image = project.image("one")
    words = ("--repository-name", "china", "--region", CHINA)
    project.cloud.aws("ecr", "create-repository", *words)
    digest = image.partition("@")[2]
    manifest = project.cloud.aws(
        "ecr", "batch-get-image", "--repository-name", "china", "--image-ids", f"imageDigest={digest}"
    )["images"][0]["imageManifest"]
    more = ("--image-manifest", manifest, "--image-digest", digest, "--image-tag", "one")
    project.cloud.aws("ecr", "put-image", *words, *more)
    assert f"own region, {CHINA}, only" in project.script("deploy", IMAGE=image).sentence
    there = f"{ACCOUNT}.dkr.ecr.{CHINA}.amazonaws.com.cn/china@{digest}"
    said = project.deploy(there)
    outputs = dict(line.split("\t") for line in said.out.splitlines())
    assert outputs["Alias"] == f"arn:aws-cn:lambda:{CHINA}:{ACCOUNT}:function:china:live"
    assert "Nothing to do" in project.deploy(there).err
    fips = there.replace("dkr.ecr.", "dkr.ecr-fips.")
    assert project.script("deploy", IMAGE=fips, DRY_RUN="1").status == 0
    assert project.script("destroy", "--yes").status == 0
    ticks = {"source": "schedule", "expression": "rate(1 hour)"}
    spec = project.spec | {"ci": "github", "stack": {"function_url": {"auth": "none"}, "events": {"ticks": ticks}}}
    for file in engine.render(spec, engine.plan(spec), {}):
        assert file.path.startswith("events/") or b"arn:aws:" not in file.content, file.path


def test_a_template_that_is_too_long_goes_by_a_bucket(ship: Ship, engine: Engine) -> None:
    topics: dict[str, Any] = {
        f"Topic{number}": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "x" * 900}} for number in range(60)
    }
    project = ship("long")
    [problem] = engine.problems(project.spec | {"stack": {"resources": topics}})
    assert problem.code == "stack-too-large"
    project.render(stack={"resources": topics}, aws={"region": REGION, "template_bucket": "templates-of-long"})
    assert (project.root / "stack.yaml").stat().st_size > 51_200
    image = project.image("one")
    assert "templates-of-long" in project.script("deploy", IMAGE=image).err
    project.cloud.aws("s3api", "create-bucket", "--bucket", "templates-of-long", *LOCATION)
    assert "long:live is version 1." in project.deploy(image).err
    [row] = project.cloud.aws("s3api", "list-objects-v2", "--bucket", "templates-of-long")["Contents"]
    assert row["Key"].startswith("long/")
    assert "Nothing to do" in project.deploy(image).err


LOCATION = ("--create-bucket-configuration", f"LocationConstraint={REGION}")
ALLOWED = {
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
}  # fmt: skip
POLICIES = {
    "as push makes it": ([ALLOWED], ""),
    "any action": ([ALLOWED | {"Action": "ecr:*"}], ""),
    "another action": ([ALLOWED | {"Action": "ecr:ListImages"}], "does not let Lambda read images"),
    "denied": ([{**ALLOWED, "Effect": "Deny"}], "denies Lambda to read images"),
    "allowed and denied": ([ALLOWED, {**ALLOWED, "Effect": "Deny", "Action": "ecr:GetDownloadUrlForLayer"}], "denies"),
    "denied to all": ([{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}, ALLOWED], "denies Lambda"),
    "deletion denied to all": ([{"Effect": "Deny", "Principal": "*", "Action": ["ecr:BatchDeleteImage"]}, ALLOWED], ""),
    "denied to another account": ([ALLOWED, {**ALLOWED, "Effect": "Deny", "Principal": {"AWS": "999999999999"}}], ""),
    "denied on a condition": (
        [
            ALLOWED,
            {
                "Effect": "Deny", "Principal": "*", "Action": "ecr:*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
        ],
        "",
    ),
}  # fmt: skip


def test_a_repository_s_policy_is_read_statement_by_statement(ship: Ship, tmp_path: Path) -> None:
    """Docker is a program that has an image for another processor: push stops there, when the policy is in order."""
    pytest.importorskip("moto")
    project = ship("policy")
    image = project.image("one")
    project.image("one", "0" * 16)
    programs = tmp_path / "docker-alone"
    programs.mkdir()
    script = f"#!/bin/sh\ncase $* in *Architecture*) echo linux/arm64 ;; *) echo sha256:{'0' * 64} ;; esac\n"
    (programs / "docker").write_text(script, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    path = f"{programs}:{project.variables()['PATH']}"
    for name, (statements, said) in POLICIES.items():
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
        project.cloud.aws("ecr", "set-repository-policy", "--repository-name", "policy", "--policy-text", policy)
        done = project.script("push", PATH=path, ECR_LOGIN="none")
        assert done.status == 1
        assert (said or "is another image, not policy:latest") in done.err, (name, done)
        assert ("policy of the repository" in done.err) == (said != ""), (name, done)
    assert image


def test_an_archived_image_counts_as_gone(ship: Ship) -> None:
    project = ship("archived")
    one = project.image("one")
    project.deploy(one)
    two = project.image("two", "archived")
    assert project.script("deploy", IMAGE=two).sentence.endswith(
        f"there is no image {two}: was it deleted, or archived?"
    )
    assert project.serving()["Image"] == one


def test_an_image_of_another_account_is_that_account_s_business(ship: Ship) -> None:
    """ECR says nothing about it here; Lambda asks the registry itself."""
    project = ship("borrowing")
    image = project.image("one").replace(ACCOUNT, "999999999999")
    project.deploy(image)
    assert project.serving()["Image"] == image


IN_PROGRESS = """#!/bin/sh
case "$*" in
    *"cloudformation describe-stacks"*) "{aws}" "$@" | sed s/_COMPLETE/_IN_PROGRESS/ ;;
    *) exec "{aws}" "$@" ;;
esac
"""


def test_one_deployment_at_a_time(ship: Ship, tmp_path: Path) -> None:
    project = ship("twice")
    one = project.image("one")
    project.deploy(one)
    path = project.variables()["PATH"]
    (tmp_path / "aws").write_text(IN_PROGRESS.format(aws=shutil.which("aws", path=path)), encoding="utf-8")
    (tmp_path / "aws").chmod(0o755)
    said = project.script("deploy", IMAGE=project.image("two"), PATH=f"{tmp_path}:{path}").sentence
    assert "CREATE_IN_PROGRESS: another change is under way. Run this again when it has finished." in said
    assert project.serving()["Image"] == one
