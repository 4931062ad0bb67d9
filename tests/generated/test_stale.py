"""What is older than its source: the files than the spec, the image than the code, the pushed image than the built."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import commit, git

from scaffold.cli import main

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "stale",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
    "dependencies": {"files": ["requirements.txt"]},
    "code": [{"from": "src", "exclude": ["tests"]}],
}
DOCKER = """#!/bin/sh
case "$1 $2" in
    'image inspect') echo "sha256:${IMAGE_ID:-1}" ;;
    'buildx build')
        echo built >>"$BUILDS"
        while [ $# != 0 ] && [ "$1" != --iidfile ]; do shift; done
        [ $# = 0 ] || printf %s "sha256:${IMAGE_ID:-1}" >"$2"
        ;;
    port*) echo 127.0.0.1:1 ;;
esac
"""
AWS = "#!/bin/sh\necho 111122223333\n"
SAID = "lambda-image.yaml was edited and not rendered: run 'scaffold render' (or 'copier recopy -f -r :current:')."
STOPPED = ["build", "lock", "run", "shell", "dev", "debug", "push", "deploy"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rendered project, whose files are some seconds old, and a Docker that has an image and builds in no time."""
    root = tmp_path / "my project"
    root.mkdir()
    (root / "lambda-image.yaml").write_text(yaml.safe_dump(SPEC), encoding="utf-8")
    assert main.main(["render", str(root)]) == 0
    (root / "requirements.in").touch()
    age(root)
    for name, text in {
        "docker": DOCKER,
        "curl": "#!/bin/sh\n",
        "uname": "#!/bin/sh\necho x86_64\n",
        "aws": AWS,
    }.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("BUILDS", str(tmp_path / "builds"))
    return root


def age(root: Path) -> None:
    """Set the times of all files back, in the order in which both renderers write them."""
    paths = sorted(path for path in root.rglob("*") if path.is_file() and ".git/" not in f"{path}/")
    for number, path in enumerate(paths):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def script(root: Path, name: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [root / "scripts" / name], env=os.environ | variables, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr


def edit(root: Path, text: str = "timezone: Europe/Prague\n") -> None:
    with (root / "lambda-image.yaml").open("a", encoding="utf-8") as spec:
        spec.write(text)


def builds(root: Path, **variables: str) -> bool:
    code, said = script(root, "build", **variables)
    assert (code, said) == (0, "") or (code, SAID in said, len(said.splitlines())) == (1, True, 1)
    return code == 0


@pytest.mark.parametrize("first", [True, False], ids=["before the first build", "after a build"])
def test_an_edited_spec_is_used_by_no_script_before_it_is_rendered(project: Path, tmp_path: Path, first: bool) -> None:
    assert first or builds(project)
    edit(project)
    before = (tmp_path / "builds").read_text() if not first else ""
    for name in STOPPED:
        code, said = script(project, name)
        assert (code, SAID in said) == (1, True), name
    for name in ("invoke", "rollback", "destroy"):
        assert SAID not in script(project, name)[1]
    assert not (tmp_path / "builds").exists() or (tmp_path / "builds").read_text() == before
    assert main.main(["render", str(project)]) == 0
    assert builds(project)
    edit(project, "description: again\n")
    assert not builds(project)
    assert builds(project, STALE="allow")


def quote_the_runtime(root: Path) -> None:
    spec = root / "lambda-image.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("python3.13", '"python3.13"'), encoding="utf-8")


def test_a_comment_needs_no_render(project: Path) -> None:
    for text in ("# Why this version: see the wiki.\n", "\n  # Or so.\n\n"):
        assert builds(project)
        edit(project, text)
        assert builds(project)
    edit(project)
    assert not builds(project)


@pytest.mark.parametrize("first", [True, False], ids=["before the first build", "after a build"])
def test_an_edit_that_changes_no_file_is_rendered_too(project: Path, first: bool) -> None:
    assert first or builds(project)
    quote_the_runtime(project)
    assert not builds(project)
    assert main.main(["render", str(project)]) == 0
    assert builds(project)
    assert builds(project)
    edit(project)
    assert not builds(project)


def test_whoever_has_only_copier_accepts_such_an_edit(project: Path) -> None:
    quote_the_runtime(project)
    assert not builds(project)
    assert builds(project, STALE="allow")
    assert builds(project)
    edit(project)
    assert not builds(project)


def test_an_edit_that_is_undone_is_none(project: Path) -> None:
    assert builds(project)
    spec = project / "lambda-image.yaml"
    text = spec.read_bytes()
    edit(project)
    assert not builds(project)
    spec.write_bytes(text)
    assert builds(project)


def test_an_older_spec_that_is_moved_back_is_an_edit(project: Path, tmp_path: Path) -> None:
    shutil.copy2(project / "lambda-image.yaml", tmp_path / "kept")
    edit(project)
    assert main.main(["render", str(project)]) == 0
    assert builds(project)
    (tmp_path / "kept").rename(project / "lambda-image.yaml")
    assert not builds(project)


def test_what_git_brings_is_taken_as_rendered(project: Path, tmp_path: Path) -> None:
    """In a clone, the order of the files' times means nothing; `scaffold check` judges what is committed."""
    git(project, "init", "-q", "-b", "main")
    commit(project, "first")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(project), str(clone))
    edit(project)
    assert main.main(["render", str(project)]) == 0
    git(project, "checkout", "-q", "-b", "other")
    commit(project, "second")
    git(clone, "fetch", "-q")
    assert builds(clone)
    for remembered in (True, False):
        for branch in ("other", "main"):
            if not remembered:
                shutil.rmtree(clone / ".image")
            git(clone, "checkout", "-q", branch)
            os.utime(clone / "lambda-image.yaml")
            assert builds(clone)
    shutil.rmtree(clone / ".image")
    edit(clone)
    assert not builds(clone)


def test_a_copy_without_git_is_taken_as_rendered(project: Path) -> None:
    for when in (1_800_000_000, None):
        for path in project.rglob("*"):
            os.utime(path, when and (when, when))
        assert builds(project)
        shutil.rmtree(project / ".image")


CHANGES: Mapping[str, tuple[str, bool]] = {
    "code": ("src/app.py", True),
    "a new module": ("src/more/words.py", True),
    "a requirement": ("requirements.txt", True),
    "the Dockerfile": ("Dockerfile", True),
    "bytecode": ("src/__pycache__/app.pyc", False),
    "a secret": ("src/.env", False),
    "code that is left out": ("src/tests/test_words.py", False),
    "a test": ("tests/test_more.py", False),
    "a document": ("README.md", False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_image_older_than_its_files_is_a_warning(project: Path, change: str) -> None:
    path, older = CHANGES[change]
    assert builds(project)
    for changed in sorted(project.rglob("*")):
        os.utime(changed)  # a time alone is not a change
    assert "Warning" not in script(project, "run")[1]
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(file.read_text(encoding="utf-8") + "# more\n" if file.exists() else "", encoding="utf-8")
    warning = f"Warning: {path} has changed since the image was built: run 'make build'."
    code, said = script(project, "run")
    assert (code, warning in said) == (0, older)
    assert (warning in script(project, "push")[1]) == older
    assert "Warning" not in script(project, "run", IMAGE_ID="built elsewhere")[1]
    assert builds(project)
    assert "Warning" not in script(project, "run")[1]


def test_a_removed_file_is_a_change(project: Path) -> None:
    assert builds(project)
    (project / "src/app.py").unlink()
    assert "Warning: src/app.py has changed" in script(project, "run")[1]


def test_what_is_pushed_and_older_than_what_is_built_is_not_deployed(project: Path) -> None:
    assert builds(project)
    (project / ".image/pushed").write_text("sha256:1\n", encoding="utf-8")
    refusal = (
        "the image was built again after it was pushed: run 'make push', or deploy the pushed one with STALE=allow."
    )
    assert refusal not in script(project, "deploy", AWS_REGION="eu-west-1")[1]
    assert refusal in script(project, "deploy", IMAGE_ID="2", AWS_REGION="eu-west-1")[1]
    for given in ({"STALE": "allow"}, {"IMAGE": "another"}):
        assert refusal not in script(project, "deploy", IMAGE_ID="2", **given)[1]
