"""Functions on a Java virtual machine, besides what all languages are asked."""

from collections.abc import Sequence
from pathlib import Path

import projects
import pytest

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images


def test_every_starter_in_kotlin_is_tested_and_answers(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = projects.case(engine, tmp_path / "project", "kotlin", bases)
    done = project.script("test", *bases)
    assert "All tests passed: 8 unit tests, tests/invoke-greet, tests/invoke-work" in done.stdout
