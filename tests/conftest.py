"""Options and fixtures of all tests."""

from __future__ import annotations

import os
from pathlib import Path

import copier
import pytest
from support.template import commit, copy_template

from scaffold.rendering.engine import Engine

os.environ["SCAFFOLD_PIN"] = "0"  # where a registry answers, it would be in every new project
SLOW = (
    "test_docs.py",
    "test_repository.py",
    "generated",
    "images",
    "scaffold/cli",
    "scaffold/fleet",
    "scaffold/gates/test_hooks.py",
    "scaffold/model_files",
    "scaffold/project/test_faults.py",
    "scaffold/reports/test_formats.py::test_a_report_is_never_larger_than_github_takes",
    "scaffold/reports/test_formats.py::test_more_findings_than_github_shows_are_counted",
    "scaffold/standards/test_waivers.py::test_processes_know_of_waivers_too",
    "template/properties",
    "template/test_invalid.py",
    "template/test_updates.py",
)
"""What needs an engine, a simulated AWS, strace, a pool, Copier, or other programs: `make quick` leaves it out."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow by the folder or file it is in, or by its name; leave out what only --full runs."""
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(SLOW) or "copier" in item.name:
            item.add_marker("slow")
    if not config.getoption("--full"):
        left_out = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the repository's own options."""
    parser.addoption("--full", action="store_true", help="run the tests that `make test` leaves out, too")
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
