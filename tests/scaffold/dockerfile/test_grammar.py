"""The grammar of Dockerfiles: what it reads, and what it refuses at which place."""

from __future__ import annotations

import pytest

from scaffold.dockerfile.grammar import parse
from scaffold.dockerfile.lines import MAX_FINDINGS
from scaffold.dockerfile.parsed import Use
from scaffold.findings.source import MAX_BYTES

HEAD = "FROM registry.example/a:1 AS base\n"


def refused(text: str | bytes) -> list[tuple[str, int, int, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(row.code, row.line, row.column, row.message) for row in parse(data, file="Dockerfile").findings]


def test_what_a_file_says() -> None:
    text = (
        "# A comment\nARG VERSION=1\nFROM --platform=linux/arm64 registry.example/a:1@sha256:12 AS build\n"
        "RUN --mount=type=cache,target=/c \\\n    # a comment\n"
        "    --mount=from=registry.example/b:2,target=/m \\\n    x\n"
        "FROM build\nCOPY --chmod=0644 --from=build /a /b\n"
    )
    read = parse(text.encode(), file="Dockerfile")
    assert read.findings == ()
    build, last = read.stages
    assert (build.name, last.name, build.keywords, last.keywords) == ("build", "", ["RUN"], ["COPY"])
    assert build.base is not None
    assert (build.base.text, build.base.use, build.base.platform) == (
        "registry.example/a:1@sha256:12", Use.BASE, "linux/arm64",
    )  # fmt: skip
    assert (build.base.position.line, build.base.position.column) == (3, 29)
    [mounted] = build.taken
    assert (mounted.text, mounted.use, mounted.position.line, mounted.position.column) == (
        "registry.example/b:2", Use.MOUNT, 6, 18,
    )  # fmt: skip
    [copied] = last.taken
    assert (copied.text, copied.use, copied.position.line, copied.position.column) == ("build", Use.COPY, 9, 26)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a",
        "FROM a\r\nRUN b\r\n",
        "\n\n# c\n  # d\n\nFROM a\n",
        "# hadolint global ignore=DL3008\nFROM a\n",
        "FROM a\n# syntax=b\n",
        "ARG A=b\nFROM a\n",
        "FROM   a   AS   b  \n",
        "FROM a\nRUN b&&\\\n  c\n",
        "FROM a\nRUN b &&\\\n    # c\\\n\n".replace("\n\n", "\n    d\n"),
        "FROM a\nRUN wc < b > c\n",
        "FROM a\nRUN wc < b && wc < c\n",
        'FROM a\nRUN echo ${A:-b} \'$c\' "d\\"" `e`\n',
        'FROM a\nCOPY ["a b", "/c"]\n',
        "FROM a\nCOPY --link --parents --exclude=*.md --exclude=b a b\n",
        'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n',
        'FROM a\nSHELL ["/bin/sh","-ec"]\n',
        "FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD b\n",
        "FROM a\nRUN --network=none --security=sandbox b\n",
        "FROM a\nRUN --mount=target=/b,ro,from=c d\n",
        "from a\nrun b\n",
        "FROM\ta\tas\tb\nLABEL\ta=b\n",
        "\tFROM a\n    RUN b\n",
        "FROM a AS Build\nFROM Build\nCOPY --from=Build c d\nRUN --mount=from=Build,target=/b c\n",
        "FROM a AS b\nFROM a\nFROM a\nCOPY --from=0 c d\nCOPY --from=1 c d\n",
        "FROM a\nRUN b \\\n\n  \t\n  c\n",
        "FROM a\nRUN b \\ \t\n  c\n",
        "FROM a\nRUN b &&\\\nc\\\nd\n",
        "FROM a\nCOPY a\\\nb c\n",
        "# a=b\n# c\n#d = e\n# syntax of a\nFROM a\n",
        'FROM a\nRUN echo "${A}" > b; while read -r c; do d ${c}; done < b; e < b\n',
        "FROM a\nRUN <<A <<'B' c <<-\"D\"\nA\nB\n\tD\nCOPY <<A <<B /e/\nA\nB\n",
        "FROM a\r\nRUN <<A\r\nFROM Prague with love\r\nA\r\nRUN b\r\n",
        "FROM a\nRUN --mount=target=/b \\\n  <<A sh\nadds=1; runs --x; from here\nfrom a import b\nA\n",
    ],
)
def test_read(text: str) -> None:
    assert refused(text) == []


NOT = "not-understood"
NAMED = "builders without heredocs read this line as an instruction that names a source"
UNSURE = "text that may be read as the start of a heredoc"
REFUSED = {
    b"\xff": (NOT, 1, 1, "the byte 0xff is not UTF-8"),
    b"FROM a\n# \xc3\xa9\xff": (NOT, 2, 4, "the byte 0xff is not UTF-8"),
    "FROM a".encode("utf-16"): (NOT, 0, 0, "this is UTF-16 or UTF-32"),
    b"\xef\xbb\xbfFROM a": (NOT, 0, 0, "the file starts with a byte order mark"),
    "FROM a\nRUN\x00b": (NOT, 2, 4, "the invisible character U+0000"),
    "FROM a\n# \u2028FROM b": (NOT, 2, 3, "the invisible character U+2028"),
    "FROM a\nRUN b\r\n": (NOT, 0, 0, "the file has both CRLF and LF line endings"),
    "FROM a\rRUN b": (NOT, 1, 7, "the invisible character U+000D"),
    "": (NOT, 0, 0, "the file has no FROM"),
    "# syntax=a\nFROM a": (NOT, 1, 1, "this comment is a parser directive"),
    "\n # Check = b\nFROM a": (NOT, 2, 1, "this comment is a parser directive"),
    "#!/bin/sh\nFROM a": (NOT, 1, 1, "this comment is a parser directive"),
    "#syntax=a\nFROM a": (NOT, 1, 1, "this comment is a parser directive"),
    "#escape=`\nFROM a": (NOT, 1, 1, "this comment is a parser directive"),
    "# a=b\n# SYNTAX\t=a\nFROM a": (NOT, 2, 1, "this comment is a parser directive"),
    "// syntax=a\nFROM a": (NOT, 1, 1, "// is not an instruction (a keyword, a space and arguments)"),
    "FROM": (NOT, 1, 1, "FROM is not an instruction (a keyword, a space and arguments)"),
    "\u017from a": (NOT, 1, 1, "\u017from is not an instruction (a keyword, a space and arguments)"),
    '  {"syntax": "a"}\nFROM a': (NOT, 1, 3, '{"syntax": is not an instruction (a keyword, a space and arguments)'),
    "FROM a\nWOR\u212aDIR /b": (NOT, 2, 1, "WOR\u212aDIR is not an instruction (a keyword, a space and arguments)"),
    "FROM a\nFOO b": (NOT, 2, 1, "FOO is not a known instruction"),
    "RUN a\nFROM b": (NOT, 1, 1, "an instruction before the first FROM"),
    "FROM a\nRUN b \\\n": (NOT, 2, 7, "the file ends in the middle of an instruction"),
    "FROM a\nRUN b \\": (NOT, 2, 7, "the file ends in the middle of an instruction"),
    "FROM a\nRUN b \\\n# c": (NOT, 2, 7, "the file ends in the middle of an instruction"),
    "FROM a\nRUN b \\\\\n  c": (NOT, 2, 8, "builders differ in whether two backslashes continue a line"),
    "FROM a\nCOPY --chown=\\\nb c d": (NOT, 3, 1, "a word continues on the next line"),
    "FROM a\nCOPY -\\\n-from=b c d": (NOT, 3, 1, "a word continues on the next line"),
    "FR\\\nOM a": (NOT, 1, 1, "FROM is not an instruction (a keyword, a space and arguments)"),
    "FROM a AS": (NOT, 1, 6, "arguments other than an image and a name"),
    "FROM a A\u017f b": (NOT, 1, 6, "arguments other than an image and a name"),
    "FROM a AS \u212a": (NOT, 1, 6, "arguments other than an image and a name"),
    "FROM a # b": (NOT, 1, 6, "arguments other than an image and a name"),
    "FROM a AS Scratch": (NOT, 1, 6, "the name Scratch is already taken"),
    "FROM a AS b\nFROM a AS B": (NOT, 2, 6, "the name B is already taken"),
    "FROM a AS b\nFROM B": (NOT, 2, 6, "another spelling of the name of a stage"),
    "FROM a AS B\nFROM a\nCOPY --from=b c d": (NOT, 3, 13, "another spelling of the name of a stage"),
    "FROM a AS B\nFROM a\nRUN --mount=from=b,target=/c d": (NOT, 3, 18, "another spelling of the name of a stage"),
    "FROM a AS scratch": (NOT, 1, 6, "the name scratch is already taken"),
    "FROM a AS b\nFROM a AS b": (NOT, 2, 6, "the name b is already taken"),
    "FROM $A": (NOT, 1, 6, "the image of this FROM is not written out"),
    "FROM 'a'": (NOT, 1, 6, "the image of this FROM is not written out"),
    "FROM \\\n  a": (NOT, 2, 3, "the image of this FROM is not written out"),
    "FROM --platform=$B a": (NOT, 1, 6, "--platform=$B is not a known flag of FROM"),
    "FROM --platform=linux/s390x a": (NOT, 1, 17, "not a platform of Lambda"),
    "FROM --platform=linux/ARM64 a": (NOT, 1, 17, "not a platform of Lambda"),
    HEAD + "COPY --from=0 a b": (NOT, 2, 13, "COPY --from does not name a stage or an image"),
    HEAD + "FROM a\nCOPY --from=1 a b": (NOT, 3, 13, "COPY --from does not name a stage or an image"),
    HEAD + "FROM a\nCOPY --from=00 a b": (NOT, 3, 13, "COPY --from does not name a stage or an image"),
    HEAD + "FROM a\nCOPY --from=+0 a b": (NOT, 3, 13, "COPY --from does not name a stage or an image"),
    HEAD + "FROM a\nRUN --mount=from=0 b": (NOT, 3, 18, "RUN --mount=from does not name a stage or an image"),
    HEAD + "COPY --from a b": (NOT, 2, 6, "COPY --from does not name a stage or an image"),
    HEAD + "COPY --from=base": (NOT, 2, 1, "COPY without arguments"),
    HEAD + "COPY --from=$A a b": (NOT, 2, 6, "--from=$A is not a known flag of COPY"),
    HEAD + "COPY --FROM=base a b": (NOT, 2, 6, "--FROM=base is not a known flag of COPY"),
    HEAD + "COPY -- a b": (NOT, 2, 6, "-- is not a known flag of COPY"),
    HEAD + "COPY --from=base --from=base a b": (NOT, 2, 18, "--from is repeated"),
    HEAD + "COPY <<EOF /a\nEOF x": (NOT, 2, 1, "nothing ends the heredoc EOF"),
    HEAD + "RUN cat <<EOF": (NOT, 2, 1, "nothing ends the heredoc EOF"),
    HEAD + "RUN cat <<EOF\n EOF\nEOF \n": (NOT, 2, 1, "nothing ends the heredoc EOF"),
    HEAD + "RUN a <<A b <<B\nB\nA\n": (NOT, 2, 1, "nothing ends the heredoc B"),
    HEAD + "RUN a <<-A\n  A\n": (NOT, 2, 1, "nothing ends the heredoc A"),
    HEAD + "RUN <<A\nFROM b\nA": (NOT, 3, 1, NAMED),
    HEAD + "RUN <<A\nx\n  from b as c\nA": (NOT, 4, 1, NAMED),
    HEAD + "RUN <<A\nFR\\\nOM b\nA": (NOT, 4, 1, NAMED),
    HEAD + "RUN <<A\nFROM \\\nA": (NOT, 3, 1, NAMED),
    HEAD + "COPY <<A /b\nADD c d\nA": (NOT, 3, 1, NAMED),
    HEAD + "RUN <<A\nonbuild x\nA": (NOT, 3, 1, NAMED),
    HEAD + "RUN <<A\nCOPY --from=b /c /d\nA": (NOT, 3, 1, NAMED),
    HEAD + "RUN <<A\nrun --mount=from=b x\nA": (NOT, 3, 1, NAMED),
    **{
        HEAD + f"RUN {text}\nA\n": (NOT, 2, 5 + text.index("<"), UNSURE)
        for text in (
            *(
                "cat ${A:-<}${A:-<}A",
                "cat ${A:-${B:-<}<}A",
                "'a' <<A",
                '"a" <<A',
                "$a <<A",
                "`a` <<A",
                "\\a <<A",
                "a<<A",
            ),
            *(
                "<< A",
                "<<<A",
                "<<\\A",
                "<<'A",
                "<<'A B'",
                "<<A;",
                "<<A>b",
                "<<A-",
                "((1<<2))",
                "<<A <<'B\"",
                '["a", "<<A"]',
            ),
            *("a=<<A", "<<$A", "<<''", "echo 'a <<A b'", 'echo "a" <<A'),
        )
    },
    HEAD + "RUN --mount=TYPE=cache a": (NOT, 2, 13, "TYPE=cache is not a known part of a mount"),
    HEAD + "RUN --mount=type=host a": (NOT, 2, 13, "type=host is not a known part of a mount"),
    HEAD + "RUN --mount=ro,ro a": (NOT, 2, 16, "ro is not a known part of a mount"),
    HEAD + "RUN --mount=ro,source= a": (NOT, 2, 16, "source= is not a known part of a mount"),
    HEAD + "RUN --mount=ro, a": (NOT, 2, 16, "an empty part is not a known part of a mount"),
    HEAD + "RUN --mount a": (NOT, 2, 5, "an empty part is not a known part of a mount"),
    HEAD + "RUN --mount=from=0 a": (NOT, 2, 18, "RUN --mount=from does not name a stage or an image"),
    HEAD + "RUN --device=a b": (NOT, 2, 5, "--device=a is not a known flag of RUN"),
    HEAD + "ENV --a b": (NOT, 2, 5, "--a is not a known flag of ENV"),
    HEAD + 'SHELL ["/evil", "-c"]': (NOT, 2, 1, "SHELL does not name a shell with options"),
    HEAD + "ADD a b": ("forbidden-instruction", 2, 1, "ADD can fetch from anywhere"),
    HEAD + "MAINTAINER a": ("forbidden-instruction", 2, 1, "MAINTAINER is no longer part of the format"),
    HEAD + "ONBUILD RUN a": (
        "forbidden-instruction",
        2,
        1,
        "ONBUILD hides instructions for images built on this one",
    ),
    HEAD + "RUN --network=host a": (
        "forbidden-instruction",
        2,
        15,
        "the step asks the builder for extra privileges: --network",
    ),
    HEAD + "RUN --security=insecure a": (
        "forbidden-instruction",
        2,
        16,
        "the step asks the builder for extra privileges: --security",
    ),
}


@pytest.mark.parametrize(("text", "finding"), REFUSED.items(), ids=map(repr, REFUSED))
def test_refused(text: str | bytes, finding: tuple[str, int, int, str]) -> None:
    assert finding in refused(text)


def test_a_finding_shows_its_line_and_says_what_to_do() -> None:
    [finding] = parse(HEAD.encode() + b"  fetch a b\n", file="Dockerfile").findings
    assert finding.excerpt == "  fetch a b\n  ^"
    assert finding.fix == "Write an instruction."


@pytest.mark.parametrize("start", ["RUN cat << EOF", "RUN echo 'x' <<EOF", "RUN <<\\EOF", 'RUN x "$(cat <<EOF'])
def test_the_text_of_a_heredoc_that_is_not_understood_brings_no_findings_of_its_own(start: str) -> None:
    text = f"{HEAD}{start}\nset -eu\nexec x\nEOF\nENV A=b\nADD c d\n"
    assert [(code, line) for code, line, _, _ in refused(text)] == [(NOT, 2), ("forbidden-instruction", 7)]


def test_the_text_of_a_heredoc_is_not_an_instruction() -> None:
    text = "FROM a AS B\nRUN <<A cat > /x && <<-'B' cat > /y\nset -eu\nWHAT\n A\nA\n\tB \n\t\tB\nCOPY --from=B /x /y\n"
    read = parse(
        text.encode() + b'FROM a\ncopy <<"END" --from=0 /b\n# syntax=c\nfrom a import b\nEND\nCOPY --from=0 c d\n',
        file="D",
    )
    assert [stage.keywords for stage in read.stages] == [["RUN", "COPY"], ["COPY", "COPY"]]
    assert [reference.stage for stage in read.stages for reference in stage.taken] == [None, 0]
    assert read.findings == ()


@pytest.mark.parametrize("blanks", [" ", "  ", " \t", " \\\n\t", " \\\n  \t "])
def test_blanks_before_a_flag_hide_nothing(blanks: str) -> None:
    [stage] = parse(f"FROM a\nCOPY{blanks}--from=b /a /b\n".encode(), file="Dockerfile").stages
    assert [reference.text for reference in stage.taken] == ["b"]


def test_limits() -> None:
    assert refused(b"#" * (MAX_BYTES + 1))[0][0] == NOT
    assert len(refused("FROM a\n" + "what b\n" * 1000)) == MAX_FINDINGS
    assert len(refused("FROM a\n" + "ADD b c\n" * 1000)) == MAX_FINDINGS
    assert refused("FROM a\n" + "# b\n" * 10_000) == []
