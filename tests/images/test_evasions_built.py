"""Each evasion, built by the real builders: it does what its row says, or it would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stranger
from support.evasions import Evasion, Names, evasions

pytestmark = pytest.mark.images
BUILT = [row for row in evasions() if row.seen]


@pytest.fixture(scope="session")
def known(registry: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Names]:
    with stranger.world(tmp_path_factory.mktemp("stranger"), registry) as found:
        yield found


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.id)
def test_what_builders_make_of_it(row: Evasion, known: Names, tmp_path: Path) -> None:
    seen = {}
    for builder in row.seen:
        folder = tmp_path / builder
        folder.mkdir()
        seen[builder] = stranger.build(builder, row, known, folder)
    assert seen == row.seen


def test_most_of_them_work() -> None:
    """An evasion that no builder falls for is in the table only where another one, or a reader, could."""
    harmless = [row.id for row in BUILT if not {"evil", "baseless"} & set(row.seen.values())]
    assert len(harmless) < len(BUILT) / 5
