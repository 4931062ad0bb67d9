from __future__ import annotations

from pathlib import Path

import pytest
from support.template import CASES

from scaffold import drift, status
from scaffold.engine import Engine
from scaffold.project import apply


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Path:
    (tmp_path / "lambda-image.yaml").write_bytes((CASES / "al2/lambda-image.yaml").read_bytes())
    apply(tmp_path, status.read(tmp_path, engine).changes)
    return tmp_path


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda text: "x" + text[1:], 1),
        (lambda text: text + "\n", lambda text: text.count("\n") + 1),
        (lambda text: text[:-1], lambda text: text.count("\n")),
        (lambda text: text.replace("\n", "\r\n"), 1),
        (lambda _: "", 1),
    ],
)
def test_drift_names_the_first_line_that_differs(project: Path, engine: Engine, edit, line) -> None:  # type: ignore[no-untyped-def]
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_bytes(edit(text).encode())
    [finding] = drift.findings(status.read(project, engine))
    assert finding.code == "drift"
    assert finding.line == (line(text) if callable(line) else line)
