from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.template import CASES

from scaffold import drift, status
from scaffold.engine import Engine
from scaffold.findings import Severity
from scaffold.project import apply


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Path:
    (tmp_path / "lambda-image.yaml").write_bytes((CASES / "al2/lambda-image.yaml").read_bytes())
    apply(tmp_path, status.read(tmp_path, engine).changes)
    return tmp_path


@pytest.mark.parametrize(("day", "warns"), [(date(2027, 6, 29), False), (date(2027, 6, 30), True)])
def test_a_runtime_is_deprecated_from_its_day_on(project: Path, engine: Engine, day: date, warns: bool) -> None:
    found = drift.findings(status.read(project, engine), day)
    assert [finding.code for finding in found] == ["deprecated-runtime"] * warns
    for finding in found:
        assert (finding.severity, finding.line, finding.column) == (Severity.WARNING, 3, 10)
        assert finding.fix == "Move to python3.14."


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
    [finding] = drift.findings(status.read(project, engine), date(2026, 1, 1))
    assert finding.code == "drift"
    assert finding.line == (line(text) if callable(line) else line)
