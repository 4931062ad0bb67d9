"""Pictures say the truth about images made by hand, in text, as JSON and as a page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support.archives import Member, configuration, digest, file, layer, program, saved
from support.broken_images import AWS, BASE, GOOD, NODE, PYTHON, SECRETS, TASK

from scaffold.cli import main
from scaffold.gates.image_facts import BaseMatch
from scaffold.gates.picture import changes, facts, page, text
from scaffold.gates.preflight import checks, table
from scaffold.gates.preflight.subject import Subject
from scaffold.oci.image import ImageFacts
from scaffold.oci.layer import read_layer
from scaffold.rendering.engine import Engine

TABLE = table.load(Engine())
DEPENDENCIES = (
    file(f"{TASK}/pandas/core.py", b"x" * 500_000),
    file(f"{TASK}/pandas/_libs/lib.so", b"x" * 300_000),
    file(f"{TASK}/numpy/core.py", b"x" * 200_000),
)
CODE = (file(f"{TASK}/app.py", b"x" * 2048),)
STEPS = (
    *("COPY base / # buildkit", 'ENTRYPOINT ["/lambda-entrypoint.sh"]'),
    *("RUN /bin/sh -c pip install -r r.txt", "COPY src/ ./ # buildkit"),
)


def subject(*layers: Sequence[Member], config: Mapping[str, Any] = AWS, base: int = 1, name: str = "fn:1") -> Subject:
    blobs = [layer(*members) for members in layers]
    read = [read_layer(BytesIO(blob), checks.look(TABLE, config.get("Cmd", ()))) for blob in blobs]
    described = ImageFacts(
        reference=name,
        digest=digest(b""),
        platform="linux/amd64",
        diff_ids=tuple(map(digest, blobs)),
        entrypoint=tuple(config["Entrypoint"]),
        command=tuple(config.get("Cmd", ())),
        environment=dict(word.split("=", 1) for word in config.get("Env", ())),
        working_directory=config.get("WorkingDir", ""),
        history=tuple((step, not step.startswith("ENTRYPOINT")) for step in STEPS),
    )
    return Subject(facts=described, layers=[row[1] for row in read if row], table=TABLE, base=base)


def unknown() -> BaseMatch:
    return BaseMatch(architecture="x86_64")


def test_layers_are_the_bases_or_made_again_by_an_edit_or_neither() -> None:
    picture = facts.of(subject((*BASE, *PYTHON), DEPENDENCIES, CODE), unknown())
    assert [(row.number, row.base, row.edited, row.step) for row in picture.layers] == [
        (1, True, False, "COPY base /"),
        (2, False, False, "RUN pip install -r r.txt"),
        (3, False, True, "COPY src/ ./"),
    ]
    assert (picture.code, picture.edit_size, picture.proof) == (f"{TASK}/app.py", 2048, facts.GUESSED)
    assert picture.size - picture.base_size == 1_000_000 + 2048
    assert [(row.path, row.size) for row in picture.own] == [
        (f"{TASK}/pandas/", 800_000),
        (f"{TASK}/numpy/core.py", 200_000),
        (f"{TASK}/app.py", 2048),
    ]
    assert facts.Content(path="/lib64/libc.so.6", size=picture.inherited[0].size) in picture.inherited


@pytest.mark.parametrize(
    ("layers", "config", "code", "edited"),
    [
        (((*BASE, *PYTHON), CODE, DEPENDENCIES), AWS, f"{TASK}/app.py", [2, 3]),  # the code before the dependencies
        (((*BASE, *NODE), (file(f"{TASK}/index.mjs"),)), {**AWS, "Cmd": ["index.handler"]}, f"{TASK}/index.mjs", [2]),
        ((BASE, (program("/main"),)), GOOD["program"].config, "/main", [2]),
        ((BASE, (file("/opt/x"),)), AWS, "", []),
    ],
    ids=["early", "node", "program", "none"],
)
def test_the_file_that_is_edited_is_found(
    layers: Sequence[Sequence[Member]], config: Mapping[str, Any], code: str, edited: list[int]
) -> None:
    picture = facts.of(subject(*layers, config=config), unknown())
    assert (picture.code, [row.number for row in picture.layers if row.edited]) == (code, edited)


def test_what_changed_is_what_the_layers_say() -> None:
    old = subject((*BASE, *PYTHON), DEPENDENCIES, CODE, name="fn:0")
    edited = (file(f"{TASK}/app.py", b"y" * 1024), file(f"{TASK}/new.py", b"z" * 10))
    config = {**AWS, "Env": [*AWS["Env"], f"TOKEN={SECRETS['github']}"], "Cmd": ["app.other"]}
    new = subject((*BASE, *PYTHON), DEPENDENCIES, edited, config=config)
    found = changes.compare(old, new, facts.of(new, unknown()))
    assert (found.layers, found.size) == ((3,), 1034)
    assert [(row.kind, row.path) for row in found.files] == [("changed", f"{TASK}/app.py"), ("added", f"{TASK}/new.py")]
    assert found.settings == ("the command", "the variable TOKEN")
    back = changes.compare(new, old, facts.of(old, unknown()))
    assert [row.kind for row in back.files] == ["changed", "removed"]
    assert changes.compare(old, old, facts.of(old, unknown())).files == ()


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |1 NPM_TOKEN=abc /bin/sh -c npm ci # buildkit", "RUN npm ci"),
        ("/bin/sh -c #(nop) COPY dir:1 in / ", "COPY dir:1 in /"),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        (f"RUN /bin/sh -c curl -H {SECRETS['github']} x", "RUN curl -H … x"),
        ("ENV API_TOKEN=hunter2-hunter2", "ENV API_TOKEN=…"),
    ],
)
def test_a_step_is_shown_as_its_dockerfile_has_it_without_secrets(step: str, shown: str) -> None:
    assert facts.step_of(TABLE, step) == shown


def pictures() -> tuple[facts.Picture, changes.Comparison]:
    nasty = file(f"{TASK}/<script>alert(1)</script>/{'long' * 100}.py", b"x" * 5000)
    new = subject((*BASE, *PYTHON), (*DEPENDENCIES, nasty), CODE, name="registry.example/" + "team/" * 30 + "fn:1")
    picture = facts.of(new, unknown())
    return picture, changes.compare(subject((*BASE, *PYTHON), DEPENDENCIES, CODE), new, picture)


def test_the_page_requests_nothing_and_runs_nothing() -> None:
    written = page.page(*pictures())
    assert "default-src 'none'" in written
    assert not re.search(r"<(script|link|img|iframe)|\b(src|href)=|url\(|@import", written)
    assert "&lt;script&gt;" in written
    assert all(f'<span class="number">{number}</span>' in written for number in (1, 2, 3))


def test_the_text_names_the_largest_and_what_an_edit_pushes() -> None:
    said = "".join(text.lines(*pictures()))
    assert "An edit of /var/task/app.py pushes layer 3, at most 2.0 KiB before compression.\n" in said
    assert "   3 edit    2.0 KiB" in said
    assert "Since fn:1: new layers 2" in said
    assert re.search(r"781\.2 KiB █+ +/var/task/pandas/\n", said)


DOCKER = '#!/bin/sh\nfor name; do :; done\ncat "${0%/*}/$2.${name%%:*}"\n'


def test_the_command_reads_images_from_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name, code in (("old", CODE), ("new", (file(f"{TASK}/app.py", b"y" * 100),))):
        blobs = [layer(*members) for members in ((*BASE, *PYTHON), DEPENDENCIES, code)]
        body = configuration(blobs, AWS, [], "amd64")
        described = {"Id": digest(body), "Os": "linux", "Architecture": "amd64", "Config": AWS, "Size": 1}
        described |= {"RootFS": {"Layers": list(map(digest, blobs))}}
        (tmp_path / f"inspect.{name}").write_text(json.dumps([described]))
        (tmp_path / f"save.{name}").write_bytes(saved(blobs, body))
    target = tmp_path / "picture.html"
    words = ["image", "show", "new:1", "--compare", "old:1", "--html", str(target), "--format", "json"]
    assert main.main(words) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["changes"]["layers"] == [3]
    assert result["image"]["layers"][2]["size"] == 100
    assert "new:1" in target.read_text(encoding="utf-8")
    assert main.main(["image", "show", "new:1"]) == 0
    assert "Layers\n" in capsys.readouterr().out
    assert main.main(["image", "show", "gone:1"]) == 3
    assert main.main(["image", "show", "new:1", "--html", str(tmp_path / "no/picture.html")]) == 3


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEASURE = """\
<!doctype html><body>{frames}<script>onload = () => {{
  document.title = [...document.querySelectorAll("iframe")].map((frame) => {{
    const root = frame.contentDocument.documentElement;
    return `${{frame.width}}:${{root.scrollWidth <= root.clientWidth}}:${{root.scrollHeight > 500}}`;
  }}).join(" ");
}}</script></body>
"""


@pytest.mark.full  # a browser is too much for each run of CI
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_the_page_does_not_scroll_sideways(tmp_path: Path) -> None:
    written = escape(page.page(*pictures()))
    frames = "".join(f'<iframe width="{width}" height="600" srcdoc="{written}"></iframe>' for width in (1280, 400, 320))
    (tmp_path / "measure.html").write_text(MEASURE.format(frames=frames), encoding="utf-8")
    words = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    words += ["--virtual-time-budget=5000", "--dump-dom", f"file://{tmp_path}/measure.html"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
    assert re.search("<title>(.*)</title>", done.stdout)[1] == "1280:true:true 400:true:true 320:true:true"  # type: ignore[index]
