"""Every evasion, and relatives of it: what the gate of the file says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.evasions import Evasion, evasions, names

from scaffold.gates.dockerfile import exit_code, judge

TODAY = date(2026, 11, 24)


def test_rows_are_whole() -> None:
    rows = evasions()
    assert len({row.id for row in rows}) == len(rows) >= 90
    for row in rows:
        assert row.gates, row.id
        assert set(row.gates) <= {"S", "T", "I", "C"}, row.id
        assert bool(row.seen) != bool(row.unbuilt), row.id
        assert row.code or "S" not in row.gates, row.id


@pytest.mark.parametrize("row", evasions(), ids=lambda row: row.id)
def test_the_gate_of_the_file(row: Evasion, tmp_path: Path) -> None:
    """It stops what is its own to stop; what it does not see is for the gates that the row names."""
    folder = tmp_path / "project"
    folder.mkdir()
    row.write(folder, names())
    found = judge([folder], names().standards(tmp_path, row.standards), TODAY)
    if not row.code:
        assert found == []
        return
    assert row.code in {finding.code for finding in found}
    assert exit_code(found) > 0
    for finding in found:
        assert finding.fix
        assert finding.file
