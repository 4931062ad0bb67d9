"""`scaffold plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.template import CASES

from scaffold.cli import main


def test_plan_is_the_golden_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["plan", str(CASES / "full/lambda-image.yaml")]) == 0
    assert capsys.readouterr().out == (CASES / "full/plan.json").read_text(encoding="utf-8")


def test_plans_of_many_projects_but_the_bad_one(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/lambda-image.yaml").write_text("version: 2\n")
    capsys.readouterr()
    assert main.main(["plan", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert list(json.loads(said.out)) == [str(made)]
    assert "wrong-value" in said.err
