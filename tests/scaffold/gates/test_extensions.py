"""Extensions of a project: which of them other standards refuse, and how one that has moved is told from an edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.template import CASES, copy_template, other_standards

from scaffold.findings.finding import Finding, Severity
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Check
from scaffold.project import drift, state
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

NEWER = "sha256:" + "9" * 64
INSIGHTS = "digests: {x86_64: sha256:0000000000000000000000000000000000000000000000000000000000000003"
TRACER = "  tracer: {image: public.ecr.aws/acme/tracer, tag: v9, digests: {x86_64: sha256:" + "0" * 63 + "5}}\n"
Standards = Callable[[str, str], Path]
Judge = Callable[[Path | None], list[Finding]]


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Path:
    root = tmp_path / "my-function"
    root.mkdir()
    (root / SPEC).write_bytes((CASES / "extensions" / SPEC).read_bytes())
    apply(root, state.read(root, engine).changes)
    return root


@pytest.fixture
def judge(engine: Engine, project: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """What `check` says of the project."""
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: engine.root)

    def judge(path: Path | None) -> list[Finding]:
        found = for_each_project([project], Check(today=date(2026, 11, 27), standards_file=path).judge).findings
        return [finding for finding in found if finding.severity is not Severity.NOTE]

    return judge


@pytest.fixture
def standards(tmp_path: Path) -> Standards:
    """The tests' own standards, with one text for another."""

    return lambda old, new: other_standards(tmp_path / "standards.yaml", old, new)


def test_the_same_extensions_are_in_order(judge: Judge, standards: Standards) -> None:
    assert judge(None) == []
    assert judge(standards("", "")) == []
    mirrors = "mirrors: {public.ecr.aws: mirror.example}\n"
    assert judge(standards("bases:", f"{mirrors}bases:")) == [], "where it is pulled from does not say what it is"


@pytest.mark.parametrize(
    ("old", "new"), [(INSIGHTS, INSIGHTS[:-1] + "9"), ("tag: 1.2.0", "tag: 1.2.1"), ("acme/insights", "acme/in-sight")]
)
def test_an_extension_that_these_standards_have_another_image_for(
    judge: Judge, standards: Standards, project: Path, old: str, new: str
) -> None:
    [finding] = judge(standards(old, new))
    assert finding.code == "stale-extension"
    line = project.joinpath(SPEC).read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("insights")
    assert "the project uses public.ecr.aws/acme/insights:1.2.0@sha256:" in finding.message
    assert "`scaffold update`" in finding.fix


def test_an_extension_that_these_standards_do_not_have(judge: Judge, standards: Standards) -> None:
    [finding] = judge(standards(TRACER, ""))
    assert (finding.code, "tracer" in finding.message) == ("uncatalogued-extension", True)
    [finding] = judge(standards("  tracer:", "  tracer2:"))
    assert finding.fix == 'Did you mean "tracer2"?'


def test_an_extension_that_moved_is_no_edit(
    engine: Engine, project: Path, standards: Standards, tmp_path: Path
) -> None:
    digest = "sha256:" + "0" * 63
    then = f'    superseded: {{x86_64: {{{digest}3: "2026-11-26"}}}}\n'
    moved = standards(f"    digests: {{x86_64: {digest}3", f"{then}    digests: {{x86_64: {digest}9")
    newer = Engine(copy_template(tmp_path / "newer", standards=moved))
    now = state.read(project, newer)
    [finding] = drift.findings(now)
    assert (finding.code, Path(finding.file).name) == ("stale-extension", "Dockerfile")
    assert finding.message.endswith(f"images: public.ecr.aws/acme/insights:1.2.0@sha256:{'0' * 63}9")
    assert [change.refusal for change in now.changes] == [""]
    apply(project, now.changes)
    assert drift.findings(state.read(project, newer)) == []


def test_a_mirror_that_the_standards_have_now_is_no_edit(project: Path, standards: Standards, tmp_path: Path) -> None:
    mirrors = "mirrors: {public.ecr.aws: mirror.example/ecr}\n"
    newer = Engine(copy_template(tmp_path / "newer", standards=standards("bases:", f"{mirrors}bases:")))
    now = state.read(project, newer)
    found = {Path(finding.file).name: finding for finding in drift.findings(now)}
    assert {finding.code for finding in found.values()} == {"stale-base"}
    assert "images: mirror.example/ecr/docker/library/python:3.13-slim-trixie, mirror" in found["Dockerfile"].message
    assert found["emulator"].message.endswith("images: mirror.example/ecr/lambda/provided:al2023")
    assert {change.refusal for change in now.changes} == {""}
    apply(project, now.changes)
    assert drift.findings(state.read(project, newer)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("acme/insights:1.2.0", "acme/insights-evil:1.2.0"),
        ("0003 /opt/extensions/", "0009 /opt/extensions/"),
        ("public.ecr.aws/acme/insights:1.2.0", "evil.example/other/insights:1.2.0"),
        ("docker/library/python:3.13-slim-trixie", "docker/library/python:3.13-slim-trixie@sha256:" + "1" * 64),
        ("public.ecr.aws/docker/library/python", "evil.example/docker/library/python"),
    ],
)
def test_an_image_that_the_standards_never_had_is_an_edit(engine: Engine, project: Path, old: str, new: str) -> None:
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    assert old in text
    dockerfile.write_text(text.replace(old, new), encoding="utf-8")
    now = state.read(project, engine)
    assert [finding.code for finding in drift.findings(now)] == ["drift"]
    assert now.changes[0].refusal


def test_the_same_digest_from_elsewhere_is_another_mirror(engine: Engine, project: Path) -> None:
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace("public.ecr.aws/acme", "old-mirror.example:5000/ecr/acme"), encoding="utf-8")
    assert [finding.code for finding in drift.findings(state.read(project, engine))] == ["stale-extension"]


def test_the_extensions_of_another_versions_project_are_those_that_its_dockerfile_names(
    judge: Judge, standards: Standards, project: Path, engine: Engine
) -> None:
    answers, dockerfile = project / ANSWERS, project / "Dockerfile"
    answers.write_text(answers.read_text().replace(f"version: {engine.identity['version']}", "version: 0.0.9"))
    text = dockerfile.read_text()
    path = standards("", "")
    assert {finding.code for finding in judge(path)} == {"outdated"}
    dockerfile.write_text(text.replace("acme/insights:1.2.0@", "acme/insights:1.1.0@"))
    assert {finding.code for finding in judge(path)} == {"outdated", "stale-extension"}
    for other in (
        text.replace("--from=public.ecr.aws/acme/tracer", "--from=$TRACER"),
        text + "COPY --from=evil.example/tracer:1 / /\n",
    ):
        dockerfile.write_text(other)
        assert {finding.code for finding in judge(path)} == {"outdated", "undecided"}, other


def test_an_extension_without_a_place_in_the_spec_is_told_at_its_list(engine: Engine, standards: Standards) -> None:
    """The spec that a foreign project records may be another one than stands there now."""
    from scaffold.gates.plan import findings
    from scaffold.rendering import validation

    document = validation.read(CASES / "extensions" / SPEC)
    plan = engine.plan(document.value)  # type: ignore[arg-type]
    emptied = replace(document, value={**document.value, "extensions": []})  # type: ignore[dict-item]
    found = findings(plan, emptied, load(standards(TRACER, ""), engine), date(2026, 1, 1))
    assert [finding.code for finding in found if finding.severity is not Severity.NOTE] == ["uncatalogued-extension"]
