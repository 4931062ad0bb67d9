"""Builders: images with toolchains, judged like bases, on which no image may be built."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import CASES, TESTS, engine_on

from scaffold.dockerfile import grammar, judge
from scaffold.gates import image_facts
from scaffold.gates.plan import findings as plan_findings
from scaffold.oci.image import ImageFacts
from scaffold.rendering.engine import Engine
from scaffold.rendering.validation import read
from scaffold.standards import load, source_policy
from scaffold.standards.evaluate import violations
from scaffold.standards.model import Base, Builder, Standards

TODAY = date(2026, 11, 28)
LAYERS = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
DIGEST = "sha256:" + "c" * 64
IMAGE = "public.ecr.aws/docker/library/golang:1.27-trixie"
FINAL = "public.ecr.aws/lambda/provided:al2023"


def builder(**more: Any) -> Builder:
    row = Builder(
        name="golang1.27",
        image="public.ecr.aws/docker/library/golang",
        tag="1.27-trixie",
        system="debian",
        runtimes=("provided.al2023",),
        languages=("go",),
        default=True,
    )
    return replace(row, **more)


def standards(engine: Engine, *builders: Builder, **more: Any) -> Standards:
    known = load.load(TESTS / "standards.yaml", engine)
    return replace(known, builds={row.name: row for row in builders}, **more)


def codes(engine: Engine, known: Standards) -> list[str]:
    """What the rules of standards say of the case in Go."""
    path = CASES / "go/lambda-image.yaml"
    plan = engine.plan(yaml.safe_load(path.read_text(encoding="utf-8")))
    found = plan_findings(plan, read(path), known, TODAY)
    return [row.code for row in found if "golang" in row.message]


@pytest.mark.parametrize(
    ("changes", "rules", "code"),
    [
        ({"tag": "1.28-trixie"}, {}, ["stale-base"]),
        ({"tier": "withdrawn"}, {}, ["unpinned-base", "withdrawn-base"]),
        ({"supported_until": date(2026, 1, 1)}, {}, ["expired-base", "unpinned-base"]),
        ({}, {}, ["unpinned-base"]),
        ({}, {"base_digest": "required"}, ["unpinned-base"]),
        ({"digests": {"x86_64": DIGEST}}, {}, ["stale-base"]),
        ({"name": "another"}, {}, ["uncatalogued-base"]),
    ],
)
def test_a_builder_is_judged_like_a_base(
    engine: Engine, changes: dict[str, Any], rules: dict[str, str], code: list[str]
) -> None:
    known = standards(engine, builder(**changes))
    assert sorted(set(codes(engine, replace(known, rules={**known.rules, **rules})))) >= code
    assert set(code) <= set(codes(engine, replace(known, rules={**known.rules, **rules})))


def said(known: Standards, *lines: str) -> list[str]:
    dockerfile = grammar.parse("\n".join([*lines, ""]).encode(), file="Dockerfile")
    return [f"{row.code} {row.message}" for row in judge.findings(dockerfile, known, TODAY)]


def test_the_last_stage_is_never_built_on_a_builder(engine: Engine) -> None:
    for row in (builder(), builder(digests={"x86_64": DIGEST})):
        known = standards(engine, row)
        pinned = f"{IMAGE}@{DIGEST}" if row.digests else IMAGE
        copied = ("COPY --from=build /a /a",)
        assert said(known, f"FROM {pinned} AS build", f"FROM {FINAL}", *copied) == []
        wrong = ["no-base the last stage is built on a builder, not on a base"]
        assert said(known, f"FROM {pinned}") == wrong
        assert said(known, f"FROM {pinned} AS build", "FROM build AS other", "FROM other") == wrong


def test_only_a_builder_may_be_one_for_the_machine_that_builds(engine: Engine) -> None:
    known = standards(engine, builder(digests={"x86_64": DIGEST}, index=DIGEST.replace("c", "d")))
    native = f"FROM --platform=$BUILDPLATFORM {IMAGE}@{DIGEST.replace('c', 'd')} AS build"
    copied = "COPY --from=build /a /a"
    assert said(known, native, f"FROM {FINAL}", copied) == []
    wrong = ["unfit-platform only a builder may be one for the machine that builds, not for the image"]
    assert said(known, native, f"FROM --platform=$BUILDPLATFORM {FINAL}", copied) == wrong
    assert "not-understood" in said(known, native.replace("$BUILDPLATFORM", "$OTHER"), f"FROM {FINAL}", copied)[0]


@pytest.mark.parametrize(
    ("digests", "digest", "cross"),
    [
        ("", None, True),
        ("digests: {x86_64: 'sha256:" + "1" * 64 + "'},", "sha256:" + "1" * 64, False),
        ("digests: {x86_64: 'sha256:" + "1" * 64 + f"'}}, index: '{DIGEST}',", DIGEST, True),
    ],
    ids=["no digest", "the digest for one processor", "the digest of the index"],
)
def test_a_builder_runs_on_the_processor_that_builds_if_its_reference_is_for_all(
    digests: str, digest: str | None, cross: bool, tmp_path: Path
) -> None:
    row = "golang1.27: {image: public.ecr.aws/docker/library/golang,"
    spec = yaml.safe_load((CASES / "go/lambda-image.yaml").read_text(encoding="utf-8"))
    plan = engine_on(tmp_path, row, f"{row} {digests}").plan(spec)
    assert plan["builder"] is not None
    assert (plan["builder"]["digest"], plan["builder"]["cross"]) == (digest, cross)
    assert plan["architecture"]["needed"] != cross


def test_no_image_is_built_on_a_builder(engine: Engine) -> None:
    """Even if the builder itself is built on an approved base."""
    base = Base(
        name="debian",
        image="registry.example/debian",
        tag="13",
        system="debian",
        runtimes=("provided.al2023",),
        runtime_client="added",
        diff_ids={"x86_64": LAYERS[:1]},
        digests={"x86_64": DIGEST},
    )
    image = ImageFacts(
        reference="fn:1", digest=DIGEST, platform="linux/amd64", diff_ids=(*LAYERS, "sha256:" + "d" * 64), created=""
    )
    platforms = {"x86_64": "linux/amd64"}
    for rows, expected in (((), []), ((builder(diff_ids={"x86_64": LAYERS}),), ["uncatalogued-base"])):
        known = standards(engine, *rows, bases={"debian": base})
        match = image_facts.match_base(image, known, platforms)
        facts = image_facts.facts_for_rules(image, match, known, TODAY, ["linux/amd64"])
        assert [row.code for row in violations(facts)] == expected


def test_the_source_policy_allows_builders(engine: Engine) -> None:
    pinned = builder(digests={"x86_64": DIGEST})
    known = standards(engine, pinned, builder(name="old", tier="withdrawn", digests={"x86_64": DIGEST}))
    images = source_policy.catalogue(known, datetime.now(UTC).date())
    assert pinned in images
    assert "old" not in [row.name for row in images]


def test_no_offer_of_a_base_names_a_builder(engine: Engine) -> None:
    spec = yaml.safe_load((CASES / "go/lambda-image.yaml").read_text(encoding="utf-8"))
    [problem] = engine.problems(spec | {"base": "golang1.27"})
    assert problem.code == "unknown-base"
    assert not [name for name in problem.choices if "golang" in name]
