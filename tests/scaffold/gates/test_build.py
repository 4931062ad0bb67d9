"""Source policies for projects: the build gate refuses images by the rules that the other gates apply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.cli.main import main
from scaffold.project.answers import SPEC

DIGEST = "sha256:" + "0" * 64
ROW: dict[str, Any] = {
    "image": "public.ecr.aws/lambda/python",
    "tag": "3.13",
    "digests": {"x86_64": DIGEST},
    "system": "al2023",
    "runtime_client": "included",
    "runtimes": ["python3.13"],
}
OWN = {"image": ROW["image"], "tag": "3.13", "digest": DIGEST, "system": "al2023", "runtime_client": "included"}
ENDED = {"supported_until": "2020-01-31"}


@pytest.mark.parametrize(
    ("row", "base", "inline", "said"),
    [
        ({}, None, "refused", ""),
        ({}, OWN, "allowed", ""),
        ({"tier": "withdrawn"}, None, "refused", "withdrawn-base the base python3.13 is withdrawn"),
        (ENDED, None, "refused", "expired-base the base python3.13 was supported until 2020-01-31"),
        ({"digests": {}}, None, "refused", "unpinned-base public.ecr.aws/lambda/python:3.13 has no digest"),
        ({}, OWN, "refused", "base-not-allowed the standards of acme do not allow an image of your own"),
        ({"tier": "withdrawn"}, OWN, "allowed", "withdrawn-base the base python3.13 is withdrawn"),
        (ENDED, OWN, "allowed", "expired-base the base python3.13 was supported until 2020-01-31"),
    ],
)
def test_a_build_may_read_only_what_the_rules_allow(
    row: dict[str, Any], base: Any, inline: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standards = {"version": 1, "organisation": "acme", "bases": {"python3.13": ROW | row}}
    spec = {"version": 1, "name": "search", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
    (tmp_path / "standards.yaml").write_text(yaml.safe_dump(standards | {"rules": {"inline_base": inline}}))
    (tmp_path / SPEC).write_text(yaml.safe_dump(spec | ({"base": base} if base else {}), sort_keys=False))
    words = ["standards", "policy", "--standards", str(tmp_path / "standards.yaml"), "--projects", str(tmp_path)]
    assert main(words) == bool(said)
    found = capsys.readouterr()
    assert len(json.loads(found.out)["rules"]) == 3 + (0 if said else 2)
    assert f"{tmp_path / SPEC}: {said}" in found.err if said else found.err == ""
