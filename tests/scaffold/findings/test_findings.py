"""The order of findings, the hints, and that what is shown cannot harm a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold import errors
from scaffold.findings.finding import Finding
from scaffold.findings.source import Position, Source, excerpt, visible
from scaffold.findings.suggest import did_you_mean, nearest


def test_findings_sort_by_place_then_code() -> None:
    places = [
        ("b", 1, 1, "drift"),
        ("a", 10, 1, "drift"),
        ("a", 2, 10, "missing"),
        ("a", 2, 10, "drift"),
        ("a", 2, 1, "drift"),
        ("a", 0, 0, "stale"),
    ]
    findings = [Finding(file=f, line=ln, column=c, code=code, message="") for f, ln, c, code in places]
    assert sorted(findings) == [*reversed(findings)]


@pytest.mark.parametrize(
    ("word", "choices", "expected"),
    [
        ("memmory_size", ["timeout", "memory_size"], 'Did you mean "memory_size"?'),
        ("NAME", ["name", "runtime"], 'Did you mean "name"?'),
        ("zzz", ["arm64", "x86_64"], "Use one of: arm64, x86_64."),
        ("zzz", [f"v{n}" for n in range(11)], "Use one of: v0, v1, v2, v3, v4, v5, v6, v7, and 3 more."),
        ("zzz", [], ""),
        ("", ["a"], "Use one of: a."),
        ("x" * 1_000_000, ["a"], "Use one of: a."),
    ],
)
def test_did_you_mean(word: str, choices: list[str], expected: str) -> None:
    assert did_you_mean(word, choices) == expected


def test_nearest_gives_the_choice_as_it_is_spelt() -> None:
    assert nearest("pyhton3.13", ["nodejs24.x", "Python3.13"]) == "Python3.13"
    assert nearest("cobol", ["nodejs24.x", "Python3.13"]) is None


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("a: NO", 4, "a: NO\n   ^"),
        ("a:", 3, "a:\n  ^"),
        ("", 1, "\n^"),
        ("abc", 0, "abc\n^"),
        ("\ta: NO", 5, "\\ta: NO\n     ^"),
        ("日本: NO", 5, "日本: NO\n      ^"),
        ("e\u0301: NO", 5, "e\u0301: NO\n   ^"),
        ("x\x1b[2Jy", 6, "x\\x1b[2Jy\n        ^"),
        ("x\u202ey", 2, "x\\u202ey\n ^"),
        ("a" * 500, 250, "…" + "a" * 100 + "…\n" + " " * 51 + "^"),
        ("a" * 100 + "b" * 10, 3, "a" * 100 + "…\n  ^"),
        ("a" * 100 + "b", 101, "…" + "a" * 50 + "b\n" + " " * 51 + "^"),
    ],
)
def test_excerpt(line: str, column: int, expected: str) -> None:
    assert excerpt(line, column) == expected


def test_source_places() -> None:
    source = Source(file="f", text="ab\r\ncd\x0be\n")
    assert source.position_of(5) == Position(line=2, column=2)
    assert source.excerpt(Position(line=1, column=2)) == "ab\n ^"
    assert source.excerpt(Position(line=2, column=4)) == "cd\\x0be\n      ^"
    assert source.excerpt(Position(line=0, column=0)) == ""
    assert source.excerpt(Position(line=4, column=1)) == ""
    assert list(source.unprintable()) == [6]
    found = source.finding_at(Position(line=2, column=1), "drift", "m", fix="x")
    assert found == Finding(code="drift", message="m", fix="x", file="f", line=2, column=1, excerpt="cd\\x0be\n^")


@settings(deadline=None)
@given(st.text())
def test_what_is_visible_is_one_line_without_controls(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text) == text or not text.isprintable()


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(-1, 400))
def test_an_excerpt_is_always_two_short_lines(line: str, column: int) -> None:
    shown, caret = excerpt(line, column).split("\n")
    assert shown.isprintable()
    assert caret.strip() == "^"
    assert len(shown) <= 102 * len("\\U0010ffff")


def test_exit_codes() -> None:
    assert [int(code) for code in errors.ExitCode] == [0, 1, 2, 3]
    raised: dict[type[errors.ScaffoldError], int] = {
        errors.ScaffoldError: 3,
        errors.InvalidInputError: 2,
        errors.CannotDecideError: 3,
        errors.RefusedError: 1,
    }
    assert {kind: kind.exit_code for kind in raised} == raised
    refused = errors.RefusedError(["b", "a"])
    assert refused.paths == ("a", "b")
    assert str(refused) == "these files have changes that would be lost: a, b"
