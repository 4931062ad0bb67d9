"""`scaffold diff`."""

from __future__ import annotations

import json
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
    assert digest not in shown.replace(f"  base: public.ecr.aws/lambda/python:3.13@{digest} becomes ", "")
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


def moved(root: Path, runtime: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `diff` says before its patch."""
    capsys.readouterr()
    assert main.main(["diff", "--set", f"runtime={runtime}", str(root)]) == 1
    head = capsys.readouterr().out.partition("\n--- ")[0].splitlines()
    assert head[0] == f"{root}/lambda-image.yaml: these move with the runtime"
    return [line.strip() for line in head[1:]]


def test_a_move_names_all_that_moves_with_it(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    (made / ".python-version").write_text("3.13\n")
    assert moved(made, "python3.11", capsys)[1:] == [
        "system: al2023 becomes al2",
        "C library: glibc 2.34 becomes glibc 2.26",
        "support: python3.11 is deprecated on 2027-06-30, python3.13 on 2029-06-30; its successor is python3.14",
        "lock: run `make lock` after the render: requirements.txt is of python3.13",
        "packages: jq must exist under these names in al2",
        "back from python3.12: asyncore, distutils, imp and smtpd are gone; setuptools is not installed by default",
        "back from python3.13: cgi, crypt, telnetlib and the other modules of PEP 594 are gone",
        f'version: {made}/.python-version:1: this file says "3.13"',
    ]
    newer = moved(made, "python3.14", capsys)
    assert newer[0].endswith(" becomes public.ecr.aws/lambda/python:3.14")
    assert [line.split(":")[0] for line in newer] == ["base", "support", "lock", "python3.14", "version"]
    assert main.main(["diff", "--format", "json", "--set", "runtime=python3.14", str(made)]) == 1
    rows = json.loads(capsys.readouterr().out)["moves"]
    assert {row["about"] for row in rows} == {"base", "support", "lock", "python3.14", "version"}


def test_a_move_in_java_names_the_builder_and_the_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "version: 1\nname: search\narchitecture: x86_64\nruntime: java25\nhandler: example.App\n"
    (tmp_path / "lambda-image.yaml").write_text(text)
    assert main.main(["render", str(tmp_path)]) == 0
    rows = moved(tmp_path, "java21", capsys)
    assert [row.split(":")[0] for row in rows] == ["base", "builder", "support", "back from java25", "version"]
    assert rows[-1] == f'version: {tmp_path}/pom.xml:9: this file says "25"'


def test_a_move_in_node_names_the_form_of_handlers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "version: 1\nname: search\narchitecture: x86_64\nruntime: nodejs22.x\nhandler: app.handler\n"
    (tmp_path / "lambda-image.yaml").write_text(f"{text}base: nodejs22-alpine\n")
    assert main.main(["render", str(tmp_path)]) == 0
    capsys.readouterr()
    settings = ["--set", "base=nodejs24-debian", "--set", "runtime=nodejs24.x"]
    assert main.main(["diff", *settings, str(tmp_path)]) == 1
    head = capsys.readouterr().out.partition("\n--- ")[0]
    assert "\n  system: alpine becomes debian\n" in head
    assert "\n  lock: run `make lock` after the render: package-lock.json is of nodejs22.x\n" in head
    assert "\n  nodejs24.x: handler form: async (event, context)" in head
