"""An account of AWS for the scripts that ship."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import cloud as clouds
from support.shipping import Shipped, spec_of

from scaffold.rendering.engine import Engine


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clouds.Cloud]:
    """The stand-in, with the `aws` command of the tests' own packages."""
    with clouds.serve(tmp_path_factory.mktemp("account")) as cloud:
        yield cloud


@pytest.fixture
def ship(engine: Engine, account: clouds.Cloud, tmp_path: Path) -> Callable[..., Shipped]:
    """Makes a project, rendered, with nothing deployed."""

    def made(name: str, **spec: Any) -> Shipped:
        shipped = Shipped(engine, account, tmp_path / name, spec_of(name))
        shipped.render(**spec)
        return shipped

    return made
