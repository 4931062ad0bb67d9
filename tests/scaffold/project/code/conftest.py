"""A project with code of its own, and what is found about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine

SPEC_TEXT = """\
version: 1
name: image-search
runtime: python3.13
architecture: x86_64
"""

Make = Callable[..., Path]
Found = Callable[..., list[str]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes a spec, with these lines at its end, and files. A link's text starts with ->."""

    def write(spec: str, files: Mapping[str, str] | None = None, *, at: str = "project") -> Path:
        root = tmp_path / at
        root.mkdir(parents=True, exist_ok=True)
        (root / SPEC).write_text(SPEC_TEXT + spec)
        for name, text in (files or {}).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith("->"):
                path.symlink_to(text[2:])
            else:
                path.write_text(text)
        return root

    return write


@pytest.fixture
def found(engine: Engine) -> Found:
    """Return a function that renders a project and gives what is found then, as a check of it does."""

    def render(root: Path, *, starters: bool = False) -> list[str]:
        now = state.read(root, engine, starters=starters)
        assert isinstance(now, state.NotRendered | state.Rendered), now
        apply(root, now.changes)
        after = state.read(root, engine)
        assert isinstance(after, state.Rendered)
        assert after.problems == now.problems, "a render reports what the next check finds"
        assert after.changes == []
        return [f"{finding.code} {finding.message} {finding.fix}".strip() for finding in after.problems]

    return render
