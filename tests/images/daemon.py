"""The Docker engine through its API: containers, images, networks. What people type goes through `machine`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound, NotFound
from docker.models.containers import Container
from machine import CommandError

LIMIT = 600
"""Seconds that the engine may take to answer, and a container to end."""


@cache
def client() -> docker.DockerClient:
    """The client of the engine that `docker` reaches, too; the fixture `docker_engine` closes it."""
    return docker.from_env(timeout=LIMIT)


@contextmanager
def shown(container: Container) -> Iterator[Container]:
    """Print what a container has printed if the block fails."""
    try:
        yield container
    except BaseException:
        with suppress(NotFound):
            print(f"{container.name} printed:\n{container.logs().decode(errors='replace')}")
        raise


@contextmanager
def container(image: str, *command: str, **options: Any) -> Iterator[Container]:
    """A container that exists during the block, not started yet; takes the options of the API."""
    made = client().containers.create(image, list(command), **options)
    try:
        with shown(made):
            yield made
    finally:
        made.remove(force=True, v=True)


def output(image: str, *command: str, **options: Any) -> str:
    """Run an image to its end; its standard output. Raises `CommandError`, with all that it printed, where it fails."""
    with container(image, *command, **options) as made:
        made.start()
        if status := made.wait(timeout=LIMIT)["StatusCode"]:
            msg = f"exit {status}: {image} {' '.join(command)}\n{made.logs().decode(errors='replace')}"
            raise CommandError(msg)
        return made.logs(stderr=False).decode()


def inside(name: str, *command: str) -> str:
    """Run a command in a running container; its standard output. Raises `CommandError` where it fails."""
    status, (out, error) = client().containers.get(name).exec_run(list(command), demux=True)
    if status:
        msg = f"exit {status}: {' '.join(command)}\n{(out or b'').decode()}{(error or b'').decode()}"
        raise CommandError(msg)
    return (out or b"").decode()


def port(container: Container) -> int:
    """The port of this machine that reaches the emulator in a running container, or the only one that it publishes."""
    container.reload()
    published = {name: rows for name, rows in container.ports.items() if rows}
    [only] = published.values() if len(published) == 1 else [published["8080/tcp"]]
    return int(only[0]["HostPort"])


def history(image: str) -> str:
    """All that an image says of the steps it was made by."""
    return json.dumps(client().images.get(image).history())


def save(image: str, archive: Path) -> Path:
    """Write an image to an archive, as `docker save` does."""
    with archive.open("wb") as file:
        file.writelines(client().api.get_image(image))
    return archive


def push(image: str, name: str) -> list[str]:
    """Push an image under a name, which the engine then forgets.

    Gives the names by digest that the engine knows the image by. Raises `CommandError` where the registry refuses it.
    """
    client().images.get(image).tag(name)
    try:
        said = client().images.push(name)
        if '"errorDetail"' in said:  # a line of a response whose status is 200
            raise CommandError(said)
        digests: list[str] = client().images.get(name).attrs["RepoDigests"]
    finally:
        remove(name)
    return digests


def names(*patterns: str) -> set[str]:
    """The names, by tag and by digest, that match one of these patterns."""
    rows = client().api.images(filters={"reference": list(patterns)})
    found = {name for row in rows for key in ("RepoTags", "RepoDigests") for name in row[key] or ()}
    return {name for name in found if "<none>" not in name}


def remove(*images: str, force: bool = False) -> None:
    """Remove images by their names; with `force`, those that exist, in use or not."""
    for name in images:
        try:
            client().images.remove(name, force=force)
        except ImageNotFound:
            if not force:
                raise
