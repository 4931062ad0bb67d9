"""`scaffold new`: a project from a spec in place, from answers, and from questions."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pexpect
import pytest
import yaml
from support.template import CASES, commit, tree

from scaffold.cli import main


def test_a_spec_in_place_is_used_instead_of_questions(tmp_path: Path) -> None:
    where = tmp_path / "mine"
    where.mkdir()
    spec = (CASES / "debian/lambda-image.yaml").read_bytes()
    (where / "lambda-image.yaml").write_bytes(b"# mine\n" + spec)
    assert main.main(["new", str(where)]) == 0
    assert (where / "lambda-image.yaml").read_bytes() == b"# mine\n" + spec
    assert "slim-trixie" in (where / "Dockerfile").read_text()


def test_answers_are_not_ignored_where_a_spec_is_in_place(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    assert main.main(["new", "--data", "name=other", str(made)]) == 2
    assert "exists and answers do not change it" in capsys.readouterr().err
    assert tree(made) == before


def test_answers_by_words_and_by_file(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("handler: search.main.handler\nsystem_packages: [jq]\nlambda: {timeout: 60}\n")
    words = ["--data", "name=by-words", "--data", "environment={LEVEL: debug}", "--data-file", str(answers)]
    assert main.main(["new", "--defaults", *words, str(tmp_path / "made")]) == 0
    spec = yaml.safe_load((tmp_path / "made/lambda-image.yaml").read_text())
    assert spec["name"] == "by-words"
    assert spec["lambda"] == {"timeout": 60}
    assert spec["environment"] == {"LEVEL": "debug"}
    assert (tmp_path / "made/src/search/main.py").is_file()
    assert main.main(["check", str(tmp_path / "made")]) == 0


def test_bad_answers_are_told_and_nothing_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", "name=Bad_Name", "--data", "colour=red"]
    assert main.main(["new", "--defaults", *words, str(tmp_path / "made")]) == 2
    said = capsys.readouterr().err
    assert "name: " in said
    assert "colour" in said
    assert not (tmp_path / "made").exists()


def test_questions_are_checked_as_they_are_typed(template: Path, tmp_path: Path) -> None:
    words = ["-m", "copier", "copy", "-r", "HEAD", str(template), str(tmp_path / "asked")]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect("Name of the function")
    child.send("\x15")
    child.sendline("Bad_Name")
    child.expect("must be lower-case words")
    child.send("\x15")
    child.sendline("asked-for")
    child.expect("What does it do")
    child.sendline("")
    for question in ("Lambda runtime", "Instruction set", "What invokes it"):
        child.expect(question)
        child.send("\r")
    child.expect("Handler")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert yaml.safe_load((tmp_path / "asked/lambda-image.yaml").read_text())["name"] == "asked-for"


def test_an_interrupt_at_a_question_is_one_line(tmp_path: Path) -> None:
    words = ["-m", "scaffold", "new", str(tmp_path / "asked")]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect("Name of the function")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert child.before.strip().endswith("scaffold: interrupted")
    assert "AnswersMap" not in child.before
    assert not (tmp_path / "asked").exists()


def test_it_ends_with_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.main(["new", "--defaults", "thumbs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Yours to edit:", "  create thumbs/lambda-image.yaml"]
    assert lines.index("  create thumbs/src/app.py") < lines.index(
        "Generated from lambda-image.yaml, not to be edited:"
    )
    assert lines.index("  create thumbs/Dockerfile") > lines.index(
        "Generated from lambda-image.yaml, not to be edited:"
    )
    assert lines[-2:] == [f"{len(lines) - 4} created", "Next: cd thumbs && make build run invoke"]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("lambda-image.yaml").write_text(
        "version: 1\nname: here\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\n"
        "dependencies: {manager: uv}\n"
    )
    assert main.main(["new", "."]) == 0
    *_, following, hint, line = capsys.readouterr().out.splitlines()
    assert following == "Next: make lock build run invoke"
    assert "begins with this line" in hint
    assert line.startswith("# yaml-language-server: $schema=https://")


def test_files_that_were_there_are_kept_and_the_way_on_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM mine\n")
    assert main.main(["new", "--defaults", "."]) == 1
    said = capsys.readouterr()
    assert said.out == (
        "Not taken; where it matters, add a key to lambda-image.yaml:\n"
        "  Dockerfile:1: FROM mine\ncreate lambda-image.yaml\n"
    )
    assert "Dockerfile: refused it was here before, and git does not hold it" in said.err
    assert "lambda-image.yaml is written, and nothing else. Commit the files above" in said.err
    assert said.err.endswith("then run `scaffold render`.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "lambda-image.yaml"]
    assert main.main(["new", "--data", "name=other", "."]) == 2
    assert capsys.readouterr().err.endswith("edit it, then run `scaffold render`\n")
    commit(tmp_path, "mine")
    assert main.main(["render", "."]) == 0


WRITTEN = """\
# By hand.
FROM golang:1.22 AS tool
RUN go build -o /tool .
FROM --platform=linux/arm64 public.ecr.aws/lambda/python:3.13.2026.10.03.13
RUN dnf install -y libgomp jq && dnf clean all
COPY requirements.txt .
RUN pip install --no-cache-dir \\
    -r requirements.txt
COPY src/ ${LAMBDA_TASK_ROOT}/
COPY data ./data
COPY --from=tool /tool /opt/bin/
ENV LOG_LEVEL=INFO AWS_REGION=x
CMD ["app.main"]
"""


def test_a_dockerfile_that_was_there_answers_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "Dockerfile": WRITTEN,
        "requirements.txt": "",
        "src/app.py": "main = print\n",
        "data/x": "",
    }.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    commit(tmp_path, "mine")
    assert main.main(["new", "--defaults", "--data", "name=mine", "--data", "handler=app.main", "."]) == 0
    spec = yaml.safe_load(Path("lambda-image.yaml").read_text())
    assert {key: spec.get(key) for key in ("name", "runtime", "architecture", "handler", "base")} == {
        "name": "mine",
        "runtime": "python3.13",
        "architecture": "arm64",
        "handler": "app.main",
        "base": None,
    }
    assert spec["system_packages"] == ["libgomp", "jq"]
    assert spec["dependencies"] == {"files": ["requirements.txt"]}
    assert spec["code"] == [{"from": "src"}, {"from": "data", "to": "data"}]
    assert "environment" not in spec, "Lambda sets one of them"
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["from Dockerfile:4: runtime", "from Dockerfile:4: architecture"]
    left = [line.split(": ")[0].strip() for line in said if line.startswith("  Dockerfile:")]
    assert left == ["Dockerfile:2", "Dockerfile:3", "Dockerfile:11", "Dockerfile:12"]
    assert Path("src/app.py").read_text() == "main = print\n"
    assert main.main(["check"]) == 0


def test_the_next_step_after_findings_is_to_correct_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/app.py").write_text("def handler(event, context): ...\n")
    (tmp_path / "src").symlink_to("real")
    assert main.main(["new", "--defaults", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "code[0].from: src is a link to real, and the builder receives the link without its target" in said.err
    assert said.err.endswith(f"Next: correct what is reported above, then run `scaffold render {tmp_path}`.\n")
    assert "make" not in said.out.splitlines()[-1]


def test_a_spec_with_another_ending_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lambda-image.yml").write_text("version: 1\n")
    for words in (["check"], ["render"], ["standards", "policy", "--projects"], ["new", "--defaults"]):
        assert main.main([*words, str(tmp_path)]) == 2
        assert f"rename {tmp_path}/lambda-image.yml to lambda-image.yaml" in capsys.readouterr().err


def test_editors_get_the_schema_without_a_network(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert main.main(["schema", "--path"]) == 0
    assert json.loads(Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")) == schema
    catalogue = json.loads((template / "catalogue/template.json").read_text(encoding="utf-8"))
    assert schema["$id"] == catalogue["schema"]
    source, _, path = catalogue["schema"].partition("/main/")
    assert source.rpartition("githubusercontent.com")[2] == catalogue["source"].rpartition("github.com")[2]
    assert (template / path).is_file(), "what the first line of a new spec names is in the repository"
