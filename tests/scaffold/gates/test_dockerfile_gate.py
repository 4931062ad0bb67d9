"""`scaffold check --dockerfile` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.template import CASES, TESTS

from scaffold.cli.main import main
from scaffold.findings.finding import Finding, Severity
from scaffold.gates.dockerfile import exit_code

FOLDER = TESTS / "dockerfiles"
RULES = str(FOLDER / "standards.yaml")


def check(*words: str | Path) -> int:
    return main(["check", *map(str, words)])


def test_a_folder_of_good_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--dockerfile", FOLDER, "--standards", RULES) == 0
    assert capsys.readouterr().out == "No problems found.\n"


def test_several_paths_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM evil.example/a:1\n")
    words = ("--dockerfile", FOLDER / "pip.Dockerfile", "--dockerfile", tmp_path, "--standards", RULES)
    assert check(*words, "--format", "json") == 1
    [row] = json.loads(capsys.readouterr().out)["findings"]
    assert (row["code"], row["file"], row["line"]) == ("uncatalogued-base", str(tmp_path / "Dockerfile"), 1)


def test_what_is_not_understood_outweighs_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM evil.example/a:1\nWHAT evil.example/a:1\n")
    assert check("--dockerfile", tmp_path, "--standards", RULES) == 3


def test_nothing_to_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--dockerfile", tmp_path) == 3
    assert check("--dockerfile", tmp_path / "gone") == 3
    assert "undecided" in capsys.readouterr().out


def test_the_templates_own_standards_are_the_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text('FROM public.ecr.aws/lambda/python:3.13\nCMD ["a.b"]\n')
    assert check("--dockerfile", tmp_path) == 0
    (tmp_path / "Dockerfile").write_text("FROM python:3.13\n")
    assert check("--dockerfile", tmp_path) == 1
    assert (
        "  fix: Write public.ecr.aws/lambda/python:3.13, or another base in the standards.\n" in capsys.readouterr().out
    )


def test_wrong_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "standards.yaml").write_text("version: 1\n")
    assert check("--dockerfile", FOLDER, "--standards", tmp_path / "gone.yaml") == 2
    assert check("--dockerfile", FOLDER, "--standards", tmp_path / "standards.yaml") == 2
    assert check("--dockerfile", FOLDER, "some-project") == 2
    assert "--dockerfile checks only Dockerfiles" in capsys.readouterr().err


IN_THE_SPEC = {"extensions", "picked", "pinned-by-spec"}
"""Cases with an image that is in their spec, and not in the standards."""


@pytest.mark.parametrize("case", sorted({path.name for path in CASES.iterdir()} - IN_THE_SPEC))
def test_what_the_template_generates_passes(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A generated Dockerfile is judged by rendering it again; that it lies in the grammar too is for its readers."""
    path = CASES / case / "expected/Dockerfile"
    assert check("--dockerfile", path, "--standards", TESTS / "standards.yaml") == 0, capsys.readouterr().out


def test_hostile_names_start_no_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a\n::error::x.Dockerfile").write_text("\x1b[31m\n")
    assert check("--dockerfile", tmp_path, "--standards", RULES) == 3
    out = capsys.readouterr().out
    assert "\n::error" not in out
    assert "\x1b" not in out


def test_warnings_do_not_fail() -> None:
    warning = Finding(code="not-understood", message="", severity=Severity.WARNING)
    assert exit_code([warning]) == 0
    assert exit_code([warning, Finding(code="no-base", message="")]) == 1
    assert exit_code([Finding(code="build-override", message=""), Finding(code="no-base", message="")]) == 3
