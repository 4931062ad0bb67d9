"""What happens to a project's files when its spec or its template moves, by real commands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import pytest
import yaml
from support.template import TESTS, commit, copy_template, git, tree

from scaffold import cli

TEMPLATE = json.loads((TESTS.parent / "catalogue/template.json").read_text(encoding="utf-8"))
VERSION = f'"version": "{TEMPLATE["version"]}"'


def run_copier(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "copier", *words], capture_output=True, text=True, check=False)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def own_template(template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tests' template as the package's own: what an installed package of that organisation is."""
    monkeypatch.setattr("scaffold.engine.template_root", lambda: template)
    return template


def test_recopy_and_render_leave_the_same(project: Path, own_template: Path, tmp_path: Path) -> None:
    edit(project / "lambda-image.yaml", "handler:", "system_packages: [jq, libgomp]\nhandler:")
    twin = tmp_path / "twin" / project.name
    shutil.copytree(project, twin)
    done = run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project))
    assert done.returncode == 0, done.stderr
    assert cli.main(["render", str(twin)]) == 0
    assert "libgomp" in (project / "Dockerfile").read_text()
    assert tree(project) == tree(twin)
    assert cli.main(["check", str(project)]) == 0


def test_answers_that_copier_and_the_package_write_are_the_same(project: Path, own_template: Path) -> None:
    assert cli.main(["check", str(project)]) == 0


def test_owners_files_survive_every_way(project: Path, own_template: Path) -> None:
    handler, requirements = project / "src/app.py", project / "requirements.txt"
    handler.write_text("def handler(event, context):\n    return 'mine'\n")
    requirements.unlink()
    (project / "README.md").rename(project / "READ-ME.md")
    edit(project / "lambda-image.yaml", "handler:", "environment: {LEVEL: debug}\nhandler:")
    commit(project, "edits")
    before = tree(project)
    for command in (
        lambda: run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project)).returncode,
        lambda: cli.main(["render", str(project)]),
        lambda: run_copier("update", "-r", ":current:", "--defaults", "--quiet", str(project)).returncode,
    ):
        git(project, "reset", "--hard", "--quiet")
        assert command() == 0
        after = tree(project)
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert changed == {".copier-answers.yml", "Dockerfile"}
        git(project, "clean", "-fdq")


def test_a_new_handler_gets_a_starter_and_the_old_one_stays(project: Path, own_template: Path) -> None:
    edit(project / "lambda-image.yaml", "app.handler", "search.main.handler")
    assert cli.main(["render", str(project)]) == 0
    assert (project / "src/search/main.py").is_file()
    assert (project / "src/app.py").is_file()


def test_update_follows_a_newer_template_and_an_edited_spec_at_once(tmp_path: Path) -> None:
    newer = copy_template(tmp_path / "template")
    commit(newer, "1", tag="v1.0.0")
    project = tmp_path / "project"
    copier.run_copy(str(newer), project, defaults=True, quiet=True)
    edit(newer / "template/files/Dockerfile.jinja", "# It reads", "# Version 2. It reads")
    edit(newer / "catalogue/template.json", VERSION, '"version": "2.0.0"')
    commit(newer, "2", tag="v2.0.0")
    edit(project / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    (project / "src/app.py").write_text("mine = 1\n")
    (project / "tests/invoke").unlink()
    edit(project / "Dockerfile", "# It reads", "# Edited by hand. It reads")
    commit(project, "edits")
    done = run_copier("update", "--defaults", "--quiet", str(project))
    assert done.returncode == 0, done.stderr
    dockerfile = (project / "Dockerfile").read_text()
    assert "Version 2." in dockerfile
    assert "jq" in dockerfile
    assert "<<<<" not in dockerfile
    assert "Edited by hand" not in dockerfile
    assert (project / "src/app.py").read_text() == "mine = 1\n"
    assert not (project / "tests/invoke").exists()
    assert yaml.safe_load((project / ".copier-answers.yml").read_text())["template"]["version"] == "2.0.0"
    assert "UU" not in git(project, "status", "--porcelain")


def test_a_second_update_changes_nothing(project: Path) -> None:
    for _ in range(2):
        assert run_copier("update", "-r", ":current:", "--defaults", "--quiet", str(project)).returncode == 0
    assert git(project, "status", "--porcelain") == ""


def test_comments_in_the_spec_change_nothing(project: Path, own_template: Path) -> None:
    spec = project / "lambda-image.yaml"
    spec.write_text("# mine\n" + spec.read_text(encoding="utf-8"), encoding="utf-8")
    assert cli.main(["check", str(project)]) == 0


def test_another_version_is_outdated_never_drift(
    project: Path, template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(template, newer)
    edit(newer / "catalogue/template.json", VERSION, '"version": "9.0.0"')
    edit(newer / "template/files/Dockerfile.jinja", "# It reads", "# Version 9. It reads")
    monkeypatch.setattr("scaffold.engine.template_root", lambda: newer)
    before = tree(project)
    assert cli.main(["check", str(project)]) == 1
    said = capsys.readouterr().out
    assert ": outdated " in said
    assert "drift" not in said
    assert "copier update" in said
    assert f"uvx --from 'git+{template}@v1.0.0' scaffold" in said
    assert cli.main(["render", str(project)]) == 3
    said = capsys.readouterr().err
    assert "copier update" in said
    assert tree(project) == before


def test_a_project_made_by_the_package_can_go_on_with_copier(own_template: Path, tmp_path: Path) -> None:
    project = tmp_path / "made"
    assert cli.main(["new", "--defaults", str(project)]) == 0
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert answers["_commit"] == f"v{TEMPLATE['version']}"
    assert answers["_src_path"].startswith("https://")
    edit(project / ".copier-answers.yml", answers["_src_path"], str(own_template))
    edit(project / ".copier-answers.yml", f"_commit: v{TEMPLATE['version']}", "_commit: v1.0.0")
    commit(project, "made")
    done = run_copier("update", "--defaults", "--quiet", str(project))
    assert done.returncode == 0, done.stderr
    assert git(project, "status", "--porcelain") == ""
