"""`scaffold standards show` and `scaffold standards policy`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.editing import edit
from support.template import CASES

from scaffold.cli import main


def test_standards_are_shown_and_made_a_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["standards", "show", "python3.13-pinned", "python3.11", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["images"]
    assert [(row["name"], row["kind"], sorted(row["digests"])) for row in rows] == [
        ("python3.11", "base", []),
        ("python3.13-pinned", "base", ["x86_64"]),
    ]
    assert main.main(["standards", "show", "python3.12"]) == 2
    assert "Did you mean" in capsys.readouterr().err
    assert main.main(["standards", "policy"]) == 0, "that some are not pinned is a warning where digests are optional"
    said = capsys.readouterr()
    names = [rule["selector"]["identifier"] for rule in json.loads(said.out)["rules"]]
    assert names[:3] == ["*", "local://context", "local://dockerfile"]
    assert len(names) == 3 + 2 * 5, "two names for each pinned image: two bases, and extensions for three architectures"
    assert said.err.count("unpinned-base warning") == 32


@pytest.mark.parametrize(
    ("case", "code", "allowed", "said"),
    [
        ("pinned", 0, 2, ""),
        ("minimal", 1, 0, "unpinned-base"),
        ("own-base", 1, 0, "unpinned-base"),
    ],
)
def test_a_policy_for_a_project_allows_what_it_needs(
    case: str, code: int, allowed: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = CASES / case / "lambda-image.yaml"
    assert main.main(["standards", "policy", "--projects", str(spec)]) == code
    found = capsys.readouterr()
    assert len(json.loads(found.out)["rules"]) == 3 + allowed
    assert said in found.err


def test_a_policy_where_digests_are_required_and_for_no_project(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "standards.yaml"
    path.write_bytes((template / "standards/standards.yaml").read_bytes())
    edit(path, "inline_base: allowed", "inline_base: refused\n  base_digest: required")
    assert main.main(["standards", "policy", "--standards", str(path)]) == 1
    words = ["standards", "policy", "--standards", str(path), "--projects", str(CASES / "own-base/lambda-image.yaml")]
    assert main.main(words) == 1
    assert "base-not-allowed" in capsys.readouterr().err
    assert main.main(["standards", "policy", "--projects", str(tmp_path)]) == 2
