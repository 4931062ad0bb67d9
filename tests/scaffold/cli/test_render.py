"""`scaffold render`: what it writes, removes and refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.editing import edit
from support.template import commit, tree

from scaffold.cli import main


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


def test_a_folder_in_the_way_is_refused_with_its_reason(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "Makefile").unlink()
    (made / "Makefile").mkdir()
    for words in (["render"], ["render", "--force"]):
        capsys.readouterr()
        assert main.main([*words, str(made)]) == 1
        assert f"{made}/Makefile: refused a directory is in its place" in capsys.readouterr().err
