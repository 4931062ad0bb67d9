"""The first project of each language and dialect in the catalogue: made with default answers, it builds and answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence

import projects
import pytest
import stand_ins
from support.template import TESTS

pytestmark = pytest.mark.images

ROOT = TESTS.parent
CATALOGUE = json.loads((ROOT / "catalogue/languages.json").read_text(encoding="utf-8"))["languages"]
LANGUAGES = sorted({word for name, row in CATALOGUE.items() for word in row.get("dialects", [name])})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_project_builds_and_answers(language: str, bases: Sequence[str]) -> None:
    trusted = {"CA_BUNDLE": str(projects.CA_BUNDLE)} if projects.CA_BUNDLE.exists() else {}
    done = subprocess.run(
        [ROOT / "examples/demo", sys.executable, language],
        env=os.environ | trusted | {"PORT": "0", "CONTAINER": f"demo-{language}-{os.getpid()}"},
        check=False,
        text=True,
        capture_output=True,
    )
    dockerfile = (ROOT / "build/demo" / language / "Dockerfile").read_text(encoding="utf-8")
    missing = set(re.findall(r"^FROM (?:--\S+ )?([^\s$-]\S*/\S+)", dockerfile, re.MULTILINE)) - stand_ins.table().keys()
    if missing and bases:
        assert f"There is no stand-in for {min(missing)}" in done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        pytest.skip(f"there is no stand-in for {', '.join(sorted(missing))}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All tests passed" in done.stderr


def test_the_demo_knows_the_languages_of_the_catalogue() -> None:
    done = subprocess.run(
        [ROOT / "examples/demo", sys.executable, "klingon"], check=False, text=True, capture_output=True
    )
    assert done.returncode
    assert done.stderr.strip() == f"LANGUAGE is one of: {', '.join(sorted({*LANGUAGES, *CATALOGUE}))}"
