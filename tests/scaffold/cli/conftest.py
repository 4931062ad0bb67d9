"""Fixtures of the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.template import PINNED, commit

from scaffold.cli import main


@pytest.fixture(autouse=True)
def own_template(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' template as the package's own."""
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
    monkeypatch.setattr("scaffold.project.copier_runner.template_root", lambda: template)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A project of the package's own, on a pinned base, committed."""
    where = tmp_path / "made"
    assert main.main(["new", "--defaults", "--data", f"base={PINNED}", str(where)]) == 0
    commit(where, "made")
    return where
