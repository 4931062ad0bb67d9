"""Files from published images: each image is a source that the standards may have, or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from support.template import CASES, TESTS, engine_on, other_standards

from scaffold.dockerfile import grammar, judge
from scaffold.gates import build
from scaffold.gates.plan import findings as plan_findings
from scaffold.rendering.engine import Engine
from scaffold.rendering.validation import read
from scaffold.standards import load, source_policy
from scaffold.standards.model import Extension, Standards

TODAY = date(2026, 11, 28)
CASE = CASES / "picked"
DIGEST = "sha256:" + "6" * 64
UV = Extension(name="uv", image="ghcr.io/astral-sh/uv", tag="0.9.10", digests={"x86_64": DIGEST}, paths=("/uv",))


@pytest.fixture
def refusing(engine: Engine) -> Standards:
    """Standards that allow no images but their own."""
    known = load.load(TESTS / "standards.yaml", engine)
    return replace(known, rules={**known.rules, "inline_base": "refused"})


def with_uv(known: Standards, **more: object) -> Standards:
    return replace(known, extensions={**known.extensions, "uv": replace(UV, **more)})


def codes(engine: Engine, known: Standards) -> list[tuple[str, int]]:
    spec = read(CASE / "lambda-image.yaml")
    found = plan_findings(engine.plan(yaml.safe_load(spec.text)), spec, known, TODAY)
    return [(row.code, row.line) for row in found if row.severity == "error"]


def test_standards_decide_whether_a_project_may_choose_it(engine: Engine, refusing: Standards) -> None:
    rows = (CASE / "lambda-image.yaml").read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(rows, 1) if "pick: /uv," in line)
    assert codes(engine, replace(refusing, rules={**refusing.rules, "inline_base": "allowed"})) == []
    assert codes(engine, refusing) == [("uncatalogued-source", first)]
    assert codes(engine, with_uv(refusing)) == []
    assert codes(engine, with_uv(refusing, digests={}, index=DIGEST)) == []
    assert codes(engine, with_uv(refusing, image="ghcr.io/other/uv")) == [("uncatalogued-source", first)]


def test_the_template_says_so_too(tmp_path: Path) -> None:
    spec = yaml.safe_load((CASE / "lambda-image.yaml").read_text(encoding="utf-8"))
    refusing = engine_on(tmp_path, "inline_base: allowed", "inline_base: refused")
    assert [problem.code for problem in refusing.problems(spec)] == ["uncatalogued-source", "uncatalogued-source"]


def test_a_source_policy_allows_exactly_its_digest(engine: Engine, tmp_path: Path) -> None:
    text = (CASE / "lambda-image.yaml").read_text(encoding="utf-8")
    (tmp_path / "lambda-image.yaml").write_text(text)
    known = load.load(TESTS / "standards.yaml", engine)
    images, _ = build.images_of_projects([tmp_path], engine, known, TODAY)
    names = {name for image in images for name in source_policy.identifiers(image, {})}
    assert f"docker-image://ghcr.io/astral-sh/uv:0.9.10@{DIGEST}" in names


def test_a_dockerfile_names_it_as_a_source(engine: Engine, refusing: Standards) -> None:
    dockerfile = (CASE / "expected/Dockerfile").read_bytes()
    parsed = grammar.parse(dockerfile, file="Dockerfile")
    wrong = [row.code for row in judge.findings(parsed, refusing, TODAY) if "uv" in row.excerpt]
    assert set(wrong) == {"uncatalogued-source"}
    assert [row.code for row in judge.findings(parsed, with_uv(refusing), TODAY) if "uv" in row.excerpt] == []


def test_the_standards_of_the_tests_allow_it(tmp_path: Path, engine: Engine) -> None:
    path = other_standards(tmp_path / "standards.yaml", "inline_base: allowed", "inline_base: refused")
    assert load.load(path, engine).rules["inline_base"] == "refused"
