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

from scaffold.cli import main

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
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
    return template


def test_recopy_and_render_leave_the_same(project: Path, own_template: Path, tmp_path: Path) -> None:
    edit(project / "lambda-image.yaml", "handler:", "system_packages: [jq, libgomp]\nhandler:")
    twin = tmp_path / "twin" / project.name
    shutil.copytree(project, twin)
    done = run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project))
    assert done.returncode == 0, done.stderr
    assert main.main(["render", str(twin)]) == 0
    assert "libgomp" in (project / "Dockerfile").read_text()
    assert tree(project) == tree(twin)
    assert main.main(["check", str(project)]) == 0


def test_answers_that_copier_and_the_package_write_are_the_same(project: Path, own_template: Path) -> None:
    assert main.main(["check", str(project)]) == 0


def test_what_copier_leaves_behind_is_found_and_removed(
    project: Path, own_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`copier recopy` records the new spec and removes nothing."""
    model = f"model_files: [{{from: https://models.example.com/a.onnx, sha256: {'a' * 64}}}]\nhandler:"
    before = tree(project)
    edit(project / "lambda-image.yaml", "handler:", model)
    assert main.main(["render", str(project)]) == 0
    edit(project / "lambda-image.yaml", model, "handler:")
    assert run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project)).returncode == 0
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert answers["left_over"] == ["scripts/models", "scripts/models.sha256"]
    assert "scripts/models" not in answers["generated"]
    capsys.readouterr()
    assert main.main(["check", str(project)]) == 1
    said = capsys.readouterr().out
    assert f"{project}/scripts/models: left-over" in said
    assert f"{project}/.copier-answers.yml" not in said
    assert main.main(["render", str(project)]) == 1, "nobody else has it"
    commit(project, "with what was left")
    assert main.main(["render", str(project)]) == 0
    assert tree(project) == before
    (project / "scripts/models").write_text("#!/bin/sh\n# mine\n")
    assert main.main(["check", str(project)]) == 0


def test_what_copier_left_behind_and_its_owner_removed_is_in_order(project: Path, own_template: Path) -> None:
    model = f"model_files: [{{from: https://models.example.com/a.onnx, sha256: {'a' * 64}}}]\nhandler:"
    before = tree(project)
    recopy = ("recopy", "-f", "-r", ":current:", "--quiet", str(project))
    edit(project / "lambda-image.yaml", "handler:", model)
    assert run_copier(*recopy).returncode == 0
    edit(project / "lambda-image.yaml", model, "handler:")
    assert run_copier(*recopy).returncode == 0
    (project / "scripts/models").unlink()
    (project / "scripts/models.sha256").unlink()
    assert main.main(["check", str(project)]) == 0
    twin = project.parent / "twin" / project.name
    shutil.copytree(project, twin)
    assert run_copier(*recopy).returncode == 0
    assert main.main(["render", str(twin)]) == 0
    assert tree(project) == tree(twin) == before


def test_owners_files_survive_every_way(project: Path, own_template: Path) -> None:
    (project / "src/app.py").write_text("def handler(event, context):\n    return 'mine'\n")
    (project / "tests/test_handler.py").unlink()
    (project / "README.md").rename(project / "READ-ME.md")
    edit(project / "lambda-image.yaml", "handler:", "environment: {LEVEL: debug}\nhandler:")
    commit(project, "edits")
    before = tree(project)
    for command in (
        lambda: run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project)).returncode,
        lambda: main.main(["render", str(project)]),
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
    assert main.main(["render", str(project)]) == 0
    assert (project / "src/search/main.py").is_file()
    assert (project / "src/app.py").is_file()


def test_a_new_handler_gets_no_starter_beside_code_that_has_the_function(project: Path, own_template: Path) -> None:
    (project / "src/app.py").write_text("def handler(event, context):\n    return 'mine'\n")
    edit(project / "lambda-image.yaml", "app.handler", "search.main.handler")
    commit(project, "renamed")
    assert main.main(["render", str(project)]) == 1
    done = run_copier("recopy", "-f", "-r", ":current:", "--quiet", str(project))
    assert "there is no src/search/main.py" in done.stderr
    assert "app.py" in done.stderr
    assert not (project / "src/search").exists()
    assert main.main(["render", "--starters", str(project)]) == 0
    assert (project / "src/search/main.py").is_file()


COPIED = """\
version: 1
name: flat
runtime: python3.13
architecture: x86_64
handler: {}
"""


@pytest.mark.parametrize(
    ("handler", "code", "files", "message"),
    [
        ("app.handler", "", ["app.py"], "there is no src/app.py. app.py is in the project"),
        ("src.app.handler", "", ["src/app.py"], "there is no src/src/app.py. src/app.py is in the project"),
        ("ap.handler", "", ["src/app.py"], "there is no src/ap.py. The code has app.py: correct handler"),
        ("app.handler", "", ["src/app.py"], ""),
        ("app.handler", "", ["src/app/__init__.py"], ""),
        ("app.handler", "", ["src/app.cpython-313.so"], ""),
        ("app.handler", "code: [{from: .}]\n", ["app.py"], ""),
        ("app.handler", "code: [{from: '*.py'}]\n", ["app.py"], ""),
        ("app.handler", "code: [{from: v1.0}]\n", ["v1.0/app.py", "app.py"], ""),
        ("app.handler", "code: []\n", ["src/other.py"], ""),
        ("acme.handler", "checks: {imports: [acme]}\n", ["src/other.py"], ""),
        ("app.handler", "", [], ""),
    ],
)
def test_copier_finds_code_that_a_starter_would_hide(
    handler: str, code: str, files: list[str], message: str, template: Path, tmp_path: Path
) -> None:
    project = tmp_path / "a [new] project"
    project.mkdir()
    (project / "lambda-image.yaml").write_text(COPIED.format(handler) + code)
    for name in files:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("mine\n")
    done = run_copier("copy", "--quiet", str(template), str(project))
    assert (done.returncode == 0) == (not message), done.stderr
    assert message in done.stderr
    assert (project / "Dockerfile").exists() == (not message)
    assert all((project / name).read_text() == "mine\n" for name in files)


def test_update_follows_a_newer_template_and_an_edited_spec_at_once(tmp_path: Path) -> None:
    newer = copy_template(tmp_path / "template")
    commit(newer, "1", tag="v1.0.0")
    project = tmp_path / "project"
    copier.run_copy(str(newer), project, defaults=True, quiet=True)
    edit(newer / "template/files/Dockerfile.jinja", "# Everything that", "# Version 2. Everything that")
    edit(newer / "catalogue/template.json", VERSION, '"version": "2.0.0"')
    commit(newer, "2", tag="v2.0.0")
    edit(project / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    (project / "src/app.py").write_text("mine = 1\n")
    (project / "tests/invoke").unlink()
    edit(project / "Dockerfile", "# Everything that", "# Edited by hand. Everything that")
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
    assert main.main(["check", str(project)]) == 0


def test_another_version_is_outdated_never_drift(
    project: Path, template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(template, newer)
    edit(newer / "catalogue/template.json", VERSION, '"version": "9.0.0"')
    edit(newer / "template/files/Dockerfile.jinja", "# Everything that", "# Version 9. Everything that")
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: newer)
    before = tree(project)
    assert main.main(["check", str(project)]) == 1
    said = capsys.readouterr().out
    assert ": outdated " in said
    assert "drift" not in said
    assert "Run `scaffold update`" in said
    assert f"uvx --from 'git+{template}@v1.0.0' scaffold" in said
    assert main.main(["render", str(project)]) == 3
    said = capsys.readouterr().err
    assert "Run `scaffold update`" in said
    assert tree(project) == before


def test_a_project_made_by_the_package_can_go_on_with_copier(own_template: Path, tmp_path: Path) -> None:
    project = tmp_path / "made"
    assert main.main(["new", "--defaults", str(project)]) == 0
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    assert answers["_commit"] == f"v{TEMPLATE['version']}"
    assert answers["_src_path"].startswith("https://")
    edit(project / ".copier-answers.yml", answers["_src_path"], str(own_template))
    edit(project / ".copier-answers.yml", f"_commit: v{TEMPLATE['version']}", "_commit: v1.0.0")
    commit(project, "made")
    done = run_copier("update", "--defaults", "--quiet", str(project))
    assert done.returncode == 0, done.stderr
    assert git(project, "status", "--porcelain") == ""


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """A template with two versions; the second has another Dockerfile, a new script and no more scripts/prune."""
    where = copy_template(tmp_path / "releases")
    commit(where, "1", tag="v1.0.0")
    edit(where / "template/files/Dockerfile.jinja", "# Everything that", "# Version 2. Everything that")
    edit(where / "catalogue/template.json", VERSION, '"version": "2.0.0"')
    edit(where / "catalogue/kinds.json", '"prune", ', "")
    commit(where, "2", tag="v2.0.0")
    return where


def made_by(releases: Path, where: Path, *, version: str = "v1.0.0") -> Path:
    copier.run_copy(str(releases), where, defaults=True, quiet=True, vcs_ref=version)
    return where


def committed(where: Path) -> Path:
    commit(where, "made")
    return where


def test_update_moves_many_and_tells_what_changed(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = tmp_path / "fleet"
    own = committed(made_by(releases, fleet / "own"))
    current = committed(made_by(releases, fleet / "current", version="v2.0.0"))
    for name in ("x", "y"):
        made_by(releases, fleet / "together" / name)
    together = committed(fleet / "together")
    dirty = committed(made_by(releases, fleet / "dirty"))
    (dirty / "src/app.py").write_text("mine = 1\n")
    made_by(releases, fleet / "no-repository")
    foreign = committed(made_by(releases, fleet / "without-answers"))
    (foreign / ".copier-answers.yml").unlink()
    commit(foreign, "no answers")
    edit(own / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:")
    edit(own / "Makefile", "help:", "# mine\nhelp:")
    (own / "src/app.py").write_text("mine = 1\n")
    (own / "tests/invoke").unlink()
    commit(own, "edits")

    assert main.main(["update", "--format", "json", str(fleet)]) == 3
    said = capsys.readouterr()
    moved = {Path(row["project"]).relative_to(fleet).as_posix(): row for row in json.loads(said.out)["projects"]}
    assert {name: (row["from"], row["to"]) for name, row in moved.items()} == {
        "current": ("v2.0.0", "v2.0.0"),
        "own": ("v1.0.0", "v2.0.0"),
        "together/x": ("v1.0.0", "v2.0.0"),
        "together/y": ("v1.0.0", "v2.0.0"),
    }
    usual = {
        ".copier-answers.yml": "update",
        ".gitattributes": "update",
        "Dockerfile": "update",
        "scripts/prune": "remove",
    }
    changes = {name: {file["path"]: file["kind"] for file in row["files"]} for name, row in moved.items()}
    own_changes = {"Makefile": "update", "scripts/lock.Dockerfile": "update"}
    assert changes == {"current": {}, "own": usual | own_changes, "together/x": usual, "together/y": usual}
    assert not any(row["unmerged"] for row in moved.values())
    for name, reason in (
        ("dirty", "commit or stash your changes first (src/app.py)"),
        ("no-repository", "not in a git repository"),
        ("without-answers", ".copier-answers.yml does not record the template's version"),
    ):
        assert f"{fleet}/{name}: undecided {reason}" in said.err
    dockerfile = (own / "Dockerfile").read_text()
    assert "Version 2." in dockerfile
    assert "jq" in dockerfile
    assert (own / "src/app.py").read_text() == "mine = 1\n"
    assert not (own / "tests/invoke").exists()
    assert "left_over" not in yaml.safe_load((own / ".copier-answers.yml").read_text())
    assert git(current, "status", "--porcelain") == ""
    assert git(together, "status", "--porcelain", "--", "x/lambda-image.yaml", "y/src") == ""


def test_what_an_update_by_copier_leaves_behind_is_found(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = committed(made_by(releases, tmp_path / "project"))
    assert run_copier("update", "--defaults", "--quiet", str(project)).returncode == 0
    commit(project, "updated")
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: releases)
    assert main.main(["check", str(project)]) == 1
    said = capsys.readouterr().out
    assert f"{project}/scripts/prune: left-over" in said
    reported = [line for line in said.splitlines() if line.startswith(str(project)) and " note: " not in line]
    assert len(reported) == 1
    assert main.main(["render", str(project)]) == 0
    assert not (project / "scripts/prune").exists()
    assert main.main(["check", str(project)]) == 0


def test_update_to_a_version_and_again(
    releases: Path, own_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = committed(made_by(releases, tmp_path / "project"))
    edit(releases / "template/files/Dockerfile.jinja", "# Version 2.", "# Version 3.")
    commit(releases, "3", tag="v3.0.0")
    assert main.main(["update", "--to", "v2.0.0", str(project)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{project}: v1.0.0 -> v2.0.0, 4 changed\n  update .copier-answers.yml\n")
    assert said.splitlines()[-1].startswith("Upgrade this package (`uv tool upgrade lambda-image-scaffold`): what is ")
    commit(project, "2")
    assert main.main(["update", "--to", "v9.0.0", str(project)]) == 3
    assert "v9.0.0" in capsys.readouterr().err
    assert main.main(["update", "--to", "v1.0.0", str(project)]) == 3
    assert "downgrading" in capsys.readouterr().err
    assert git(project, "status", "--porcelain") == ""
    assert main.main(["update", str(project)]) == 0
    assert "# Version 3." in (project / "Dockerfile").read_text()


def test_update_stops_at_a_template_that_is_gone_and_at_a_bad_spec(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = made_by(releases, tmp_path / "project")
    edit(project / "lambda-image.yaml", "runtime: python3.13", "runtime: python2")
    before = tree(committed(project))
    assert main.main(["update", str(project)]) == 3
    assert "python2" in capsys.readouterr().err
    releases.rename(tmp_path / "moved-away")
    assert main.main(["update", str(project)]) == 3
    said = capsys.readouterr().err
    assert "Copier cannot update it" in said
    assert "Traceback" not in said
    assert tree(project) == before


def test_update_fails_where_something_is_left_unmerged(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template that lets Copier merge, as an organisation's own may: its conflicts end with status 0 in Copier."""
    edit(releases / "copier.yml", "  - \"{{ '*' if _copier_operation == 'update' and not on_disk }}\"\n", "")
    commit(releases, "3", tag="v3.0.0")
    edit(releases / "template/files/Dockerfile.jinja", "# Version 2. Everything that", "# Version 4. It reads")
    commit(releases, "4", tag="v4.0.0")
    bad, good = (made_by(releases, tmp_path / "fleet" / name, version="v3.0.0") for name in ("bad", "good"))
    committed(good)
    edit(committed(bad) / "Dockerfile", "# Version 2. Everything that", "# Mine. It reads")
    commit(bad, "mine")
    assert main.main(["update", str(tmp_path / "fleet")]) == 3
    said = capsys.readouterr()
    assert f"{bad}/Dockerfile: unmerged " in said.err
    assert "<<<<<<< " in (bad / "Dockerfile").read_text()
    assert f"{bad}: v3.0.0 -> v4.0.0" in said.out
    assert f"{good}: v3.0.0 -> v4.0.0" in said.out
    assert "unmerged" not in said.out
    assert "# Version 4." in (good / "Dockerfile").read_text()
