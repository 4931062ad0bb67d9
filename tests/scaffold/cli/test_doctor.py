"""`scaffold doctor`, on machines that lack one thing each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from support.template import CASES

from scaffold.cli.main import main

DOCKER = """#!/bin/sh
case $* in
    version*) cat "$HERE/engine" 2>/dev/null || { echo 'ERROR: Cannot connect to the Docker daemon.' >&2; exit 1; } ;;
    'buildx version') echo "github.com/docker/buildx $(cat "$HERE/buildx")" ;;
    'buildx inspect'*) echo "Platforms: $(cat "$HERE/platforms")" ;;
    *imagetools*) [ -e "$HERE/registry" ] || { echo "ERROR: no such host" >&2; exit 1; } ;;
    'image inspect'*) [ -e "$HERE/image" ] ;;
esac
"""
AWS = """#!/bin/sh
case $* in
    --version) cat "$HERE/aws" ;;
    'sts '*) [ -e "$HERE/account" ] && echo 111122223333 || { echo 'Unable to locate credentials.' >&2; exit 255; } ;;
    *) exit 1 ;;
esac
"""
GOOD = {
    "engine": "26.1.5",
    "buildx": "v0.13.1 0",
    "platforms": "linux/amd64, linux/amd64/v2",
    "registry": "",
    "aws": "aws-cli/2.23.6 Python/3.13",
    "account": "",
}
PROGRAMS = ("make", "curl", "git", "docker", "aws")
Doctor = Callable[..., tuple[int, dict[str, tuple[str, str]]]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Return a function that asks on a machine without some programs, with some things otherwise than well."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HERE", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cat").symlink_to("/bin/cat")

    def ask(*words: str, without: str = "", **different: str | None) -> tuple[int, dict[str, tuple[str, str]]]:
        for name in PROGRAMS:
            program = tmp_path / "bin" / name
            program.write_text({"docker": DOCKER, "aws": AWS}.get(name, "#!/bin/sh\n"))
            program.chmod(0o755)
            if name == without:
                program.unlink()
        for name, text in (GOOD | different).items():
            (tmp_path / name).unlink(missing_ok=True)
            if text is not None:
                (tmp_path / name).write_text(text)
        capsys.readouterr()
        code = main(["doctor", "--format", "json", *words])
        rows = json.loads(capsys.readouterr().out)["checks"]
        assert all(bool(row["fix"]) == (row["state"] != "ok") for row in rows)
        return code, {row["name"]: (row["state"], row["detail"]) for row in rows}

    return ask


def test_a_machine_that_has_everything(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.chdir(tmp_path)
    code, found = doctor()
    assert code == 0
    assert {name: state for name, (state, _) in found.items()} == dict.fromkeys(
        (*PROGRAMS[:4], "buildx", "platform", "registry", "aws", "credentials", "region"), "ok"
    )
    assert found["credentials"][1] == "account 111122223333"


@pytest.mark.parametrize(
    ("without", "different", "name", "state", "detail"),
    [
        ("curl", {}, "curl", "missing", "not installed; it sends events in `make invoke`"),
        ("git", {}, "git", "warning", "not installed"),
        ("docker", {}, "docker", "missing", "not installed"),
        ("", {"engine": None}, "docker", "missing", "the engine does not answer: Cannot connect to the Docker daemon"),
        ("", {"buildx": "v0.9.1"}, "buildx", "missing", "v0.9.1"),
        ("", {"platforms": "linux/arm64*"}, "platform", "missing", "linux/amd64 cannot be built and run"),
        ("", {"registry": None}, "registry", "missing", "public.ecr.aws/lambda/python:3.13: no such host"),
        (
            "",
            {"registry": None, "image": ""},
            "registry",
            "warning",
            "public.ecr.aws/lambda/python:3.13: no such host; this machine has the image",
        ),
        ("aws", {}, "aws", "warning", "not installed"),
        ("", {"aws": "aws-cli/1.46.0 Python"}, "aws", "ok", "aws-cli/1.46.0"),
        ("", {"account": None}, "credentials", "warning", "Unable to locate credentials"),
        ("", {}, "region", "warning", "none"),
    ],
)
def test_one_thing_is_missing(
    doctor: Doctor, without: str, different: dict[str, str | None], name: str, state: str, detail: str, tmp_path: Path
) -> None:
    code, found = doctor(str(tmp_path), without=without, **different)
    assert found[name] == (state, detail)
    assert code == (state == "missing")


def test_a_profile_needs_version_2(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "me")
    state, detail = doctor(str(tmp_path), aws="aws-cli/1.46.0")[1]["aws"]
    assert (state, "gets no credentials of AWS_PROFILE" in detail) == ("warning", True)
    assert doctor(str(tmp_path))[1]["aws"][0] == "ok"


def test_it_asks_for_what_the_project_needs(doctor: Doctor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = yaml.safe_load((CASES / "arm64/lambda-image.yaml").read_text()) | {"aws": {"region": "eu-west-1"}}
    (tmp_path / "lambda-image.yaml").write_text(yaml.safe_dump(spec))
    code, found = doctor(str(tmp_path))
    assert code == 1
    assert found["platform"] == ("missing", "linux/arm64 cannot be built and run")
    assert found["region"] == ("ok", "eu-west-1")
    (tmp_path / "lambda-image.yaml").write_text("version: 1\n")
    assert doctor(str(tmp_path))[0] == 2
    assert main(["doctor", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert "missing-key" in said.err
    assert "ok       platform: linux/amd64 can be built and run\n" in said.out
    assert "warning  region: none. Set aws.region in the spec, or AWS_REGION.\n" in said.out
