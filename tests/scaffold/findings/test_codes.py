"""The registry of codes holds those in use and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scaffold.findings import codes, moments
from scaffold.findings.finding import Finding

ROOT = Path(__file__).parents[3]


def words_of(folder: str, pattern: str) -> str:
    files = [path for path in (ROOT / folder).rglob(pattern) if path.name not in {"codes.py", "moments.py"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_registered_code_is_in_use() -> None:
    text = words_of("scaffold", "*.py") + words_of("template", "*.jinja")
    assert codes.CODES.keys() - set(re.findall(r"""["']([a-z]+(?:-[a-z0-9]+)*)["']""", text)) == set()


def test_no_other_code_can_be_used() -> None:
    with pytest.raises(ValueError, match="'no-such' is not a row of"):
        Finding(code="no-such", message="")


def test_every_code_of_the_template_is_registered() -> None:
    lines = re.findall(r"\b(?:problem|report)\(.*", words_of("template", "*.jinja"))
    used = {word for line in lines for word in re.findall(r"'([a-z]+(?:-[a-z0-9]+)+)'", line)}
    assert len(used) > 20
    assert used - codes.CODES.keys() == set()


def test_every_code_of_the_invalid_specs_is_registered() -> None:
    seen = {
        code
        for path in (ROOT / "tests/template/invalid").glob("*/findings.txt")
        for code in re.findall(r"(?m)^lambda-image\.yaml(?::\d+)*:? ([a-z-]+) ", path.read_text(encoding="utf-8"))
    }
    assert len(seen) > 20
    assert seen <= codes.CODES.keys()


def test_every_code_is_in_one_group() -> None:
    assert sum(map(len, codes.GROUPS.values())) == len(codes.CODES)


def test_what_runs_and_waivers_ask() -> None:
    undecided = {code for code in codes.CODES if codes.undecided(code)}
    assert undecided == {
        *("build-override", "not-understood", "unavailable", "undecided", "unmerged", "unproved-base"),
    }
    assert {code for code in codes.CODES if not codes.waivable(code)} == {"undecided", "unproved-base", "unreadable"}
    assert codes.CODES.keys() >= codes.BY_CONTENT
    assert {code for code in undecided if codes.waivable(code)} - codes.BY_CONTENT == {"unavailable", "unmerged"}


def test_every_code_has_its_moment() -> None:
    assert moments._OF_GROUPS.keys() == codes.GROUPS.keys()
    assert moments._OF_CODES.keys() <= codes.CODES.keys()
    assert {code: moments.moment(code) for code in ("yaml-tag", "missing-path", "drift", "other-base")} == {
        "yaml-tag": "render",
        "missing-path": "render",
        "drift": "check",
        "other-base": "check of the image",
    }
