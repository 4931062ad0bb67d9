"""The starter handlers of every event, by their own unit tests, outside an image."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.events import all_in_python
from support.template import CASES, tree_of, write_tree

from scaffold.rendering.engine import Engine

RUNNERS = {
    "python": [sys.executable, "-m", "unittest", "discover", "-s", "tests"],
    "javascript": ["node", "--test"],
    "commonjs": ["node", "--test"],
}


@pytest.mark.parametrize("language", RUNNERS)
def test_every_starter_passes_its_own_tests(language: str, engine: Engine, tmp_path: Path) -> None:
    words = RUNNERS[language]
    if not shutil.which(words[0]):
        pytest.skip("this machine has no node")
    if language == "python":
        spec = all_in_python()
    else:
        spec = yaml.safe_load((CASES / "node-events/lambda-image.yaml").read_text(encoding="utf-8"))
        spec["language"] = language
    write_tree(tmp_path, tree_of(engine.render(spec, engine.plan(spec), {})))
    words += [] if language == "python" else sorted(f"tests/{path.name}" for path in tmp_path.glob("tests/*.mjs"))
    environment = os.environ | {"PYTHONPATH": "src"}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ran 0 tests" not in done.stderr
