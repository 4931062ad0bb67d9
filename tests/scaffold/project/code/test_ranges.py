"""Ranges of versions, as package managers write them."""

from __future__ import annotations

import pytest

from scaffold.project.code import ranges


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("22", "22", "24"),
        (">=20", "24", "18"),
        (">= 20.0.0, < 23", "22", "24"),
        ("^22.4 || ^24", "24", "20"),
        ("~3.11", "3.11", "3.12"),
        ("~22", "22", "24"),
        (">=3.11,<3.14", "3.13", "3.14"),
        ("<3.14.0", "3.13", "3.14"),
        ("<=3.13", "3.13", "3.14"),
        ("==3.13.*", "3.13", "3.12"),
        ("===3.13.1", "3.13", "3.12"),
        ("~=3.12", "3.14", "4.0"),
        ("~> 3.4.1", "3.4", "3.3"),
        ("!=3.13.*", "3.12", "3.13"),
        ("!=3.13.2", "3.13", "4.0.0"),
        ("18 - 22", "20", "24"),
        ("22.x", "22", "24"),
        ("v22.1.0", "22", "24"),
        ("^0.2", "0.2", "0.3"),
    ],
)
def test_a_range_admits_a_runtime_if_it_admits_one_of_its_versions(text: str, inside: str, outside: str) -> None:
    wanted, other = ranges.version(inside), ranges.version(outside)
    assert wanted
    assert other
    assert ranges.admits(text, wanted) is True
    assert ranges.admits(text, other) is (text == "!=3.13.2")


@pytest.mark.parametrize("text", ["", "*", "latest"])
def test_a_range_that_excludes_nothing(text: str) -> None:
    assert ranges.admits(text, (22,)) is True


@pytest.mark.parametrize("text", ["lts/*", ">=x.y", "${node}", ">= || <", "=>3", "file:../x"])
def test_a_range_that_cannot_be_read(text: str) -> None:
    assert ranges.admits(text, (22,)) is None


@pytest.mark.parametrize(
    ("text", "version"),
    [("3.13.0rc1", (3, 13, 0)), ("1.27-trixie", (1, 27)), ("v22", (22,)), ("22.x", (22,)), ("lts/*", None), ("", None)],
)
def test_a_version(text: str, version: tuple[int, ...] | None) -> None:
    assert ranges.version(text) == version
