"""Private registries of the images that a project stands on: which they are, and how `make login` opens them.

How a password gets to a real registry is proved where images are pushed, by the same lines: images/test_ship.py.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.template import engine_on

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "search",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
    "base": "acme-python",
    "extensions": ["insights"],
}
IRELAND = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
FAKES = {
    "aws": """#!/bin/sh
[ -z "${REFUSED:-}" ] || { echo "An error occurred (AccessDeniedException)" >&2; exit 254; }
echo "aws $*" >>"$ASKED"
echo "a password for $AWS_REGION and $AWS_DEFAULT_REGION"
""",
    "docker": """#!/bin/sh
[ "$1" != buildx ] || echo "docker $*" >>"$ASKED"
[ "$1" = login ] || exit 0
printf 'docker %s <' "$*" >>"$ASKED"
cat >>"$ASKED"
echo >>"$ASKED"
""",
}


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (IRELAND, "eu-west-1"),
        ("111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("111122223333.dkr-ecr.us-west-2.on.aws", "us-west-2"),
        ("public.ecr.aws", None),
        ("11112222333.dkr.ecr.eu-west-1.amazonaws.com", None),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example", None),
        ("111122223333-dkr-ecr.eu-west-1.amazonaws.com", None),
    ],
)
def test_hosts_of_private_registries_have_a_region(tmp_path: Path, host: str, region: str | None) -> None:
    engine = engine_on(tmp_path, IRELAND, host)
    plan = engine.plan(SPEC)
    assert plan["registries"] == ([{"host": host, "region": region}] if region else [])
    written = {row["path"] for row in plan["outputs"]}
    assert ("scripts/login" in written) == bool(region)


@pytest.fixture
def login(tmp_path: Path) -> Path:
    """The script of a project whose base and extension are in two registries, among programs that only take notes."""
    engine = engine_on(tmp_path, "bases:\n", "mirrors: {public.ecr.aws: REGISTRY/ecr-public}\nbases:\n")
    standards = tmp_path / "template/standards/standards.yaml"
    ohio = "111122223333.dkr.ecr.us-east-2.amazonaws.com"
    standards.write_text(standards.read_text(encoding="utf-8").replace("REGISTRY", ohio), encoding="utf-8")
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for file in engine.render(SPEC, engine.plan(SPEC), {}):
        if file.path in {"scripts/login", "scripts/lib.sh", "scripts/stale.sh"}:
            (tmp_path / file.path).write_bytes(file.content)
    for name, text in FAKES.items():
        path = scripts / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    return scripts / "login"


TAGS = [
    "docker buildx imagetools inspect --raw " + image
    for image in (
        f"{IRELAND}/bases/acme-python:2026.11.1",
        f"{IRELAND.replace('eu-west-1', 'us-east-2')}/ecr-public/acme/insights:1.2.0",
    )
]
"""A pull-through cache that has not seen an image knows its digest only after a question for its tag."""


def run(script: Path, **variables: str) -> tuple[int, str, list[str]]:
    asked = script.with_name("asked")
    path = f"{script.parent / 'bin'}:/usr/bin:/bin"
    environment = os.environ | {"PATH": path, "ASKED": str(asked), "AWS_REGION": "of-the-project"} | variables
    done = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []


def test_each_registry_gets_the_password_of_its_region(login: Path) -> None:
    wanted = []
    for host, region in ((IRELAND, "eu-west-1"), (IRELAND.replace("eu-west-1", "us-east-2"), "us-east-2")):
        wanted += ["aws ecr get-login-password"]
        wanted += [f"docker login --username AWS --password-stdin {host} <a password for {region} and {region}"]
    assert run(login) == (0, "", wanted + TAGS)


def test_who_has_a_credential_helper_needs_none(login: Path) -> None:
    assert run(login, ECR_LOGIN="none") == (0, "", TAGS)


def test_what_aws_refuses_is_told(login: Path) -> None:
    code, said, _ = run(login, REFUSED="yes")
    assert (code, "aws ecr get-login-password failed: An error occurred (AccessDenied" in said) == (1, True)
