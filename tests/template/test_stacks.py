"""Every stack of every case: clean for cfn-lint, and what AWS's own SAM translator makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs
from support.stacks import IMAGE, read, translated
from support.template import CASES, TESTS

from scaffold.rendering.engine import Engine

ROLES = sorted(CASES.glob("*/expected/deploy-role*.yaml"))
STACKS = sorted(CASES.glob("*/expected/stack*.yaml"))
GOLDEN = TESTS / "template/translated"
# One case a kind: a single function, several, every event and key, stages.
KINDS = ("minimal", "functions", "stack", "stages")
OTHER_IMAGE = IMAGE.replace("sha256:0", "sha256:1")
MINIMAL = {"version": 1, "name": "fn", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def name_of(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


def stack_of(spec: Any, engine: Engine, folder: Path) -> Path:
    """The file of a spec's only stack."""
    assert engine.problems(spec) == []
    [file] = [file for file in engine.render(spec, engine.plan(spec), {}) if file.path == "stack.yaml"]
    path = folder / "stack.yaml"
    path.write_bytes(file.content)
    return path


def versions(template: Any) -> set[str]:
    return {name for name, row in template["Resources"].items() if row["Type"] == "AWS::Lambda::Version"}


@pytest.mark.parametrize("path", [*STACKS, *ROLES], ids=name_of)
def test_cfn_lint_has_nothing_to_say(path: Path) -> None:
    found = lint_file(path, ManualArgs(regions=["eu-west-1"]))
    assert [f"{row.linenumber}: {row.rule.id} {row.message}" for row in found] == []


@pytest.mark.full
@pytest.mark.parametrize("path", STACKS, ids=name_of)
def test_sam_accepts_every_stack(path: Path) -> None:
    """By the command itself, from a virtual environment of its own: SAM names it, if it is not on the PATH as `sam`."""
    sam = os.environ.get("SAM") or shutil.which("sam")
    if not sam:
        pytest.skip("this machine has no sam command")
    words = [sam, "validate", "--lint", "--region", "eu-west-1", "--template", str(path)]
    done = subprocess.run(
        words, env=os.environ | {"SAM_CLI_TELEMETRY": "0"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "is a valid SAM Template" in done.stdout) == (0, True), done


@pytest.mark.parametrize("path", [path for path in STACKS if path.parts[-3] in KINDS], ids=name_of)
def test_translated(path: Path, update_golden: bool) -> None:
    golden, template = GOLDEN / f"{name_of(path)}.json", translated(read(path))
    for row in template["Resources"].values():
        if isinstance(row.get("DependsOn"), list):
            row["DependsOn"].sort()  # a set of the translator's
    text = json.dumps(template, indent=2, sort_keys=True) + "\n"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", STACKS, ids=name_of)
def test_every_image_is_the_parameter_and_every_log_group_stays(path: Path) -> None:
    resources = translated(read(path))["Resources"].values()
    functions = [row["Properties"] for row in resources if row["Type"] == "AWS::Lambda::Function"]
    assert functions
    assert {json.dumps(row["Code"]) for row in functions} == {json.dumps({"ImageUri": IMAGE})}
    for row in resources:
        if row["Type"] == "AWS::Logs::LogGroup":
            assert "LogGroupName" not in row["Properties"]
            assert row["DeletionPolicy"] == row["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("path", STACKS, ids=name_of)
def test_every_role_of_the_stack_has_its_path_and_boundary(path: Path, engine: Engine) -> None:
    spec = yaml.safe_load((path.parents[1] / "lambda-image.yaml").read_text(encoding="utf-8"))
    [stage] = [stage for stage in engine.plan(spec)["stages"] if stage["file"] == path.name]
    roles = [row for row in translated(read(path))["Resources"].values() if row["Type"] == "AWS::IAM::Role"]
    assert not (roles and stage["aws"]["role"])
    for role in roles:
        assert role["Properties"].get("Path", "/") == stage["aws"]["role_path"]
        assert role["Properties"].get("PermissionsBoundary", "") == stage["aws"]["boundary"]


CREATED_BY = {
    "AWS::Events::Rule": "events:PutRule",
    "AWS::IAM::Role": "iam:CreateRole",
    "AWS::Lambda::EventSourceMapping": "lambda:CreateEventSourceMapping",
    "AWS::Logs::LogGroup": "logs:CreateLogGroup",
    "AWS::Logs::SubscriptionFilter": "logs:PutSubscriptionFilter",
    "AWS::Scheduler::Schedule": "scheduler:CreateSchedule",
    "AWS::SNS::Subscription": "sns:Subscribe",
    "AWS::IoT::TopicRule": "iot:CreateTopicRule",
    "AWS::ApiGatewayV2::Api": "apigateway:POST",
}
EVENTS = {
    "news": {"source": "sns", "topic": "arn:aws:sns:eu-west-1:111122223333:news"},
    "uploads": {"source": "eventbridge", "pattern": {"source": ["aws.s3"]}},
    "nightly": {"source": "schedule", "expression": "rate(1 day)"},
    "errors": {"source": "logs", "log_group": "/ecs/checkout", "filter_pattern": "ERROR"},
    "sensors": {"source": "iot", "sql": "SELECT * FROM 'sensors/#'"},
    "orders": {"source": "sqs", "queue": "arn:aws:sqs:eu-west-1:111122223333:orders"},
    "route": {"source": "api-gateway-http", "method": "get", "path": "/"},
}
GIVEN = {"role": "arn:aws:iam::111122223333:role/x", "schedule_role": "arn:aws:iam::111122223333:role/y"}


def role_of(spec: Any, engine: Engine, folder: Path) -> Any:
    """The properties of the role that deploys a spec's only stack."""
    files = engine.render(spec, engine.plan(spec), {})
    path = folder / "deploy-role.yaml"
    path.write_bytes(next(file.content for file in files if file.path == path.name))
    return read(path)["Resources"]["Role"]["Properties"]


@pytest.mark.parametrize("aws", [{}, GIVEN], ids=["own roles", "given roles"])
@pytest.mark.parametrize("events", [{}, EVENTS], ids=["no events", "events"])
def test_a_deploy_role_allows_what_is_in_the_stack(
    aws: dict[str, str], events: dict[str, Any], engine: Engine, tmp_path: Path
) -> None:
    spec = MINIMAL | {"ci": "github", "aws": aws, "stack": {"events": events}}
    resources = translated(read(stack_of(spec, engine, tmp_path)))["Resources"].values()
    [policy] = role_of(spec, engine, tmp_path)["Policies"]
    allowed = {action for row in policy["PolicyDocument"]["Statement"] for action in row["Action"]}
    made = {row["Type"] for row in resources}
    assert {kind: action in allowed for kind, action in CREATED_BY.items()} == {
        kind: kind in made for kind in CREATED_BY
    }


def test_a_deploy_role_for_everything_is_one_that_iam_accepts(engine: Engine, tmp_path: Path) -> None:
    spec = yaml.safe_load((CASES / "stack/lambda-image.yaml").read_text(encoding="utf-8")) | {"ci": "github"}
    del spec["aws"]["service_role"]
    [policy] = role_of(spec, engine, tmp_path)["Policies"]
    assert lint_file(tmp_path / "deploy-role.yaml", ManualArgs(regions=["eu-west-1"])) == []
    text = json.dumps(policy["PolicyDocument"], separators=(",", ":"))
    assert len(text) <= 10_240, "IAM takes no more in a role"


def test_a_deploy_role_with_a_service_role_changes_only_the_stack(engine: Engine, tmp_path: Path) -> None:
    service = "arn:aws:iam::111122223333:role/cloudformation"
    spec = MINIMAL | {"ci": "github", "aws": {"service_role": service}, "stack": {"events": EVENTS}}
    [policy] = role_of(spec, engine, tmp_path)["Policies"]
    rows = policy["PolicyDocument"]["Statement"]
    allowed = {action for row in rows for action in row["Action"]}
    assert not allowed & {"lambda:*", *CREATED_BY.values()}
    [passed] = [row for row in rows if row["Action"] == ["iam:PassRole"]]
    assert passed["Resource"] == [{"Fn::Sub": "arn:${AWS::Partition}:iam::111122223333:role/cloudformation"}]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def test_roles_are_created_only_within_the_boundary(engine: Engine, tmp_path: Path) -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"
    spec = MINIMAL | {"ci": "github", "aws": {"boundary": boundary, "role_path": "/lambda/"}}
    [policy] = role_of(spec, engine, tmp_path)["Policies"]
    [row] = [row for row in policy["PolicyDocument"]["Statement"] if "iam:CreateRole" in row["Action"]]
    assert row["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert row["Resource"] == [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lambda/fn-*"}]


def test_stages_share_no_name() -> None:
    """Two of them are in one account and region."""

    def names(stage: str) -> set[str]:
        resources = translated(read(CASES / f"stages/expected/stack.{stage}.yaml"))["Resources"].values()
        rows = [row["Properties"] for row in resources if row["Type"] != "AWS::Lambda::Alias"]
        return {text for row in rows for key, text in row.items() if key.endswith("Name") and isinstance(text, str)}

    assert names("dev") == {"orders-dev"}
    assert names("staging") == {"orders-staging"}


@pytest.mark.parametrize(
    "change",
    [
        {"lambda": {"timeout": 31}},
        {"lambda": {"environment": {"TABLE": "reviews"}}},
        {"lambda": {"logging": {"format": "json"}}},
        {"lambda": {"tracing": "active"}},
        {"description": "Another one."},
    ],
    ids=str,
)
def test_a_changed_setting_is_a_version(change: dict[str, Any], engine: Engine, tmp_path: Path) -> None:
    before = versions(translated(read(stack_of(MINIMAL, engine, tmp_path))))
    after = versions(translated(read(stack_of(MINIMAL | change, engine, tmp_path))))
    assert len(before) == len(after) == 1
    assert before != after


def test_another_image_is_a_version_and_the_same_is_not(engine: Engine, tmp_path: Path) -> None:
    template = stack_of(MINIMAL, engine, tmp_path)
    assert versions(translated(read(template))) == versions(translated(read(template)))
    assert versions(translated(read(template))) != versions(translated(read(template), OTHER_IMAGE))


def test_a_rename_replaces_the_function(engine: Engine, tmp_path: Path) -> None:
    def functions(name: str) -> set[str]:
        return set(read(stack_of(MINIMAL | {"name": name}, engine, tmp_path))["Resources"])

    assert functions("image-search") == {"ImageSearch", "ImageSearchLogs"}
    assert not functions("image-search") & functions("image-index")


def test_a_url_goes_with_its_key(engine: Engine, tmp_path: Path) -> None:
    with_url = MINIMAL | {"stack": {"function_url": {"auth": "none"}}}
    assert "FnUrl" in translated(read(stack_of(with_url, engine, tmp_path)))["Resources"]
    assert "FnUrl" not in translated(read(stack_of(MINIMAL, engine, tmp_path)))["Resources"]


def test_a_plain_stack_is_short() -> None:
    text = (CASES / "minimal/expected/stack.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 35
    assert all(len(line) <= 140 for line in text.splitlines())


def test_a_stack_too_large_for_cloudformation_needs_a_bucket(engine: Engine) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "x" * 900}}
    spec = MINIMAL | {"stack": {"resources": {f"Topic{index}": topic for index in range(60)}}}
    assert [(row.code, row.path) for row in engine.problems(spec)] == [("stack-too-large", ("stack",))]
    assert engine.problems(spec | {"aws": {"template_bucket": "acme-templates"}}) == []
    [file] = [file for file in engine.render(spec, engine.plan(spec), {}) if file.path == "stack.yaml"]
    assert len(file.content) > 51_200
    fewer = MINIMAL | {"stack": {"resources": {f"Topic{index}": topic for index in range(46)}}}
    assert engine.problems(fewer) == []
    [file] = [file for file in engine.render(fewer, engine.plan(fewer), {}) if file.path == "stack.yaml"]
    assert len(file.content) <= 51_200
