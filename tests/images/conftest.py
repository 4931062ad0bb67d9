"""Fixtures for tests that build, run and push real images."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cloud as clouds
import daemon
import pytest
import registry as registries
import second_engine
import stand_ins
from docker.errors import APIError
from machine import HERE, buildx, docker_client, local_builder, run, search_path


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Path]:
    """A Docker engine with BuildKit, and its client, which is also what `docker` means while the tests run."""
    run(HERE / "engine")
    with pytest.MonkeyPatch.context() as patch, closing(daemon.client()):
        patch.setenv("PATH", search_path())
        patch.setenv("BUILDX_BUILDER", local_builder())
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
            daemon.client().images.pull(reference)
        except APIError as error:
            pytest.skip(f"--bases=aws, but {reference} cannot be pulled: {error}")


@pytest.fixture(scope="session")
def registry(docker_engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host:port of a real registry of this session's own."""
    with registries.serve(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture(scope="session")
def closed_registry(docker_engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same of a registry that takes the password `aws ecr get-login-password` gives, and nobody else."""
    with registries.serve(tmp_path_factory.mktemp("closed-registry"), clouds.USERS) as host:
        yield host


@pytest.fixture(scope="session")
def cloud(closed_registry: str, registry: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[clouds.Cloud]:
    """An account of AWS, whose functions run images of `closed_registry`, and which has those of `registry`, too."""
    with clouds.serve(tmp_path_factory.mktemp("cloud"), f"{closed_registry} {registry}") as account:
        yield account


@pytest.fixture(scope="session")
def snapshotter_engine(docker_engine: Path) -> Iterator[second_engine.Engine]:
    """A second engine, which has the containerd image store; it can `take(image)` from the first."""
    if os.geteuid() or not shutil.which("dockerd"):
        pytest.skip("only root can start a second engine, where the first one is installed")
    with second_engine.started() as engine:
        yield engine


@pytest.fixture(scope="session")
def rie() -> Path:
    """The runtime interface emulator for this machine, as a file."""
    return stand_ins.emulator()


@pytest.fixture(scope="session")
def base_image(bases: list[str]) -> Callable[[str], str]:
    """The local name of a public base image: of its stand-in, or its own."""
    return (lambda reference: stand_ins.find(reference)["tag"]) if bases else str


@pytest.fixture
def build(bases: list[str]) -> Iterator[Callable[..., str]]:
    """Builds a folder with a Dockerfile and returns the image's name. The name goes with the test, the layers stay."""
    names: list[str] = []

    def build_image(context: Path, *words: str) -> str:
        # A name, not the id: a Dockerfile that adds nothing makes its base image over again, with the same id.
        names.append(f"scaffold.invalid/test/{uuid.uuid4().hex}")
        buildx("build", f"--tag={names[-1]}", "--load", "--provenance=false", "--sbom=false", *bases, *words, context)
        return names[-1]

    yield build_image
    daemon.remove(*names)
