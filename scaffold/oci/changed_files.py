"""Finds the files of its base that an image changes: the only check that reads layers, with the user's own engine."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.oci import filesystem
from scaffold.oci.docker import docker, saved
from scaffold.oci.layer import read_image
from scaffold.oci.names import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.oci.image import ImageFacts

_locks: dict[str, Lock] = {}


def altered(facts: ImageFacts, base: int, *, remote: bool) -> list[str]:
    """Return the files of the lowest `base` layers that the others change or remove: absolute paths, sorted.

    A remote image is pulled, and removed afterwards if the engine did not have it. Raises CannotDecideError if the
    engine cannot provide the layers, or they differ from the image's configuration.
    """
    name = f"{parts(facts.reference)[0]}@{facts.digest}" if remote else facts.reference
    with _in_engine(name, facts.platform, pull=remote), saved(name) as stream:
        return filesystem.altered(read_image(stream, facts.diff_ids), base)


@contextmanager
def _in_engine(name: str, platform: str, *, pull: bool) -> Iterator[None]:
    if not pull:
        yield
        return
    with _locks.setdefault(name, Lock()):  # several tags may name the same image
        was_there = _is_there(name)
        if not was_there:
            docker(name, "pull", "--quiet", "--platform", platform, name)
        try:
            yield
        finally:
            if not was_there:
                docker(name, "image", "rm", name)


def _is_there(name: str) -> bool:
    try:
        docker(name, "image", "inspect", name)
    except CannotDecideError:
        return False
    return True
