"""Every folder of invalid/: a spec, and what is said of it, to the letter, by the package and by Copier."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.template import TESTS, copy_template, tree

from scaffold.cli.main import main
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.reports import formats

INVALID = TESTS / "template/invalid"
NAMES = sorted(path.name for path in INVALID.iterdir())


def findings_text(case: str, engine: Engine) -> str:
    document = validation.read(INVALID / case / "lambda-image.yaml")
    text = formats.render(validation.findings(document, engine), format="text")
    return text.replace(f"{INVALID / case}/", "")


@pytest.mark.parametrize("case", NAMES)
def test_findings(case: str, engine: Engine, update_golden: bool) -> None:
    golden = INVALID / case / "findings.txt"
    text = findings_text(case, engine)
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", NAMES)
def test_every_finding_is_located_and_says_what_to_do(case: str, engine: Engine) -> None:
    found = validation.findings(validation.read(INVALID / case / "lambda-image.yaml"), engine)
    assert found
    for finding in found:
        assert finding.fix, finding
        assert (finding.line and finding.column) or finding.code == "empty-document", finding


def test_ten_mistakes_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", str(INVALID / "ten-mistakes"), "--format", "json"])
    rows = json.loads(capsys.readouterr().out)["findings"]
    assert code == 2
    assert len({(row["line"], row["column"]) for row in rows}) >= 10
    assert all(row["fix"] for row in rows)


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("verb", ["copy", "recopy", "update"])
def test_copier_says_it_too_and_writes_nothing(
    case: str, verb: str, template: Path, project: Path, tmp_path: Path
) -> None:
    if verb == "copy":
        project = tmp_path / "new"
        project.mkdir()
    spec = (INVALID / case / "lambda-image.yaml").read_bytes()
    (project / "lambda-image.yaml").write_bytes(spec)
    words = {
        "copy": ["copy", "--defaults", "--quiet", str(template), str(project)],
        "recopy": ["recopy", "-f", "--quiet", "-r", ":current:", str(project)],
        "update": ["update", "--defaults", "--quiet", "-r", ":current:", str(project)],
    }[verb]
    if verb == "update":
        from support.template import commit

        commit(project, "a bad spec")
    before = tree(project)
    done = subprocess.run([sys.executable, "-m", "copier", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert tree(project) == before
    assert "lambda-image.yaml is not valid" in done.stderr or "\n- " in done.stderr
    for problem in engine_problems(case, template):
        assert problem in done.stderr.replace("\n  ", " ")


def engine_problems(case: str, template: Path) -> list[str]:
    value = yaml.safe_load((INVALID / case / "lambda-image.yaml").read_text(encoding="utf-8"))
    return [problem.message for problem in Engine(template).problems({} if value is None else value)]


def test_copier_takes_bad_answers_the_same_way(template: Path, tmp_path: Path) -> None:
    dest = tmp_path / "made"
    words = ["--data", "name=Bad_Name", "--data", "handler=x y", "--data", "colour=red", "--data", "runtime=pythn3.13"]
    done = subprocess.run(
        [sys.executable, "-m", "copier", "copy", "--defaults", *words, str(template), str(dest)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in ("- name: ", "- handler: ", "- colour: ", "- runtime: "):
        assert word in done.stderr
    assert not dest.exists()


def test_a_withdrawn_base_is_neither_a_default_nor_a_choice(template: Path, tmp_path: Path) -> None:
    spec = {"version": 1, "name": "abc", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
    copy = copy_template(tmp_path / "template")
    path = copy / "standards/standards.yaml"
    text = path.read_text(encoding="utf-8")
    row = "runtimes: [python3.13], default: true"
    assert row in text
    path.write_text(text.replace(row, f"{row}, tier: withdrawn"), encoding="utf-8")
    [problem] = Engine(copy).problems(spec)
    assert (problem.code, problem.path, problem.fix) == ("withdrawn-base", ("runtime",), "")
    assert problem.choices == ("python3.13-debian", "python3.13-alpine", "python3.13-pinned", "acme-python")
    [problem] = Engine(copy).problems(spec | {"base": "no-such"})
    assert problem.choices == ("python3.13-debian", "python3.13-alpine", "python3.13-pinned", "acme-python")
    path.write_text(text.replace(row, f"{row}, tier: acceptable"), encoding="utf-8")
    assert Engine(copy).problems(spec) == []
