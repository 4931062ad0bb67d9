"""The grammar of Dockerfiles against BuildKit's own parser: what passes holds no image but those of the standards."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.buildkit_reading import NotADockerfile, images, stands_on_nothing
from support.evasions import evasions, names
from support.template import TESTS

from scaffold.dockerfile.grammar import parse
from scaffold.dockerfile.judge import findings
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

from .strategies import examples

TODAY = date(2026, 11, 24)
FOLDER = TESTS / "dockerfiles"
CORPUS = sorted(FOLDER.glob("*.Dockerfile"))
EVIL = "registry.acme.example/evil/python:3.13"
# The images of tests/dockerfiles/standards.yaml, in the words of the files that pass.
ALLOWED = {
    match[0]
    for path in CORPUS
    for match in re.finditer(r"\b(?:registry|mirror)\.acme\.example[^\s,]+", path.read_text())
}


STANDARDS = load(FOLDER / "standards.yaml", Engine())


def passes(data: bytes) -> bool:
    return findings(parse(data, file="Dockerfile"), STANDARDS, TODAY) == []


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_people_write_passes(path: Path) -> None:
    data = path.read_bytes()
    assert findings(parse(data, file=path.name), STANDARDS, TODAY) == []
    assert images(data.decode()) - {"scratch"} <= ALLOWED


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 20
    assert len(ALLOWED) == 10


def test_twenty_thousand_files() -> None:
    """Whatever passes, BuildKit's parser sees only images of the standards in it, and a last stage that has one."""
    chance = random.Random(20261124)
    seeds = [path.read_bytes() for path in CORPUS] * 20
    seeds += [names().fill(row.dockerfile.encode()) for row in evasions() if len(row.dockerfile) < 500]
    passed = evil = heredocs = 0
    for _ in range(20_000):
        data = mutated(chance, seeds)
        passing = passes(data)
        try:
            seen = images(data.decode())
        except (NotADockerfile, UnicodeDecodeError):
            continue
        bad = seen - ALLOWED - {"scratch"}
        evil += bool(bad)
        if passing:
            passed += 1
            heredocs += b"<<" in data
            assert not bad, data
            assert not stands_on_nothing(data.decode()), data
    assert passed > 1500, "what never passes proves nothing"
    assert heredocs > 50
    assert evil > 8000, "what is never evil proves nothing"


SNIPPETS = [
    *(f"FROM {EVIL}", f"FROM {EVIL} AS build", f"from {EVIL}", "FROM scratch", "FROM scratch AS build", "FROM build"),
    *(
        f"COPY --from={EVIL} /a /b",
        "COPY --from=build /a /b",
        "COPY --from=0 /a /b",
        "COPY --from=$X /a /b",
        "COPY a b",
    ),
    *(f"RUN --mount=from={EVIL},target=/m x", f"RUN --mount=type=cache,FROM={EVIL} x", "RUN --mount=target=/x x"),
    *(
        f"ARG X={EVIL}",
        "FROM $X",
        "FROM ${X:-build}",
        "ONBUILD RUN x",
        "ADD https://example.com/x /",
        "RUN <<EOF",
        "EOF",
    ),
    *("RUN cat <<EOF > /x", "COPY <<'EOF' /x", 'RUN <<-"EOF"', "RUN a <<EOF b <<'END'", "END", "\tEOF", " EOF", "EOF "),
    *(
        "RUN echo 'a' <<EOF",
        'RUN echo "<<EOF',
        "RUN ${A:-<}${A:-<}EOF",
        "RUN a<<EOF",
        "RUN 3<<EOF",
        "RUN <<<EOF",
        "RUN << EOF",
    ),
    *(f"COPY --FROM={EVIL} /a /b", "COPY --from=1 /a /b", "COPY --from=00 /a /b", "RUN --mount=from=0,target=/m x"),
    *(f"FROM {EVIL} as Build", "FROM Build", "COPY --from=BUILD /a /b", f"from\t{EVIL}\tas\tlast", "  CMD x", "# a=b"),
    *(f"RUN <<EOF\nFROM {EVIL}\nEOF", f"RUN <<EOF\nEOF\nFROM {EVIL}", f"RUN x \\\n\n  <<EOF\nEOF\nFROM {EVIL}"),
    *("# escape=`", f"# syntax={EVIL}", "# comment \\", "RUN x \\", "RUN x `", "  && y \\", "\\", "", "SHELL ['x']"),
    *(f"LABEL a=b \\\nFROM {EVIL}", f"RUN echo \\\\\nFROM {EVIL}", f"RUN x \\\n# c\nFROM {EVIL}", f"\\\nFROM {EVIL}"),
]
PIECES = [
    *(
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\\\n",
        "\\ \n",
        "`\n",
        "\\",
        "\\\\",
        "'",
        '"',
        "$",
        "${X}",
        "#",
        "<<",
        "<<EOF",
        " <<EOF\n",
        "\nEOF\n",
        " <<-'EOF' ",
        " \\\n\n",
        "\\\n",
        ",",
        "=",
    ),
    *(
        "\v",
        "\f",
        "\u0085",
        "\u00a0",
        "\u2028",
        "\ufeff",
        "\u017f",
        "\u212a",
        "\0",
        "\u200b",
        "--",
        "--from=",
        "AS",
        "as",
        "@",
        ":",
    ),
    *(EVIL, "scratch", "build", "FROM ", "COPY ", "RUN ", "--mount=", "from=", "/", "\n\n", "\n# c\n", " \\\n  "),
]


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """A Dockerfile with a few changes: of lines, of pieces of lines, of bytes; now and then, of bytes alone."""
    if chance.random() < 0.02:
        return chance.randbytes(chance.randrange(60))
    text = chance.choice(seeds).decode()
    if chance.random() < 0.3:  # one thing that must not pass, whatever happens around it
        text = text.rstrip() + "\n" + chance.choice([line for line in SNIPPETS if EVIL in line]) + "\n"
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        text = chance.choice((_in_lines, _in_text, _in_text, _in_letters, _in_images))(chance, text)
    data = text.encode()
    if data and chance.random() < 0.03:
        at = chance.randrange(len(data))
        data = data[:at] + chance.randbytes(1) + data[at + 1 :]
    return data


def _in_lines(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines.insert(at, chance.choice(SNIPPETS))
        case 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 2:
            del lines[at]
        case _:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def _in_text(chance: random.Random, text: str) -> str:
    """Put a piece in, mostly at the end of a word or of a line: in the middle of one it seldom means anything."""
    places = [match.start() for match in re.finditer(r"\b|$", text, re.MULTILINE)] if chance.random() < 0.8 else None
    at = chance.choice(places) if places else chance.randrange(len(text) + 1)
    cut = at + chance.choice((0, 0, 0, 1, 4))
    return text[:at] + chance.choice(PIECES) + text[cut:]


def _in_letters(chance: random.Random, text: str) -> str:
    words = list(re.finditer(r"[A-Za-z]+", text))
    if not words:
        return text
    word = chance.choice(words)
    change = chance.choice((str.lower, str.upper, str.swapcase, str.title))
    return text[: word.start()] + change(word[0]) + text[word.end() :]


def _in_images(chance: random.Random, text: str) -> str:
    """Put another image, or something that looks like it, in the place of one."""
    found = list(re.finditer(r"(?:registry|mirror)[^\s,=]+", text))
    if not found:
        return text
    image = chance.choice(found)
    other = chance.choice(
        (EVIL, "build", "scratch", image[0].upper(), image[0][:-1], f'"{image[0]}"', *sorted(ALLOWED))
    )
    return text[: image.start()] + other + text[image.end() :]


FILLERS = st.sampled_from([*PIECES, "", "", " ", "  "])
BASE = "registry.acme.example:5000/python:3.13-slim"


@examples(2000)
@given(
    st.sampled_from(("FROM {}", "FROM {} AS a", "COPY --from={} /a /b", "RUN --mount=type=bind,from={},target=/m x")),
    st.lists(st.tuples(st.integers(0, 60), FILLERS), max_size=4),
    st.sampled_from(("", f"FROM {BASE}\n", f"FROM {BASE} AS a\nARG X\n", f"# c\nFROM {BASE} AS evil\nRUN x \\\n  y\n")),
    st.sampled_from(("", f"\nFROM {BASE}\n", "\nCMD x\n", " \\\n", "\r\n")),
)
def test_relatives_of_an_image_that_is_not_allowed(
    form: str, changes: list[tuple[int, str]], before: str, after: str
) -> None:
    """However an instruction is spelled, it does not pass while BuildKit sees the image in it."""
    line = form.format(EVIL)
    for at, piece in changes:
        line = line[:at] + piece + line[at:]
    data = (before + line + after).encode()
    try:
        seen = images(data.decode())
    except NotADockerfile:
        return
    if any("evil" in image.lower() for image in seen):
        assert not passes(data)


@examples(500)
@given(st.sampled_from(CORPUS), st.data())
def test_letters_of_another_alphabet_are_no_letters(path: Path, data: st.DataObject) -> None:
    """No character that does not show, and none outside ASCII in an instruction's own words, passes."""
    text = path.read_text(encoding="utf-8")
    keywords = list(re.finditer(r"^(?:FROM|COPY|RUN)\b[^\n]*?(?= |$)", text, re.MULTILINE | re.IGNORECASE))
    keyword = data.draw(st.sampled_from(keywords))
    at = data.draw(st.integers(keyword.start(), keyword.end()))
    strange = data.draw(st.characters(min_codepoint=0x80, exclude_categories=("Cs",)))
    assert not passes((text[:at] + strange + text[at:]).encode())


@examples(500)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_findings(data: bytes) -> None:
    assert not passes(data)


@examples(500)
@given(st.text(max_size=200))
def test_any_text_behind_a_base_is_read_or_refused(text: str) -> None:
    data = f"FROM {BASE}\n{text}".encode(errors="replace")
    if passes(data):
        assert images(data.decode()) == {BASE}
