"""Credentials of a profile in the local run, as the real `aws` command gives or refuses them; and variables of .env."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.template import CASES

DOCKER = """#!/bin/sh
case $1 in
    image) echo sha256:1 ;;
    port) echo 127.0.0.1:1 ;;
    run) printf '%s\\n' "$@" >"$HERE/words"; env >"$HERE/environment" ;;
esac
"""
CREDENTIALS = "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = secret/of+dev\nregion = eu-central-1\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str], dict[str, str]]:
    """What `make run` says with a profile, the words that Docker gets, and its variables."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {"docker": DOCKER, "curl": "#!/bin/sh\n"}.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    (tmp_path / "home/.aws").mkdir(parents=True)
    (tmp_path / "home/.aws/credentials").write_text(CREDENTIALS)
    shutil.copytree(CASES / "minimal/expected", tmp_path / "project")
    (tmp_path / "project/.env").write_text("TOKEN=of the file\n")
    variables = {"HERE": tmp_path, "HOME": tmp_path / "home", "AWS_PROFILE": "dev", "AWS_EC2_METADATA_DISABLED": "true"}
    environment = os.environ | {name: str(value) for name, value in variables.items()}
    environment["PATH"] = f"{tmp_path}/bin:{os.environ['PATH']}"
    done = subprocess.run(
        [tmp_path / "project/scripts/run"], env=environment, capture_output=True, text=True, check=True
    )
    lines = (tmp_path / "environment").read_text().splitlines()
    passed = dict(line.split("=", 1) for line in lines if "=" in line)
    return done.stderr, (tmp_path / "words").read_text().splitlines(), passed


def test_what_the_command_that_is_here_exports_reaches_the_function(
    run: tuple[str, list[str], dict[str, str]], tmp_path: Path
) -> None:
    said, words, passed = run
    version = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=True).stdout
    warnings = [line for line in said.splitlines() if "Warning" in line]
    assert "AWS_REGION=eu-central-1" in words
    assert words[words.index("--env-file") + 1] == f"{tmp_path}/project/.env"
    assert not [word for word in words if "secret/of+dev" in word]
    if version.startswith("aws-cli/1."):
        assert said.splitlines()[:-1] == warnings
        need = "Warning: needs version 2 of the aws command. There are no credentials of the profile dev: "
        assert warnings == [f"{need}aws: error: argument subcommand: Invalid choice, valid choices are:"]
        assert "AWS_ACCESS_KEY_ID" not in words
    else:
        assert warnings == []
        assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} < set(words)
        assert (passed["AWS_ACCESS_KEY_ID"], passed["AWS_SECRET_ACCESS_KEY"]) == ("AKIADEV", "secret/of+dev")
