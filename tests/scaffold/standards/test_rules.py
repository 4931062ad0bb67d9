"""Rules are asked of facts, whatever gate gathered them, and say the same of the same facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from support.template import TESTS

from scaffold.rendering.engine import Engine
from scaffold.standards.evaluate import all_rules, violations
from scaffold.standards.facts import Facts, PlannedImage, Subject, UnknownImage, UsedImage, Violation, WrittenImage
from scaffold.standards.load import own
from scaffold.standards.model import Base, Extension, Standards

TODAY = date(2026, 11, 24)
RULES = TESTS.parent / "scaffold/standards/rules"
DIGEST = "sha256:" + "0" * 64
OLD = Base(
    image="registry.example/python",
    tag="1",
    name="old",
    system="debian",
    runtime_client="added",
    runtimes=("python3.13",),
)
NEW = replace(OLD, name="new", tag="2", digests={"x86_64": DIGEST})


def of(**changes: Any) -> Standards:
    """Standards with one base that ended, or otherwise changed, and its successor."""
    standards = own(Engine())
    return replace(standards, organisation="acme", bases={"old": replace(OLD, **changes), "new": NEW}, extensions={})


def said(standards: Standards, subject: Subject, **more: Any) -> list[Violation]:
    facts = {"architecture": "x86_64", "runtime": "python3.13"} if subject in {"project", "build"} else {}
    return list(violations(Facts(standards=standards, today=TODAY, subject=subject, **facts | more)))


def test_every_module_is_a_rule_and_says_what_it_asks() -> None:
    modules = {path.stem for path in RULES.glob("*.py")} - {"__init__"}
    assert set(all_rules()) == modules
    assert all(rule.__doc__ for rule in all_rules().values())


def test_without_facts_no_rule_has_anything_to_say() -> None:
    for subject in get_args(Subject):
        assert said(of(tier="withdrawn"), subject) == []


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"tier": "withdrawn", "replaced_by": "new"}, "withdrawn-base", "the base old is withdrawn"),
        (
            {"supported_until": date(2026, 11, 23), "replaced_by": "new"},
            "expired-base",
            "the base old was supported until 2026-11-23",
        ),
    ],
)
def test_every_gate_says_the_same_of_a_base_that_ended_and_how_its_owner_can_move(
    changes: dict[str, Any], code: str, message: str
) -> None:
    standards = of(**changes)
    row = standards.bases["old"]
    for subject, fix in (
        ("project", "Set `base: new`, then run `scaffold render`."),
        ("build", "Set `base: new`, then run `scaffold render`."),
        ("Dockerfile", f"Write registry.example/python:2@{DIGEST}."),
        ("image", "Build it on the base new."),
    ):
        [found] = said(standards, subject, images=(UsedImage(role="base", name="old", row=row),))
        assert (found.code, found.message, found.fix) == (code, message, fix)


def test_an_unknown_image_is_judged_by_its_name_alone() -> None:
    standards = replace(of(), rules={"inline_base": "refused", "base_digest": "required"})
    assert said(standards, "project", images=(UnknownImage(role="base", name="old", row=OLD),)) == []
    [found] = said(standards, "project", images=(UnknownImage(role="base", name="odl", row=None),))
    assert (found.code, found.fix) == ("uncatalogued-base", 'Did you mean "old"?')


def test_the_way_to_a_digest_depends_on_who_lacks_it() -> None:
    standards = replace(of(), rules={"inline_base": "allowed", "base_digest": "required"})
    planned = PlannedImage(
        role="base", name="new", row=NEW, reference="x/python:2", image=NEW.image, tag="2", digest=DIGEST
    )
    assert said(standards, "project", images=(planned,)) == []
    for used, fix in (
        (replace(planned, digest="", name="", row=None, own=True), "Give `base` a `digest`."),
        (replace(planned, digest="", name="old", row=OLD, tag="1"), "Ask the owner of the standards to run"),
        (replace(planned, digest=""), "Run `scaffold update`"),
    ):
        [found] = [row for row in said(standards, "project", images=(used,)) if row.code == "unpinned-base"]
        assert found.message == "x/python:2 has no digest: its tag may refer to another image tomorrow"
        assert found.fix.startswith(fix)
    # The web adapter is the one extension that a project may have without a digest.
    adapter = Extension(name="adapter", image="registry.example/adapter", tag="1", web_adapter="/adapter")
    used = replace(planned, role="extension", name="adapter", row=adapter, reference="x/adapter:1", digest="")
    used = replace(used, image=adapter.image, tag="1")
    for rules, severity in ((standards.rules, "error"), ({"inline_base": "allowed"}, "note")):
        [found] = said(replace(standards, rules=rules), "project", images=(used,))
        assert (found.code, found.severity.value) == ("unpinned-base", severity)
        assert found.fix.startswith("Ask the owner of the standards to run")
    written = WrittenImage(role="base", name="x/python:2", row=None, likeness="no digest", meant=NEW)
    [found] = said(standards, "Dockerfile", images=(written,))
    assert found.message == "x/python:2 has no digest: its tag may refer to another image tomorrow"
    assert found.fix == f"Write registry.example/python:2@{DIGEST}."


def test_platforms_and_onbuild() -> None:
    [found] = said(of(), "image", platforms=("linux/s390x",), wanted_platforms=("linux/amd64", "linux/arm64"))
    assert found.code == "wrong-platform"
    assert found.message == "the image is for linux/s390x, and not for linux/amd64 or linux/arm64"
    assert said(of(), "image", platforms=("linux/arm64",), wanted_platforms=("linux/amd64", "linux/arm64")) == []
    [found] = said(of(), "image", on_build=("RUN true", "RUN false"))
    assert (found.code, found.message.rpartition(": ")[2]) == ("onbuild", "RUN true")


def stages_of(**more: Any) -> dict[str, Any]:
    """The facts about the stages of a small spec with these keys."""
    spec = {"version": 1, "name": "fn", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
    plan = Engine().plan(spec | more)
    return {"deploy": plan["deploy"], "stages": tuple(plan["stages"])}


def on_stack(rules: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """The violations of rules for stacks by a spec with these keys, without the first words of each."""
    standards = replace(of(), rules={"stack": rules})
    found = said(standards, "project", **stages_of(**more))
    return [(row.code, row.message.removeprefix("the standards of acme ")) for row in found]


BOUNDARY = "arn:aws:iam::111122223333:policy/acme/boundary"
WIDE = {"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "arn:aws:s3:::x"}]}
OPEN = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
NARROW = {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::x/*"}]}
SCHEDULE = {"source": "schedule", "expression": "rate(1 day)"}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "x", "PolicyDocument": WIDE}]}}


@pytest.mark.parametrize(
    ("rules", "more", "found"),
    [
        ({"public_urls": "refused"}, {"stack": {"function_url": {"auth": "none"}}}, ["public-url"]),
        ({"public_urls": "refused"}, {"stack": {"function_url": {"auth": "iam"}}}, []),
        ({"public_urls": "allowed"}, {"stack": {"function_url": {"auth": "none"}}}, []),
        (
            {"public_urls": "refused"},
            {"stack": {"events": {"x": {"source": "api-gateway-http", "method": "get", "path": "/"}}}},
            ["public-url"],
        ),
        (
            {"public_urls": "refused"},
            {"stack": {"resources": {"Url": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}}}},
            ["public-url"],
        ),
        ({"wildcard_policies": "refused"}, {"stack": {"policies": [WIDE, OPEN, NARROW]}}, ["wildcard-policy"] * 2),
        ({"wildcard_policies": "refused"}, {"stack": {"policies": ["AmazonS3FullAccess"]}}, ["wildcard-policy"]),
        ({"wildcard_policies": "refused"}, {"stack": {"resources": {"Role": ROLE}}}, ["wildcard-policy"]),
        ({"boundary": ["boundary"]}, {}, ["missing-boundary"]),
        ({"boundary": ["boundary"]}, {"aws": {"boundary": BOUNDARY}, "stack": {"events": {"x": SCHEDULE}}}, []),
        ({"boundary": ["other"]}, {"aws": {"boundary": BOUNDARY}}, ["missing-boundary"]),
        ({"boundary": ["boundary"]}, {"aws": {"role": "arn:aws:iam::111122223333:role/x"}}, []),
        (
            {"boundary": ["boundary"]},
            {"aws": {"boundary": BOUNDARY}, "stack": {"resources": {"Role": ROLE}}},
            ["missing-boundary"],
        ),
        ({"vpc": "required"}, {}, ["missing-vpc"]),
        ({"vpc": "required"}, {"lambda": {"vpc": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}}}, []),
        ({"tags": {"required": ["team"]}}, {}, ["missing-tag"]),
        ({"tags": {"required": ["team"]}}, {"lambda": {"tags": {"team": "growth"}}}, []),
        ({"deploy": ["stack"]}, {"deploy": "code"}, ["deploy-not-allowed"]),
        ({"deploy": ["stack"]}, {}, []),
        ({"vpc": "required", "boundary": ["x"], "tags": {"required": ["team"]}}, {"deploy": "code"}, []),
    ],
)
def test_rules_for_stacks(rules: dict[str, Any], more: dict[str, Any], found: list[str]) -> None:
    assert [code for code, _ in on_stack(rules, **more)] == found


def test_a_violation_names_the_stage_that_has_it() -> None:
    stages = {
        "dev": {"stack": {"function_url": {"auth": "none"}}},
        "prod": {"stack": {"function_url": {"auth": "iam"}}},
    }
    message = "allow no public addresses, and the URL of fn-dev is one in the stage dev"
    assert on_stack({"public_urls": "refused"}, stages=stages) == [("public-url", message)]
