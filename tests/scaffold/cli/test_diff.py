"""`scaffold diff`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.editing import edit
from support.template import tree

from scaffold.cli import main


def test_diff_shows_a_what_if_and_writes_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    capsys.readouterr()
    what_if = ["--set", "runtime=python3.14", "--set", "base.name=python3.14", "--set", "lambda.timeout=60"]
    assert main.main(["diff", *what_if, str(made)]) == 1
    shown = capsys.readouterr().out
    assert "-FROM public.ecr.aws/lambda/python:3.13@sha256:" in shown
    assert "+FROM public.ecr.aws/lambda/python:3.14@sha256:" in shown
    assert "+timeout=60" in shown
    assert tree(made) == before
    assert main.main(["diff", "--set", "runtime=python2", str(made)]) == 2
    assert "unknown-runtime" in capsys.readouterr().err
    assert main.main(["diff", "--set", "runtime", str(made)]) == 2
    assert main.main(["diff", "--set", "runtime=NO", str(made)]) == 2


def test_the_diff_is_a_patch(made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    monkeypatch.chdir(made)
    capsys.readouterr()
    assert main.main(["diff"]) == 1
    patch = capsys.readouterr().out
    done = subprocess.run(["git", "apply", "-p0", "-"], input=patch, text=True, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert main.main(["check"]) == 0
