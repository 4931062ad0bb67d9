"""`scaffold diff`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from support.editing import edit
from support.template import PINNED, tree

from scaffold.cli import main


def test_diff_shows_a_what_if_and_writes_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    capsys.readouterr()
    assert main.main(["diff", "--set", "runtime=python3.14", "--set", "lambda.timeout=60", str(made)]) == 1
    shown = capsys.readouterr().out
    assert f"-FROM public.ecr.aws/lambda/python:3.13@{yaml.safe_load(PINNED)['digest']} AS base" in shown
    assert "+FROM public.ecr.aws/lambda/python:3.14 AS base" in shown
    assert "+memory=512 timeout=60 storage=512" in shown
    assert tree(made) == before
    assert main.main(["diff", "--set", "runtime=python2", str(made)]) == 2
    assert "unknown-runtime" in capsys.readouterr().err
    assert main.main(["diff", "--set", "runtime", str(made)]) == 2
    assert main.main(["diff", "--set", "runtime=NO", str(made)]) == 2


def test_a_pinned_default_base_follows_the_runtime(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def becomes(base: str) -> tuple[int, str, str]:
        path = made / "lambda-image.yaml"
        spec = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump(spec | {"base": {"name": base, "digest": digest}}))
        capsys.readouterr()
        code = main.main(["diff", "--set", "runtime=python3.14", str(made)])
        return code, *capsys.readouterr()

    digest = f"sha256:{'a' * 64}"
    code, shown, said = becomes("python3.13")
    assert (code, said) == (1, "")
    assert "+FROM public.ecr.aws/lambda/python:3.14 AS base" in shown
    assert digest not in shown
    code, shown, said = becomes("python3.13-debian")
    assert (code, shown) == (2, "")
    assert "unfit-base base.name: the base python3.13-debian does not support python3.14" in said
    assert "fix: Remove the digest too, then run `scaffold base pin`." in said


def test_the_diff_is_a_patch(made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    monkeypatch.chdir(made)
    capsys.readouterr()
    assert main.main(["diff"]) == 1
    patch = capsys.readouterr().out
    done = subprocess.run(["git", "apply", "-p0", "-"], input=patch, text=True, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert main.main(["check"]) == 0
