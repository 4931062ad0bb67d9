"""What a spec file may not say, where it is told so, and that what it may say means one thing only."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.documents.document import Document, parse
from scaffold.documents.scalars import Json
from scaffold.findings.source import Position

SPEC = """\
# yaml-language-server: $schema=lambda-image.schema.json
version: 1
name: image-search
description: Finds "similar" product images, é 日本.
runtime: python3.13
ratio: 3.10
nothing:
functions:
  - {name: search, handler: search.main.handler, event: api-gateway-http}
  - name: refresh
    lambda: {timeout: 300, warm: true}
code:
- {from: src, to: ., exclude: ["**/tests/**", 'a''b']}
downloads: [{from: "https://example.org/tool-{arch}.tar.xz", version: 7.0.2}]
hooks:
  after_dependencies:
    - name: punkt
      run: |
        python -m nltk.downloader \\
          -d /opt/nltk punkt
    - {name: b, run: "echo \\"x\\\\y\\" \\n"}
prose: >-
  folded
  text
"""


def places(found: Document) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.column) for f in found.findings]


def same(left: object, right: object) -> bool:
    """Equal, and of the same types all the way down: 1, 1.0 and True are three things."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


AMBIGUOUS = [
    *("NO", "no", "No", "on", "On", "ON", "off", "yes", "Yes", "y", "Y", "n", "N", "=", "<<"),
    *("0755", "-0755", "0o755", "08", "1_000", "1_0.5", "0b11", "-0x1F", "0x_1", "1e3", "1E3", "-1e3", "1e+3", "1.5e3"),
    *("+.5", "-.5", "22:22", "12:34:56", "-1:30", "1:30.5", "2024-01-01", "2024-13-01", "2024-01-01T10:00:00Z"),
]
NOT_STRINGS = [*(text for text in AMBIGUOUS if text != "<<"), "1", "1.5", "0x1F", "true", "null", "~"]
NOT_FINITE = [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1.0e+400"]
HIDDEN = [
    *(
        "\0",
        "\x07",
        "\x1b",
        "\x7f",
        "\x85",
        "\x9b",
        "\xa0",
        "\xad",
        "\r",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u202e",
        "\u2028",
    ),
    *("\u2029", "\u2066", "\ufeff", "\ue000", "\ufffe", "\U000e0001", "\U000e0fff"),
]
ESCAPES = [
    *(r"\0", r"\a", r"\e", r"\N", r"\L", r"\P", r"\_", r"\t", r"\r"),
    *(r"\x00", r"\u202e", r"\ud800", r"\uFEFF", r"\U000E0001"),
]
WIDE = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]

Row = tuple[str | bytes, list[tuple[str, int, int]]]
REFUSED: dict[str, Row] = {
    **{f"ambiguous {text}": (f"x: 1\na:  {text}\n", [("ambiguous-value", 2, 5)]) for text in AMBIGUOUS},
    **{f"ambiguous in flow {text}": (f"a: [b, {text}]", [("ambiguous-value", 1, 8)]) for text in AMBIGUOUS},
    **{f"key {text}": (f"x: 1\n{text}: a\n", [("non-string-key", 2, 1)]) for text in NOT_STRINGS},
    **{f"not finite {text}": (f"a:\n  b: {text}\n", [("not-finite", 2, 6)]) for text in NOT_FINITE},
    **{f"hidden {c!a}": (f"a: 1\nb: x{c}y\n", [("forbidden-character", 2, 5)]) for c in HIDDEN},
    **{f"hidden in comment {c!a}": (f"a: 1 # é{c}y\n", [("forbidden-character", 1, 9)]) for c in HIDDEN},
    **{f"hidden in key {c!a}": (f"日{c}: 1\n", [("forbidden-character", 1, 2)]) for c in HIDDEN},
    **{f"escape {e}": (f'a: 1\nb: "é\\\\{e}y"\n', [("forbidden-character", 2, 8)]) for e in ESCAPES},
    "escape in key": ('"x\\0": 1', [("forbidden-character", 1, 3)]),
    "escape on a later line": ('a: "x\n  y\\0"\n', [("forbidden-character", 2, 4)]),
    "escape beyond Unicode": ('a: "\\U00110000"\n', [("yaml-syntax", 1, 7)]),
    "surrogate pair": (r'a: "\ud83d\ude00"', [("forbidden-character", 1, 5), ("forbidden-character", 1, 11)]),
    "tab in plain": ("a: x\ty\n", [("yaml-syntax", 1, 5)]),
    "tab in quotes": ("a: 'x\ty'\n", [("forbidden-character", 1, 6)]),
    "tab in block": ("a: |\n  x\\\ty\n", [("forbidden-character", 2, 5)]),
    "tab as indentation": ("a:\n\tb: 1\n", [("yaml-syntax", 2, 1)]),
    "2^53 + 1": ("a: 9007199254740993\n", [("number-too-large", 1, 4)]),
    "-2^53 - 1": ("a: -9007199254740993\n", [("number-too-large", 1, 4)]),
    "hexadecimal": ("a: 0xFFFFFFFFFFFFFFFFFF\n", [("number-too-large", 1, 4)]),
    "5,000 digits": ("a: " + "9" * 5000, [("number-too-large", 1, 4)]),
    "5,000 octal digits": ("a: 0o" + "7" * 5000, [("ambiguous-value", 1, 4)]),
    "5,000 parts in base 60": ("a: 1" + ":59" * 5000, [("ambiguous-value", 1, 4)]),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)]),
    "duplicate nested key": ("x:\n  - {a: 1, a: 2}\n", [("duplicate-key", 2, 12)]),
    "key 1 twice": ('1: a\n"1": b\n', [("non-string-key", 1, 1), ("duplicate-key", 2, 1)]),
    "empty key": ("?\n: a\n", [("non-string-key", 1, 2)]),
    "complex keys": ("? [a, {b: c}]\n: 1\n{d: 2}: 3\n", [("complex-key", 1, 3), ("complex-key", 3, 1)]),
    "merge key": ("a: &x {b: 1}\nc:\n  <<: *x\n", [("yaml-anchor", 1, 4), ("merge-key", 3, 3), ("yaml-alias", 3, 7)]),
    "alias as key": ("a: &x b\n*x : 1\n", [("yaml-anchor", 1, 4), ("yaml-alias", 2, 1)]),
    "recursive alias": ("a: &x [*x]\n", [("yaml-anchor", 1, 4), ("yaml-alias", 1, 8)]),
    "undefined alias": ("a: *nobody\n", [("yaml-alias", 1, 4)]),
    "alias bomb": ("a: &a [b]\nc: [*a,*a]\n", [("yaml-anchor", 1, 4), ("yaml-alias", 2, 5), ("yaml-alias", 2, 8)]),
    "!!binary": ("a: !!binary aGk=\n", [("yaml-tag", 1, 4)]),
    "!!set": ("a: !!set {b, c}\n", [("yaml-tag", 1, 4)]),
    "!!str": ("a: !!str 1\n!!str b: 1\n", [("yaml-tag", 1, 4), ("yaml-tag", 2, 1)]),
    "!own": ("a: !x y\nb: ! 12\n", [("yaml-tag", 1, 4), ("yaml-tag", 2, 4)]),
    "CloudFormation": ("a: !Ref X\nb: !Join [x]\n", [("yaml-tag", 1, 4), ("yaml-tag", 2, 4)]),
    "anchor and tag": ("a: &x !!str y\n", [("yaml-anchor", 1, 4), ("yaml-tag", 1, 7)]),
    "several documents": ("a: 1\n---\nb: 2\n", [("several-documents", 2, 1)]),
    "directive below an empty line": ("\n%YAML 1.1\n---\na: 1\n", [("yaml-directive", 2, 1)]),
    "a tag's directive below a blank": (" \n%TAG ! !a\n---\na: 1\n", [("yaml-directive", 2, 1)]),
    "directive": ("# c\n%YAML 1.1\n---\na: NO\n", [("yaml-directive", 2, 1), ("ambiguous-value", 4, 4)]),
    "nothing": ("", [("empty-document", 0, 0)]),
    "only a comment": ("# nothing\n\n", [("empty-document", 0, 0)]),
    "a list": ("\n- a\n", [("not-a-mapping", 2, 1)]),
    "a word": ("hello", [("not-a-mapping", 1, 1)]),
    "null": ("---\n~\n", [("not-a-mapping", 2, 1)]),
    "21 levels": ("a: " + "[" * 20 + "]" * 20, [("too-deep", 1, 23)]),
    "500 brackets": ("a: " + "[" * 500, [("too-deep", 1, 23)]),
    "10,001 nodes": ("a: [" + "b," * 9_998 + "]", [("too-many-nodes", 1, 5 + 2 * 9_997)]),
    "many problems": (
        "a:\n" + "- NO\n" * 200,
        [*(("ambiguous-value", line, 3) for line in range(2, 102)), ("too-many-problems", 101, 3)],
    ),
    "256 KiB and a byte": (b"a: " + b"b" * 262_142, [("too-large", 0, 0)]),
    "byte order mark": (b"\xef\xbb\xbfa: NO\n", [("byte-order-mark", 1, 1), ("ambiguous-value", 1, 4)]),
    "Latin-1": (b"a: 1\nb: \xe9\n", [("not-utf-8", 2, 4)]),
    "encoded surrogate": (b"a: \xc3\xa9\xed\xa0\x80", [("not-utf-8", 1, 5)]),
    **{name: ("a: 1\n".encode(name), [("not-utf-8", 0, 0)]) for name in WIDE},
    "only PyYAML: ! alone": ("a: ! 12\n", [("yaml-tag", 1, 4)]),
    "only PyYAML: ? in flow": ("a: [b?c]\n", [("yaml-syntax", 1, 6)]),
    "only PyYAML: |#": ("a: |# c\n  x\n", [("yaml-syntax", 1, 5)]),
    "only PyYAML: tab": ("a:\tb\n", [("yaml-syntax", 1, 3)]),
    "open quote": ('a: "b\nc: d\n', [("yaml-syntax", 1, 4)]),
    "open brace": ("a: {b: 1\nc: d\n", [("yaml-syntax", 1, 4)]),
    "no colon": ("a: b\nc d\n\n", [("yaml-syntax", 2, 1)]),
    "no colon before others": ("a: b\nc\n\ne: f\n", [("yaml-syntax", 2, 1)]),
    "no colon on the first line": ("a b\nc: d\n", [("yaml-syntax", 1, 1)]),
    "no colon below": ("a:\n  b 1\n  c: d\n", [("yaml-syntax", 2, 3)]),
    "no comma": ("a: {\n  b: 1\n  c: 2\n}\n", [("yaml-syntax", 3, 4)]),
    "mapping in a value": ("a: b: c\n", [("yaml-syntax", 1, 5)]),
    "all at once": (
        "a: NO\nb: &x 1\nb: 22:22\nc: [\n",
        [
            *(("ambiguous-value", 1, 4), ("yaml-anchor", 2, 4), ("duplicate-key", 3, 1)),
            *(("ambiguous-value", 3, 4), ("yaml-syntax", 5, 1)),
        ],
    ),
}


def test_what_is_just_within_the_limits() -> None:
    for text in ("a: " + "[" * 19 + "]" * 19, "a: [" + "b," * 9_997 + "]", "a: " + "b" * 262_141):
        assert parse(text.encode(), file="f").findings == ()


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("libyaml", [True, False])
def test_refused(name: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    text, expected = REFUSED[name]
    found = parse(text if isinstance(text, bytes) else text.encode(), file="f.yaml")
    assert sorted(places(found)) == sorted(expected)
    assert all(f.file == "f.yaml" and f.message and f.fix for f in found.findings)
    assert all(bool(f.excerpt) == (f.line > 0) for f in found.findings)


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("22:22", "YAML 1.1 reads 22:22 as 1342, YAML 1.2 as a string", 'Quote it: "22:22".'),
        ("NO", "YAML 1.1 reads NO as false, YAML 1.2 as a string", 'Quote it: "NO".'),
        ("n", "YAML 1.1 reads n as false, YAML 1.2 as a string", 'Quote it: "n".'),
        ("0755", "YAML 1.1 reads 0755 as 493, YAML 1.2 as 755", 'Quote it: "0755".'),
        ("0o755", "YAML 1.1 reads 0o755 as a string, YAML 1.2 as 493", 'Quote it: "0o755".'),
        ("1e3", "YAML 1.1 reads 1e3 as a string, YAML 1.2 as 1000", 'Quote it: "1e3".'),
        (
            "2024-01-01",
            "YAML 1.1 reads 2024-01-01 as the date 2024-01-01, YAML 1.2 as a string",
            'Quote it: "2024-01-01".',
        ),
        ("2024-13-01", "YAML 1.1 reads 2024-13-01 as an error, YAML 1.2 as a string", 'Quote it: "2024-13-01".'),
    ],
)
def test_both_readings_are_told(text: str, message: str, fix: str) -> None:
    found = parse(f"a: {text}\n".encode(), file="f")
    assert [(f.message, f.fix) for f in found.findings] == [(message, fix)]
    assert found.value == {"a": text}


ACCEPTED: dict[str, Json] = {
    "3.10": 3.1,
    "1.": 1.0,
    ".5": 0.5,
    "1.5e+3": 1500.0,
    "+12": 12,
    "-0": 0,
    "0": 0,
    "007": 7,
    "0x1F": 31,
    "9007199254740992": 2**53,
    "true": True,
    "False": False,
    "~": None,
    "null": None,
    "": None,
    "'NO'": "NO",
    **{text: text for text in ("1.0.0", "10.0.0.1", "python3.13", "a:b", "o", "nO", "2024-1-1", ".", "99:99", "a<<")},
    '"22:22"': "22:22",
    "x\n  y": "x y",
    "1 # c\td": 1,
    '"\\U0001F600"': "😀",
    "|\n  x\n\n  y\n": "x\n\ny\n",
    "http://x/?a=b&c": "http://x/?a=b&c",
    '"a\\\n  b"': "ab",
    ">-\n  x\n  y\n": "x y",
    "- ": [None],
}


@pytest.mark.parametrize("written", ACCEPTED)
def test_accepted(written: str) -> None:
    text = f"a:\n {written}"
    found = parse(text.encode(), file="f")
    assert found.findings == ()
    assert same(found.value, {"a": ACCEPTED[written]})
    assert same(found.value, yaml.safe_load(text))


def test_line_ends_of_windows() -> None:
    found = parse(SPEC.replace("\n", "\r\n").encode(), file="f")
    assert found.findings == ()
    assert (found.value, found.positions) == ((plain := parse(SPEC.encode(), file="f")).value, plain.positions)


def test_positions_keys_and_sources() -> None:
    found = parse(SPEC.encode(), file="f.yaml")
    assert found.findings == ()
    assert found.position(("functions", 0, "handler")) == Position(line=9, column=29)
    assert found.position(("functions", 0, "handler"), key=True) == Position(line=9, column=20)
    assert found.position(("functions", 1, "lambda", "memory", 3)) == Position(line=11, column=13)
    assert found.position(("functions", 1, "lambda", "memory"), key=True) == Position(line=11, column=5)
    assert found.position(("code", 0), key=True) == Position(line=13, column=3)
    assert found.position(("nothing",)) == Position(line=7, column=1)
    assert found.position(("absent",)) == Position(line=2, column=1)
    assert found.sources[("ratio",)] == "3.10"
    assert found.sources[("nothing",)] == ""
    assert ("prose",) not in found.sources
    assert found.finding("invalid-value", "m", path=("ratio",), fix="y").excerpt == "ratio: 3.10\n       ^"
    assert parse(b"", file="f").position(("a",)) == Position(line=0, column=0)


def test_more_can_be_found_where_the_fix_leaves_no_doubt() -> None:
    assert parse(b"a: NO\n1: b\n", file="f").value == {"a": "NO", "1": "b"}
    assert parse(b"a: 1\na: 2\n", file="f").value == {"a": 1}
    assert parse(b"a: *x\n", file="f").value is None
    assert parse(b"a: [\n", file="f").value is None
    assert parse("a: x\u202ey\n".encode(), file="f").value is None


def test_it_is_never_slow() -> None:
    started = time.perf_counter()
    for unit in (b"[", b"- ", b"a\r\n", b"a? ", b"\\\n", b"#!\n", b"1:", b"\0", b"{a: ", b"&a ", b"- a?\n"):
        assert parse((b"a: " + unit * 262_144)[: 256 * 1024], file="f").file == "f"
    assert time.perf_counter() - started < 60


PATIENT = settings(deadline=None)  # what is slow is tested above, once, not by the busiest moment of a machine
TOKENS = st.sampled_from(
    [
        *(
            "a",
            "b: ",
            ": ",
            ":",
            "- ",
            "-",
            "? ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            ",",
            "\n",
            "\n  ",
            "\n- ",
            "  ",
            "#",
            " # c",
        ),
        *(
            "'",
            '"',
            "|",
            ">-",
            "*",
            "&a",
            "!",
            "!!str ",
            "%",
            "@",
            "<<",
            "=",
            "---",
            "\n...\n",
            "%YAML 1.1\n",
            "é",
            "日",
        ),
        *(
            "\\n",
            "\\x41",
            "\\0",
            "\\ud800",
            "\\\n",
            "\\U00110000",
            "\r\n",
            "\r",
            "\t",
            "\0",
            "\xa0",
            "\ufeff",
            "\u202e",
        ),
        *("NO", "0755", "1_0", "22:22", "2024-13-01", "3.10", ".5", "1e3", "0o7", "0x1F", "~", "http://x/?a=b"),
    ]
)
NUMBER_LIKE = st.text("0123456789.:-+_eExobnyNOT ", min_size=1, max_size=8)
EDITS = st.lists(st.tuples(st.integers(0, len(SPEC)), st.integers(0, 3), TOKENS), min_size=1, max_size=3)


@st.composite
def edited(draw: st.DrawFn) -> str:
    text = SPEC
    for at, length, token in draw(EDITS):
        text = text[:at] + token + text[at + length :]
    return text


TEXTS = st.one_of(
    edited(),
    st.lists(TOKENS, max_size=9).map("".join),
    NUMBER_LIKE.map("a: {}".format),
    NUMBER_LIKE.map("a: [{0}, {0}]".format),
    NUMBER_LIKE.map("{}: a".format),
)
BYTES = st.one_of(st.binary(max_size=60), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))


@PATIENT
@given(BYTES)
def test_any_bytes_give_findings_inside_the_text(data: bytes) -> None:
    found = parse(data, file="f")
    lines = found.text.split("\n")
    for f in found.findings:
        assert (f.line == 0 and f.column == 0) or 1 <= f.column <= len(lines[f.line - 1]) + 1
        assert f.excerpt == ("" if f.line == 0 else found.excerpt(Position(line=f.line, column=f.column)))
    assert found.findings or isinstance(found.value, dict)


@PATIENT
@given(BYTES)
def test_what_is_accepted_is_what_pyyaml_reads(data: bytes) -> None:
    found = parse(data, file="f")
    if not found.findings:
        assert same(found.value, yaml.safe_load(data))


@PATIENT
@given(TEXTS)
def test_libyaml_and_pyyaml_give_the_same_document(text: str) -> None:
    found = parse(text.encode(), file="f")
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader", raising=False)
        assert parse(text.encode(), file="f") == found


PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" "), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PRINTABLE, inner, max_size=3),
    max_leaves=12,
)


@PATIENT
@given(st.dictionaries(PRINTABLE, JSON, max_size=4))
def test_json_is_accepted_as_it_is(value: dict[str, Json]) -> None:
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, ensure_ascii=False, indent=2)):
        found = parse(text.encode(), file="f")
        assert found.findings == ()
        assert same(found.value, value)
