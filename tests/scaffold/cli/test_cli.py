"""The command line as its users meet it: what it prints, what it writes, what it exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
import yaml
from support.template import CASES, commit, tree

from scaffold.cli import main

BIN = Path(sys.executable).parent


@pytest.fixture(autouse=True)
def own_template(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' template as the package's own."""
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
    monkeypatch.setattr("scaffold.project.copier_runner.template_root", lambda: template)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A project of the package's own, committed."""
    where = tmp_path / "made"
    assert main.main(["new", "--defaults", str(where)]) == 0
    commit(where, "made")
    return where


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_project_in_order(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for verb in ("validate", "check", "diff"):
        assert main.main([verb, str(made)]) == 0
    assert capsys.readouterr().out == "No problems found.\n" * 2


def test_one_byte_in_the_dockerfile_is_named_by_file_and_line(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(made / "Dockerfile", "WORKDIR /build", "WORKDIR /built")
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(made)]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    line = (made / "Dockerfile").read_text().split("\n").index("WORKDIR /built") + 1
    assert (finding["file"], finding["line"], finding["code"]) == (f"{made}/Dockerfile", line, "drift")


def test_what_is_missing_edited_left_over_or_not_executable_is_told(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made / "Makefile").unlink()
    (made / "scripts/run").chmod(0o644)
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(made)]) == 1
    codes = {Path(row["file"]).name: row["code"] for row in json.loads(capsys.readouterr().out)["findings"]}
    assert codes == {"Makefile": "missing", "run": "drift", "Dockerfile": "stale", ".copier-answers.yml": "stale"}


def test_render_writes_only_what_changed(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in made.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    edit(made / "lambda-image.yaml", "handler:", "environment: {LEVEL: debug}\nhandler:")
    capsys.readouterr()
    assert main.main(["render", str(made)]) == 0
    written = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file() and path.stat().st_mtime > 1}
    assert {path for path in written if not path.startswith(".git/")} == {
        ".copier-answers.yml",
        "Dockerfile",
        "lambda-image.yaml",
    }
    assert capsys.readouterr().out.endswith("2 changed\n")
    assert main.main(["render", str(made)]) == 0
    assert capsys.readouterr().out == "0 changed\n"


def test_render_removes_what_is_no_longer_produced(made: Path) -> None:
    source = "https://models.example.com/a.onnx"
    model = f"model_files: [{{from: {source}, sha256: {'a' * 64}}}]\nhandler:"
    before = tree(made)
    edit(made / "lambda-image.yaml", "handler:", model)
    assert main.main(["render", str(made)]) == 0
    assert (made / "scripts/models").is_file()
    edit(made / "lambda-image.yaml", model, "handler:")
    assert main.main(["render", str(made)]) == 0
    assert tree(made) == before


def test_an_edited_file_is_refused_and_kept_under_force(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(made / "Makefile", "help:", "# mine\nhelp:")
    mine = (made / "Makefile").read_bytes()
    assert main.main(["render", str(made)]) == 1
    assert "Makefile" in capsys.readouterr().err
    assert (made / "Makefile").read_bytes() == mine
    assert main.main(["render", "--force", str(made)]) == 0
    assert (made / "Makefile.orig").read_bytes() == mine
    assert b"# mine" not in (made / "Makefile").read_bytes()


def test_an_edit_that_git_holds_is_no_loss(made: Path) -> None:
    edit(made / "Makefile", "help:", "# mine\nhelp:")
    commit(made, "mine")
    assert main.main(["render", str(made)]) == 0
    assert b"# mine" not in (made / "Makefile").read_bytes()


def test_diff_shows_a_what_if_and_writes_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    capsys.readouterr()
    assert main.main(["diff", "--set", "runtime=python3.14", "--set", "lambda.timeout=60", str(made)]) == 1
    shown = capsys.readouterr().out
    assert "-FROM public.ecr.aws/lambda/python:3.13 AS base" in shown
    assert "+FROM public.ecr.aws/lambda/python:3.14 AS base" in shown
    assert "+timeout=60" in shown
    assert tree(made) == before
    assert main.main(["diff", "--set", "runtime=python2", str(made)]) == 2
    assert "unknown-runtime" in capsys.readouterr().err
    assert main.main(["diff", "--set", "runtime", str(made)]) == 2
    assert main.main(["diff", "--set", "runtime=NO", str(made)]) == 2


def test_the_diff_is_a_patch(made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    monkeypatch.chdir(made)
    capsys.readouterr()
    assert main.main(["diff"]) == 1
    patch = capsys.readouterr().out
    done = subprocess.run(["git", "apply", "-p0", "-"], input=patch, text=True, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert main.main(["check"]) == 0


def test_plan_is_the_golden_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["plan", str(CASES / "full/lambda-image.yaml")]) == 0
    assert capsys.readouterr().out == (CASES / "full/plan.json").read_text(encoding="utf-8")


def test_many_projects_and_a_bad_one_hides_none(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        assert main.main(["new", "--defaults", str(tmp_path / "more" / name)]) == 0
    (tmp_path / "more/a/lambda-image.yaml").write_text("version: [1\n")
    (tmp_path / "more/b/Makefile").unlink()
    capsys.readouterr()
    assert main.main(["check", "--format", "json", str(tmp_path)]) == 2
    files = [row["file"] for row in json.loads(capsys.readouterr().out)["findings"]]
    assert files == [f"{tmp_path}/more/a/lambda-image.yaml", f"{tmp_path}/more/b/Makefile"]


def test_plans_of_many_projects_but_the_bad_one(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/lambda-image.yaml").write_text("version: 2\n")
    capsys.readouterr()
    assert main.main(["plan", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert list(json.loads(said.out)) == [str(made)]
    assert "wrong-value" in said.err


def test_answers_are_not_ignored_where_a_spec_is_in_place(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(made)
    assert main.main(["new", "--data", "name=other", str(made)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert tree(made) == before


def test_a_folder_in_the_way_is_refused_with_its_reason(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "Makefile").unlink()
    (made / "Makefile").mkdir()
    for words in (["render"], ["render", "--force"]):
        capsys.readouterr()
        assert main.main([*words, str(made)]) == 1
        assert f"{made}/Makefile: refused a directory stands here" in capsys.readouterr().err


def test_a_spec_in_place_is_used_instead_of_questions(tmp_path: Path) -> None:
    where = tmp_path / "mine"
    where.mkdir()
    spec = (CASES / "debian/lambda-image.yaml").read_bytes()
    (where / "lambda-image.yaml").write_bytes(b"# mine\n" + spec)
    assert main.main(["new", str(where)]) == 0
    assert (where / "lambda-image.yaml").read_bytes() == b"# mine\n" + spec
    assert "slim-trixie" in (where / "Dockerfile").read_text()


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


@pytest.mark.parametrize(
    "words",
    [[], ["frobnicate"], ["check", "--format", "yaml"], ["check", "/nonexistent"], ["new"], ["plan", "/tmp/.."]],
)
def test_bad_usage_is_one_clear_message(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if words == ["plan", "/tmp/.."]:
        words = ["plan", str(tmp_path)]
    assert main.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("scaffold: ")
    assert "Traceback" not in said.err


def test_help_and_version_need_nothing_heavy() -> None:
    for word in ("--help", "--version"):
        script = (
            f"import sys; sys.argv = ['scaffold', '{word}']\n"
            "from scaffold.cli.main import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print(sorted({'jinja2', 'copier', 'jsonschema', 'docker'} & sys.modules.keys()))"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("[]\n")


def test_a_check_in_order_imports_nothing_heavy(made: Path, template: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "import scaffold.rendering.engine, scaffold.cli.main\n"
        f"scaffold.rendering.engine.template_root = lambda: pathlib.Path({str(template)!r})\n"
        f"assert scaffold.cli.main.main(['check', {str(made)!r}]) == 0\n"
        "heavy = {'copier', 'jsonschema', 'docker', 'rich', 'subprocess', 'difflib', 'unicodedata'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n"), done.stdout


def test_answers_that_are_no_answers(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("a: [", "[]", "spec: 1\nstarters: x\n", "\0", "template: {a: b}\nstarters: [1]\n"):
        (made / ".copier-answers.yml").write_text(text)
        capsys.readouterr()
        assert main.main(["check", str(made)]) == 3
        assert ".copier-answers.yml" in capsys.readouterr().out


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
    child.expect("Handler, as Lambda calls it")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert yaml.safe_load((tmp_path / "asked/lambda-image.yaml").read_text())["name"] == "asked-for"


def test_standards_are_shown_and_made_a_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["standards", "show", "python3.13-pinned", "python3.11", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["images"]
    assert [(row["name"], row["kind"], sorted(row["digests"])) for row in rows] == [
        ("python3.11", "base", []),
        ("python3.13-pinned", "base", ["x86_64"]),
    ]
    assert main.main(["standards", "show", "python3.12"]) == 2
    assert "Did you mean" in capsys.readouterr().err
    assert main.main(["standards", "policy"]) == 0, "that some are not pinned is a warning where digests are optional"
    said = capsys.readouterr()
    names = [rule["selector"]["identifier"] for rule in json.loads(said.out)["rules"]]
    assert names[:3] == ["*", "local://context", "local://dockerfile"]
    assert len(names) == 3 + 2 * 5, "two names for each pinned image: two bases, and extensions for three architectures"
    assert said.err.count("unpinned-base warning") == 5


@pytest.mark.parametrize(
    ("case", "code", "allowed", "said"),
    [
        ("pinned", 0, 2, ""),
        ("minimal", 1, 0, "unpinned-base"),
        ("own-base", 1, 0, "unpinned-base"),
    ],
)
def test_a_policy_for_a_project_allows_what_it_needs(
    case: str, code: int, allowed: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = CASES / case / "lambda-image.yaml"
    assert main.main(["standards", "policy", "--projects", str(spec)]) == code
    found = capsys.readouterr()
    assert len(json.loads(found.out)["rules"]) == 3 + allowed
    assert said in found.err


def test_a_policy_where_digests_are_required_and_for_no_project(
    tmp_path: Path, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "standards.yaml"
    path.write_bytes((template / "standards/standards.yaml").read_bytes())
    edit(path, "inline_base: allowed", "inline_base: refused\n  base_digest: required")
    assert main.main(["standards", "policy", "--standards", str(path)]) == 1
    words = ["standards", "policy", "--standards", str(path), "--projects", str(CASES / "own-base/lambda-image.yaml")]
    assert main.main(words) == 1
    assert "uncatalogued-base" in capsys.readouterr().err
    assert main.main(["standards", "policy", "--projects", str(tmp_path)]) == 2
