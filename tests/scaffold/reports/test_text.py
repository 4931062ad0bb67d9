"""Reports, byte for byte."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.documents.document import parse
from scaffold.errors import InvalidInputError
from scaffold.findings.finding import Finding, Severity
from scaffold.reports.formats import FORMATS, render

WARNING = Finding(
    code="deprecated-runtime", message="python3.9 is going", file="b.yaml", line=3, severity=Severity.WARNING
)
FINDINGS = [
    WARNING,
    *parse("name: ñ\npushed: NO\n1: x\n".encode(), file="a.yaml").findings,
    *parse(b"", file="c").findings,
]

TEXT = """\
a.yaml:2:9: ambiguous-value YAML 1.1 reads NO as false, YAML 1.2 as a string
    pushed: NO
            ^
  fix: Quote it: "NO".
a.yaml:3:1: non-string-key the key 1 is not a string in every version of YAML
    1: x
    ^
  fix: Quote it: "1".
b.yaml:3: deprecated-runtime warning: python3.9 is going
c: empty-document the file is empty
  fix: Write lines of the form key: value.
3 errors, 1 warning
"""

JSON = """\
{
  "version": 1,
  "findings": [
    {
      "code": "ambiguous-value",
      "severity": "error",
      "message": "YAML 1.1 reads NO as false, YAML 1.2 as a string",
      "fix": "Quote it: \\"NO\\".",
      "file": "a.yaml",
      "line": 2,
      "column": 9,
      "waiver": null,
      "edits": [
        {
          "path": [
            "pushed"
          ],
          "value": "NO"
        }
      ]
    },
    {
      "code": "deprecated-runtime",
      "severity": "warning",
      "message": "python3.9 is going",
      "fix": "",
      "file": "b.yaml",
      "line": 3,
      "column": 0,
      "waiver": null,
      "edits": []
    }
  ],
  "projects": [],
  "summary": {
    "errors": 1,
    "warnings": 1,
    "notes": 0,
    "waived": 0,
    "projects": 0,
    "clean": 0
  }
}
"""


def test_text() -> None:
    assert render(FINDINGS, format="text") == TEXT


def test_colours_change_nothing_but_the_codes() -> None:
    said = render(FINDINGS, format="text", colour=True)
    assert said != TEXT
    assert re.sub(r"\x1b\[[0-9]*m", "", said) == TEXT
    assert render(FINDINGS, format="json", colour=True) == render(FINDINGS, format="json")


def test_json() -> None:
    assert render(FINDINGS[:2], format="json") == JSON


@pytest.mark.parametrize("kind", FORMATS)
def test_the_order_given_does_not_matter(kind: str) -> None:
    assert render(reversed(FINDINGS), format=kind) == render(FINDINGS, format=kind)


def test_counts() -> None:
    assert render([], format="text") == "No problems found.\n"
    assert render([WARNING], format="text").endswith("\n1 warning\n")
    assert render([WARNING, WARNING], format="text").endswith("\n2 warnings\n")
    assert render(FINDINGS[1:2], format="text").endswith("\n1 error\n")
    assert json.loads(render([], format="json")) == {
        "version": 1,
        "findings": [],
        "projects": [],
        "summary": {"errors": 0, "warnings": 0, "notes": 0, "waived": 0, "projects": 0, "clean": 0},
    }


def test_a_project_with_nothing_but_notes_is_clean() -> None:
    note = replace(WARNING, severity=Severity.NOTE)
    assert render([note], format="text").endswith("\nNo problems found (1 note).\n")
    assert render([note, WARNING], format="text").endswith("\n1 warning, 1 note\n")
    projects = {"a": [note], "b": [], "c": [WARNING]}
    assert render([note, WARNING], format="text", projects=projects).endswith(
        "\n3 projects: 2 clean, 1 with findings (1 warning, 1 note)\n"
    )
    found = json.loads(render([note, WARNING], format="json", projects=projects))
    assert (found["summary"]["clean"], [row["project"] for row in found["projects"]]) == (2, ["c"])
    assert f"::notice file={note.file}" in render([note], format="github")
    assert json.loads(render([note], format="sarif"))["runs"][0]["results"][0]["level"] == "note"
    assert "<failure" not in render([note], format="junit")


def test_an_unknown_format() -> None:
    with pytest.raises(InvalidInputError, match=r'unknown format "jsn"\. Did you mean "json"\?'):
        render([], format="jsn")


HOSTILE = st.text(st.sampled_from("a\n\r\x1b\x9b\u2028\u202e\0\ud800 \\"), max_size=8)


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_value_starts_a_line_or_moves_a_cursor(file: str, message: str, fix: str, excerpt: str) -> None:
    finding = Finding(code="drift", message=message, fix=fix, file=file, line=1, column=1, excerpt=excerpt)
    lines = render([finding], format="text").removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 2 + bool(fix) + (excerpt.count("\n") + 1 if excerpt else 0)
    assert all(line.startswith("  ") for line in lines[1:-1])
    written = render([finding], format="json")
    assert all(line.isprintable() for line in written.split("\n"))
    assert json.loads(written)["findings"][0]["message"] == message


@pytest.mark.parametrize(
    ("excerpt", "shown"),
    [
        ("::set-output name=status::0\n^", r"    \x3a:set-output name=status::0"),
        ("  ::add-mask::x\n  ^", r"      \x3a:add-mask::x"),
        ("a: '##[error]b'\n^", r"    a: '#\x23[error]b'"),
        ("a::b # c\n^", "    a::b # c"),
    ],
)
def test_no_line_of_a_stranger_is_a_command_to_githubs_runner(excerpt: str, shown: str) -> None:
    finding = Finding(code="drift", message="m", file="::x", line=1, column=1, excerpt=excerpt)
    lines = render([finding], format="text").split("\n")
    assert lines[0] == r"\x3a:x:1:1: drift m"
    assert lines[1] == shown


def test_text_shows_so_many_findings_and_counts_the_others() -> None:
    notes = [replace(WARNING, file=f"a{number:03}", severity=Severity.NOTE) for number in range(150)]
    errors = [replace(WARNING, file=f"b{number:03}", severity=Severity.ERROR) for number in range(30)]
    lines = render([*notes, *errors], format="text").splitlines()
    assert [line[0] for line in lines[:-2]] == ["a"] * 70 + ["b"] * 30
    assert lines[-2:] == [
        "80 more findings are not shown, 0 of them errors: `scaffold check --format json` has all.",
        "30 errors, 150 notes",
    ]
    lines = render(errors * 4, format="text").splitlines()
    assert lines[-2].startswith("20 more findings are not shown, 20 of them errors")
    assert len(render(errors * 3 + notes[:10], format="text").splitlines()) == 101
    assert len(json.loads(render(errors * 4, format="json"))["findings"]) == 120
