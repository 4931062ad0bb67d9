"""`scaffold new`: a project from a spec in place, from answers, and from questions."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest
import yaml
from support.template import CASES, tree

from scaffold.cli import main


def test_a_spec_in_place_is_used_instead_of_questions(tmp_path: Path) -> None:
    where = tmp_path / "mine"
    where.mkdir()
    spec = (CASES / "debian/lambda-image.yaml").read_bytes()
    (where / "lambda-image.yaml").write_bytes(b"# mine\n" + spec)
    assert main.main(["new", str(where)]) == 0
    assert (where / "lambda-image.yaml").read_bytes() == b"# mine\n" + spec
    assert "slim-trixie" in (where / "Dockerfile").read_text()


def test_answers_are_not_ignored_where_a_spec_is_in_place(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    assert main.main(["new", "--data", "name=other", str(made)]) == 2
    assert "exists and answers do not change it" in capsys.readouterr().err
    assert tree(made) == before


def test_answers_by_words_and_by_file(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("handler: search.main.handler\nsystem_packages: [jq]\nlambda: {timeout: 60}\n")
    words = ["--data", "name=by-words", "--data", "environment={LEVEL: debug}", "--data-file", str(answers)]
    assert main.main(["new", "--defaults", *words, str(tmp_path / "made")]) == 0
    spec = yaml.safe_load((tmp_path / "made/lambda-image.yaml").read_text())
    assert spec["name"] == "by-words"
    assert spec["lambda"] == {"timeout": 60}
    assert spec["environment"] == {"LEVEL": "debug"}
    assert (tmp_path / "made/src/search/main.py").is_file()
    assert main.main(["check", str(tmp_path / "made")]) == 0


def test_bad_answers_are_told_and_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", "name=Bad_Name", "--data", "colour=red"]
    assert main.main(["new", "--defaults", *words, str(tmp_path / "made")]) == 2
    said = capsys.readouterr().err
    assert "name: " in said
    assert "colour" in said
    assert not (tmp_path / "made").exists()


def test_questions_are_checked_as_they_are_typed(template: Path, tmp_path: Path) -> None:
    words = ["-m", "copier", "copy", "-r", "HEAD", str(template), str(tmp_path / "asked")]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect("Name of the function")
    child.send("\x15")
    child.sendline("Bad_Name")
    child.expect("must be lower-case words")
    child.send("\x15")
    child.sendline("asked-for")
    child.expect("What does it do")
    child.sendline("")
    for question in ("Lambda runtime", "Instruction set", "What invokes it"):
        child.expect(question)
        child.send("\r")
    child.expect("Handler")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert yaml.safe_load((tmp_path / "asked/lambda-image.yaml").read_text())["name"] == "asked-for"
