"""Fixtures for tests that build, run and push real images."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import registry as registries
import stand_ins
from machine import HERE, CommandError, docker, docker_client, run, search_path


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Path]:
    """A Docker engine with BuildKit, and its client, which is also what `docker` means while the tests run."""
    run(HERE / "engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", search_path())
        yield docker_client()


@pytest.fixture(scope="session")
def bases(docker_engine: Path, pytestconfig: pytest.Config) -> list[str]:
    """Words for `docker buildx build` that make the public base images available to it."""
    if pytestconfig.getoption("bases") == "aws":
        _pull_public_bases()
        return []
    stand_ins.make()
    return stand_ins.build_words()


def _pull_public_bases() -> None:
    for reference in stand_ins.table():
        try:
            docker("pull", "--quiet", reference)
        except CommandError as error:
            pytest.skip(f"--bases=aws, but {reference} cannot be pulled: {error}")


@pytest.fixture(scope="session")
def registry(docker_engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host:port of a real registry of this session's own."""
    with registries.serve(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture(scope="session")
def rie() -> Path:
    """The runtime interface emulator for this machine, as a file."""
    return stand_ins.emulator()
