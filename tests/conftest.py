"""Options and fixtures of all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import copier
import pytest
from support.template import commit, copy_template

from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the repository's own options."""
    parser.addoption("--update-golden", action="store_true", help="write what is expected anew; review the diff")
    parser.addoption(
        "--bases",
        choices=["local", "aws"],
        default="local",
        help="build images on local stand-ins, or on the public bases where they can be pulled",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the template and the tests' standards, tagged v1.0.0."""
    where = copy_template(tmp_path_factory.mktemp("template") / "template")
    commit(where, "The template", tag="v1.0.0")
    return where


@pytest.fixture(scope="session")
def engine(template: Path) -> Engine:
    """The engine on that template."""
    return Engine(template)


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """A project that Copier made from that template with default answers, committed to a repository of its own."""
    where = tmp_path / "my-function"
    copier.run_copy(str(template), where, defaults=True, quiet=True)
    commit(where, "As generated")
    return where
