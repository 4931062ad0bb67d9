"""`scaffold check` and `scaffold validate` on projects: clean, edited, incomplete or damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.editing import edit
from support.template import PINNED

from scaffold.cli import main


def test_a_project_in_order(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for verb in ("validate", "check", "diff"):
        assert main.main([verb, str(made)]) == 0
    assert capsys.readouterr().out == "No problems found.\n" * 2


def test_one_byte_in_the_dockerfile_is_named_by_file_and_line(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(made / "Dockerfile", "WORKDIR /build", "WORKDIR /built")
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(made)]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    line = (made / "Dockerfile").read_text().split("\n").index("WORKDIR /built") + 1
    assert (finding["file"], finding["line"], finding["code"]) == (f"{made}/Dockerfile", line, "drift")


def test_what_is_missing_edited_left_over_or_not_executable_is_told(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made / "Makefile").unlink()
    (made / "scripts/run").chmod(0o644)
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(made)]) == 1
    codes = {Path(row["file"]).name: row["code"] for row in json.loads(capsys.readouterr().out)["findings"]}
    stale = dict.fromkeys(("Dockerfile", "lock.Dockerfile", ".copier-answers.yml"), "stale")
    assert codes == {"Makefile": "missing", "run": "drift"} | stale


def test_many_projects_and_a_bad_one_hides_none(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        assert main.main(["new", "--defaults", "--data", f"base={PINNED}", str(tmp_path / "more" / name)]) == 0
    (tmp_path / "more/a/lambda-image.yaml").write_text("version: [1\n")
    (tmp_path / "more/b/Makefile").unlink()
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(tmp_path)]) == 2
    files = [row["file"] for row in json.loads(capsys.readouterr().out)["findings"]]
    assert files == [f"{tmp_path}/more/a/lambda-image.yaml", f"{tmp_path}/more/b/Makefile"]


def test_answers_that_are_no_answers(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("a: [", "[]", "spec: 1\nstarters: x\n", "\0", "template: {a: b}\nstarters: [1]\n"):
        (made / ".copier-answers.yml").write_text(text)
        capsys.readouterr()
        assert main.main(["check", str(made)]) == 3
        assert ".copier-answers.yml" in capsys.readouterr().out
