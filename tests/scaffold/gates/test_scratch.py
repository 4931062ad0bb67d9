"""The empty image as a base: an answer at every gate for what has no digest, no layers and no shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from support.template import CASES, TESTS, other_standards

from scaffold.dockerfile import grammar, judge
from scaffold.fleet.outcome import Outcome
from scaffold.gates import base_pin, build, image_facts, image_findings
from scaffold.gates.image_facts import BaseMatch
from scaffold.gates.plan import findings as plan_findings
from scaffold.oci import inspect
from scaffold.oci.image import ImageFacts
from scaffold.rendering.engine import Engine
from scaffold.rendering.validation import read
from scaffold.standards import load, pins, source_policy
from scaffold.standards.evaluate import violations
from scaffold.standards.model import Standards
from scaffold.standards.references import exact_references, pinned_reference, reference

TODAY = date(2026, 11, 28)
CASE = CASES / "go-scratch"
PLATFORMS = {"x86_64": "linux/amd64"}
OWN = 3


@pytest.fixture
def standards(engine: Engine) -> Standards:
    """Standards that require digests."""
    known = load.load(TESTS / "standards.yaml", engine)
    bases = {name: base for name, base in known.bases.items() if base.digests or base.empty}
    return replace(known, bases=bases, rules={**known.rules, "base_digest": "required"})


def image(layers: int) -> ImageFacts:
    ids = tuple(f"sha256:{number:064x}" for number in range(layers))
    return ImageFacts(reference="fn:1", digest="sha256:" + "d" * 64, platform="linux/amd64", diff_ids=ids)


def test_a_digest_is_never_required_of_it(engine: Engine, standards: Standards) -> None:
    plan = engine.plan(yaml.safe_load((CASE / "lambda-image.yaml").read_text(encoding="utf-8")))
    assert plan["base"]["reference"] == "scratch"
    spec = read(CASE / "lambda-image.yaml")
    found = plan_findings(plan, spec, standards, TODAY)
    assert [row.message for row in found if "golang" not in row.message] == []
    without = replace(standards, bases={})
    assert "uncatalogued-base" in [row.code for row in plan_findings(plan, spec, without, TODAY)]


def test_it_has_one_reference_and_nothing_to_pin(standards: Standards) -> None:
    base = standards.bases["scratch"]
    assert [text for text, rows in exact_references(standards).items() if base in [row.image for row in rows]] == [
        "scratch"
    ]
    assert reference(base, "x86_64", {}) == pinned_reference(base, "x86_64", {}) == base.tagged == "scratch"
    assert pins.look(base, {}) == []
    assert pins.compare("bases", "scratch", base, [], PLATFORMS) == ([], [])
    assert base not in source_policy.catalogue(standards, TODAY)


def test_pinning_a_project_asks_no_registry(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "digest_of", lambda *_, **__: pytest.fail("asked"))
    text = (CASE / "lambda-image.yaml").read_text(encoding="utf-8")
    (tmp_path / "lambda-image.yaml").write_text(text)
    found = base_pin.pin(tmp_path, engine, Outcome())
    assert found
    assert (found.reference, found.changes, found.by_standards) == ("scratch", False, True)


def test_a_source_policy_needs_no_entry_for_it(engine: Engine, standards: Standards, tmp_path: Path) -> None:
    text = (CASE / "lambda-image.yaml").read_text(encoding="utf-8")
    (tmp_path / "lambda-image.yaml").write_text(text)
    images, results = build.images_of_projects([tmp_path], engine, standards, TODAY)
    assert [row.image for row in images if row.empty] == []
    assert [found.message for _, found in results if "golang" not in found.message] == []


@pytest.mark.parametrize(
    ("layers", "own", "codes"),
    [
        (OWN, OWN, []),
        (OWN - 1, OWN, []),
        (OWN + 1, OWN, ["uncatalogued-base"]),
        (OWN, -1, ["uncatalogued-base"]),
        (OWN, None, ["unproved-base"]),
    ],
    ids=["as planned", "fewer", "something is below", "the plan has another base", "no plan"],
)
def test_the_layers_of_the_plan_are_its_proof(
    layers: int, own: int | None, codes: list[str], standards: Standards
) -> None:
    pinned = replace(standards.bases["acme-python"], diff_ids={"x86_64": ("sha256:" + "f" * 64,)})
    known = replace(standards, bases={"scratch": standards.bases["scratch"], "acme-python": pinned})
    match = image_facts.match_base(image(layers), known, PLATFORMS, own)
    facts = image_facts.facts_for_rules(image(layers), match, known, TODAY, list(PLATFORMS.values()))
    found = [row.code for row in violations(facts)]
    undecided = list(image_findings.undecided(image(layers), match, "scratch" if own == OWN else ""))
    assert [*found, *(row.code for row in undecided)] == codes
    assert match.names == (() if codes else ("scratch",))
    assert not [row for row in undecided if "--project" not in row.fix]


def test_a_plan_says_how_many_layers_it_makes(engine: Engine) -> None:
    plan = engine.plan(yaml.safe_load((CASE / "lambda-image.yaml").read_text(encoding="utf-8")))
    assert image_facts.own_layers(plan) == OWN
    other = engine.plan(yaml.safe_load((CASES / "go/lambda-image.yaml").read_text(encoding="utf-8")))
    assert image_facts.own_layers(other) == -1
    assert BaseMatch(architecture="x86_64").layerless == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("COPY --from=a /b /b", "WORKDIR /c"), ""),
        (("ADD root.tar /",), "uncatalogued-base"),
        (("COPY root /",), "uncatalogued-base"),
        (("COPY --from=a /b /b", "COPY c /c"), "uncatalogued-base"),
        (("COPY --from=a /b /b", "RUN /b"), "uncatalogued-base"),
    ],
)
def test_a_dockerfile_may_only_assemble_an_image_from_nothing(
    lines: tuple[str, ...], code: str, standards: Standards
) -> None:
    acme = reference(standards.bases["acme-python"], "x86_64", {})
    for start in (("FROM scratch",), ("FROM scratch AS base", "FROM base")):
        text = "\n".join([f"FROM {acme} AS a", *start, *lines, ""])
        found = judge.findings(grammar.parse(text.encode(), file="Dockerfile"), standards, TODAY)
        expected = code if len(start) == 1 else "no-base"
        assert [row.code for row in found if row.code != "forbidden-instruction"] == ([expected] if code else [])
        without = replace(standards, bases={"acme-python": standards.bases["acme-python"]})
        assert judge.findings(grammar.parse(text.encode(), file="Dockerfile"), without, TODAY)


def test_nothing_is_copied_from_it(standards: Standards) -> None:
    acme = reference(standards.bases["acme-python"], "x86_64", {})
    text = f"FROM {acme}\nCOPY --from=scratch /a /a\n"
    assert judge.findings(grammar.parse(text.encode(), file="Dockerfile"), standards, TODAY)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("scratch: {image: scratch,", 'scratch: {image: scratch, tag: "1",', "no-effect"),
        ("tag: trixie-slim, ", "", "missing-key"),
        ("image: public.ecr.aws/docker/library/gcc,", "image: scratch,", "invalid-value"),
    ],
)
def test_standards_say_of_it_only_what_is_true(old: str, new: str, code: str, engine: Engine, tmp_path: Path) -> None:
    document = read(other_standards(tmp_path / "standards.yaml", old, new))
    assert [row.code for row in load.findings(document, engine)] == [code]
