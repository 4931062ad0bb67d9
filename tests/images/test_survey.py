"""Twenty shapes of public Lambda Dockerfiles, built on stand-ins: each finding about them is true, and none is missing.

The shapes and their mistakes are those of a survey of fifty; what they install is made by hand, since only the place,
the name and the mode of a file decide.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from scaffold.cli import main

pytestmark = [pytest.mark.images, pytest.mark.full]

PYTHON, NODE, JAVA = (f"public.ecr.aws/lambda/{name}" for name in ("python:3.13", "nodejs:24", "java:21"))
DEBIAN = "public.ecr.aws/docker/library/python:3.13-slim-trixie"
APP = "COPY app.py ./"
CMD = 'CMD ["app.handler"]'
LARGE = "head -c 2000000 /dev/urandom >"
FILES = {"app.py": "def handler(event, context):\n    return 1\n", "app.mjs": "export const handler = () => 1;\n"}


class Shape(NamedTuple):
    """A Dockerfile, and the codes of what is found in its image."""

    lines: tuple[str, ...]
    codes: tuple[str, ...] = ()


def python(*lines: str, codes: tuple[str, ...] = (), command: str = CMD) -> Shape:
    return Shape((f"FROM {PYTHON}", *lines, APP, command), codes)


SHAPES = {
    "tag, copy, handler": python(),
    "requirements, with the cache of pip": python(
        f"RUN mkdir -p /root/.cache/pip && {LARGE} /root/.cache/pip/x", codes=("package-cache",)
    ),
    "source first": Shape((f"FROM {PYTHON}", "COPY . ./", "RUN true", CMD)),
    "handler in its shell form": python(command="CMD app.handler", codes=("wrong-command",)),
    "node app.js": Shape((f"FROM {NODE}", "COPY app.mjs ./", 'CMD ["node", "app.mjs"]'), ("wrong-command",)),
    "Node.js": Shape((f"FROM {NODE}", "COPY app.mjs ./", CMD)),
    "EXPOSE and HEALTHCHECK": python("EXPOSE 8080", "HEALTHCHECK CMD true"),
    "credentials of AWS": python(
        "ENV AWS_ACCESS_KEY_ID=AKIAQ3EGRXYZABCD2345", codes=("credential", "reserved-variable")
    ),
    "token as an argument": python("ARG API_TOKEN=Zx9Qw3Er5Ty7Ui1Op4As6Df8Gh2Jk0Lz", codes=("secret-variable",)),
    "dotenv file": python("RUN echo A=b >.env", codes=("secret-file",)),
    "repository in the context": python("RUN mkdir .git && touch .git/HEAD", codes=("left-behind",)),
    "compiler left": python(
        "RUN mkdir -p /opt/gcc && cp /bin/sh /opt/gcc/cc1 && chmod 755 /opt/gcc/cc1", codes=("build-tools",)
    ),
    "models under root's home": python("RUN mkdir -p ~/models && echo x >~/models/model.bin", codes=("home-content",)),
    "files in /tmp": python("RUN echo x >/tmp/model.bin", codes=("hidden-file",)),
    "removed in a later layer": python(
        "RUN head -c 12000000 /dev/urandom >/opt/data", "RUN rm /opt/data", codes=("removed-content",)
    ),
    "mode changed in a later layer": python(
        "RUN head -c 12000000 /dev/urandom >/opt/data",
        "RUN chmod 755 /opt/data",
        codes=("copied-content", "removed-content"),
    ),
    "files for their owner": python("RUN echo x >data.json && chmod 600 data.json", codes=("unreadable-file",)),
    "Hugging Face without a directory": python(
        "RUN mkdir huggingface_hub && touch huggingface_hub/__init__.py", codes=("unwritable-cache",)
    ),
    "fat jar beside the class path": Shape(
        (f"FROM {JAVA}", "COPY app.py app.jar", 'CMD ["example.App::handle"]'), ("unused-jar",)
    ),
    "another image, no runtime client": Shape(
        (
            f"FROM {DEBIAN}",
            "WORKDIR /function",
            APP,
            'ENTRYPOINT ["python", "-m", "awslambdaric"]',
            CMD,
        ),
        ("missing-client",),
    ),
}


def test_twenty_shapes() -> None:
    assert len(SHAPES) == 20


@pytest.mark.parametrize("name", SHAPES)
def test_every_finding_is_true(
    name: str, build: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in FILES.items():
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o644)
    (tmp_path / "Dockerfile").write_text("\n".join(SHAPES[name].lines) + "\n")
    image = build(tmp_path)
    capsys.readouterr()
    main.main(["image", "check", "--local", "--any-base", "--format=json", image])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert sorted({row["code"] for row in found}) == sorted(SHAPES[name].codes), found
