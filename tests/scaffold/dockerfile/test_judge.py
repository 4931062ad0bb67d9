"""What a Dockerfile stands on, against standards: each rule with what it accepts and what it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scaffold.dockerfile.grammar import parse
from scaffold.dockerfile.judge import findings
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load
from scaffold.standards.model import Standards
from scaffold.standards.references import exact_references

X86, ARM, OLD, EXT = (f"sha256:{number:064x}" for number in range(1, 5))
PYTHON = f"registry.example/python:3.13@{X86}"
EXTENSION = f"registry.example/insights:1@{EXT}"
TEXT = f"""\
version: 1
organisation: acme
mirrors: {{registry.example: mirror.example/cache}}
bases:
  python3.13:
    image: registry.example/python
    tag: "3.13"
    digests: {{x86_64: "{X86}", arm64: "{ARM}"}}
    supported_until: "2026-11-24"
    ROW
  by-tag: {{image: registry.example/by-tag, tag: "1", ROW}}
  hub: {{image: docker.io/library/slim, tag: "1", ROW}}
  old: {{image: registry.example/python, tag: "3.9", digests: {{x86_64: "{OLD}"}}, ENDED, ROW}}
  lost: {{image: registry.example/lost, tag: "1", tier: withdrawn, ROW}}
extensions:
  insights: {{image: registry.example/insights, tag: "1", digests: {{x86_64: "{EXT}"}}}}
rules:
  inline_base: refused
"""


def standards(folder: Path, *changes: tuple[str, str]) -> Standards:
    row = "system: al2023, runtime_client: included, runtimes: [python3.13]"
    text = TEXT.replace("    ROW\n", "".join(f"    {part}\n" for part in row.split(", "))).replace("ROW", row)
    text = text.replace("ENDED", "tier: withdrawn, replaced_by: python3.13")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "standards.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, Engine())


def judged(text: str, rules: Standards, today: date = date(2026, 11, 24)) -> list[tuple[str, int, int, str]]:
    found = findings(parse(text.encode(), file="Dockerfile"), rules, today)
    return [(row.code, row.line, row.column, row.fix) for row in found]


@pytest.mark.parametrize(
    "text",
    [
        f"FROM {PYTHON}",
        f"FROM registry.example/python@{X86}",
        f"FROM registry.example/python:3.13@{ARM}",
        f"FROM mirror.example/cache/python:3.13@{X86}",
        f"FROM mirror.example/cache/python@{ARM}",
        f"FROM --platform=linux/amd64 {PYTHON}",
        "FROM --platform=linux/arm64 registry.example/by-tag:1",
        "FROM registry.example/by-tag:1",
        "FROM mirror.example/cache/by-tag:1",
        "FROM docker.io/library/slim:1",
        f"FROM {PYTHON}\nCOPY --from={EXTENSION} /opt /opt",
        f"FROM {PYTHON}\nRUN --mount=from={EXTENSION},target=/m x",
        f"FROM {EXTENSION} AS extension\nFROM {PYTHON}\nCOPY --from=extension /opt /opt",
        f"FROM {PYTHON} AS a\nFROM a AS b\nFROM b",
        f"FROM {PYTHON} AS a\nFROM scratch AS b\nCOPY --from=a /c /c\nCOPY --from=a /d /d\nFROM a\nCOPY --from=b / /",
    ],
)
def test_accepted(text: str, tmp_path: Path) -> None:
    assert judged(text, standards(tmp_path)) == []


PULLED, PULLED_EXTENSION = (name.replace("registry.example", "mirror.example/cache") for name in (PYTHON, EXTENSION))
WRITE = f"Write {PULLED}."
INDEX = "If it is that of the tag's index, `scaffold standards pin` approves it too."
REFUSED = {
    "FROM evil.example/thing:1": ("uncatalogued-base", 1, 6, f"Write {PULLED}, or another base in the standards."),
    "FROM registry.example/pyton:3.13": (
        "uncatalogued-base", 1, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    "FROM registry.example/by-tag:2": (
        "uncatalogued-base", 1, 6, "Write mirror.example/cache/by-tag:1, or another base in the standards.",
    ),
    "FROM scratch": ("uncatalogued-base", 1, 6, f"Write {PULLED}, or another base in the standards."),
    "FROM later AS a\nFROM registry.example/by-tag:1 AS later": (
        "uncatalogued-base", 1, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON}\nCOPY --from=registry.example/insight:1 /a /b": (
        "uncatalogued-source", 2, 13, f"Write {PULLED_EXTENSION}, or another image in the standards.",
    ),
    f"FROM {PYTHON} AS a\nCOPY --from=a /a /b": (
        "uncatalogued-source", 2, 13, f"Write {PULLED}, or another image in the standards.",
    ),
    f"FROM {PYTHON}\nRUN --mount=from=evil.example/x,target=/m y": (
        "uncatalogued-source", 2, 18, f"Write {PULLED}, or another image in the standards.",
    ),
    f"FROM {PYTHON}\nCOPY --from=scratch /a /b": (
        "uncatalogued-source", 2, 13, f"Write {PULLED}, or another image in the standards.",
    ),
    "FROM registry.example/python:3.13": ("unpinned-base", 1, 6, WRITE),
    f"FROM registry.example/python:3.12@{X86}": ("wrong-tag", 1, 6, f"Write {PYTHON}."),
    f"FROM mirror.example/cache/python:3.12@{X86}": (
        "wrong-tag", 1, 6, f"Write mirror.example/cache/python:3.13@{X86}.",
    ),
    f"FROM registry.example/python:3.13@{EXT}": (
        "uncatalogued-digest", 1, 6, f"Write {PULLED}, or another base in the standards. {INDEX}",
    ),
    f"FROM registry.example/python:3.13@{X86[:-1]}": (
        "uncatalogued-digest", 1, 6, f"Write {PULLED}, or another base in the standards. {INDEX}",
    ),
    f"FROM registry.example/by-tag:1@{X86}": (
        "uncatalogued-digest", 1, 6, "Write mirror.example/cache/by-tag:1, or another base in the standards.",
    ),
    f"FROM Registry.example/python:3.13@{X86}": ("unnormalised-name", 1, 6, WRITE),
    f"FROM registry.example:443/python:3.13@{X86}": ("unnormalised-name", 1, 6, WRITE),
    f"FROM registry.example./python:3.13@{X86}": ("unnormalised-name", 1, 6, WRITE),
    "FROM slim:1": ("unnormalised-name", 1, 6, "Write docker.io/library/slim:1."),
    "FROM library/slim:1": ("unnormalised-name", 1, 6, "Write docker.io/library/slim:1."),
    "FROM docker.io/slim:1": ("unnormalised-name", 1, 6, "Write docker.io/library/slim:1."),
    "FROM index.docker.io/library/slim:1": ("unnormalised-name", 1, 6, "Write docker.io/library/slim:1."),
    f"FROM registry.example/python:3.9@{OLD}": ("withdrawn-base", 1, 6, WRITE),
    "FROM registry.example/lost:1": (
        "withdrawn-base", 1, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM registry.example/python:3.9@{OLD} AS b\nFROM a": ("withdrawn-base", 2, 6, WRITE),
    f"FROM --platform=linux/arm64 {PYTHON}": (
        "unfit-platform", 1, 29, f"Write mirror.example/cache/python:3.13@{ARM}.",
    ),
    f"FROM --platform=linux/arm64 {EXTENSION} AS a\nFROM {PYTHON}": ("unfit-platform", 1, 29, "Remove --platform."),
    f"FROM {EXTENSION}": ("no-base", 1, 1, f"Write {PULLED}, or another base in the standards."),
    f"FROM {PYTHON} AS a\nFROM {EXTENSION} AS b\nFROM b": (
        "no-base", 3, 1, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM scratch AS b\nCOPY --from=a /c /c\nFROM b": (
        "no-base", 4, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM scratch AS b\nCOPY c /c\nFROM a": (
        "uncatalogued-base", 2, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM scratch AS b\nCOPY --from={EXTENSION} /c /c\nFROM a": (
        "uncatalogued-base", 2, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM scratch AS b\nFROM a": (
        "uncatalogued-base", 2, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS a\nFROM scratch\nCOPY --from=a /c /c": (
        "uncatalogued-base", 2, 6, f"Write {PULLED}, or another base in the standards.",
    ),
    f"FROM {PYTHON} AS python3.13": ("ambiguous-stage", 1, 1, "Give the stage another name."),
    f"FROM {PYTHON} AS insights": ("ambiguous-stage", 1, 1, "Give the stage another name."),
    f"FROM {PYTHON} AS slim": ("ambiguous-stage", 1, 1, "Give the stage another name."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "finding"), REFUSED.items(), ids=list(REFUSED))
def test_refused(text: str, finding: tuple[str, int, int, str], tmp_path: Path) -> None:
    assert judged(text, standards(tmp_path)) == [finding]


def test_a_base_ends_with_its_last_day(tmp_path: Path) -> None:
    rules = standards(tmp_path)
    assert judged(f"FROM {PYTHON}", rules, date(2026, 11, 24)) == []
    [(code, _, _, fix)] = judged(f"FROM {PYTHON}", rules, date(2026, 11, 25))
    assert code == "expired-base"
    assert fix == "Write mirror.example/cache/by-tag:1, or another base in the standards."


def test_standards_without_any_base_left(tmp_path: Path) -> None:
    rules = standards(tmp_path, ('tag: "1", system', 'tag: "1", tier: withdrawn, system'))
    [(code, _, _, fix)] = judged(f"FROM {PYTHON}", rules, date(2027, 1, 1))
    assert (code, fix) == ("expired-base", "Ask the owner of the standards: they have no usable base.")


def test_a_demanded_digest_that_the_standards_lack(tmp_path: Path) -> None:
    rules = standards(tmp_path, ("inline_base: refused", "inline_base: refused\n  base_digest: required"))
    [(code, _, _, fix)] = judged("FROM registry.example/by-tag:1", rules)
    assert (code, fix) == ("unpinned-base", "Ask the owner of the standards to run `scaffold standards pin`.")
    assert judged(f"FROM {PYTHON}", rules) == []


def test_two_names_for_one_image_of_which_one_is_withdrawn(tmp_path: Path) -> None:
    """What a row says may be used, may be used."""
    rules = standards(
        tmp_path, (f'tag: "3.9", digests: {{x86_64: "{OLD}"}}', f'tag: "3.13", digests: {{x86_64: "{X86}"}}')
    )
    assert judged(f"FROM {PYTHON}", rules) == []


def test_what_is_not_understood_does_not_hide_the_rest(tmp_path: Path) -> None:
    text = "FROM $A AS a\nFROM evil.example/x AS b\nFROM a\n"
    assert [code for code, *_ in judged(text, standards(tmp_path))] == ["not-understood", "uncatalogued-base"]


def test_no_more_is_told_than_can_be_read(tmp_path: Path) -> None:
    assert len(judged("FROM evil.example/x\n" * 5000, standards(tmp_path))) == 100


def test_exact_references(tmp_path: Path) -> None:
    """Two registries; with two digests each two spellings, by tag one; the extension as well."""
    assert len(exact_references(standards(tmp_path))) == 8 + 2 + 1 + 4 + 2 + 4
