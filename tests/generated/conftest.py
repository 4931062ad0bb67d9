"""An account of AWS for the scripts that ship."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import cloud as clouds


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clouds.Cloud]:
    """The stand-in, with the `aws` command of the tests' own packages."""
    with clouds.serve(tmp_path_factory.mktemp("account")) as cloud:
        yield cloud
