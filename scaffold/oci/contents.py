"""Reads the layers of an image from the user's own engine, which pulls the image if it is in a registry."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.oci.archive import read_image
from scaffold.oci.docker import docker, saved
from scaffold.oci.names import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.oci.archive import Contents
    from scaffold.oci.content import Look
    from scaffold.oci.image import ImageFacts

_locks: dict[str, Lock] = {}


def read(facts: ImageFacts, look: Look | None = None, *, remote: bool) -> Contents:
    """Return the layers of an image and its history; `look` says what to look for in files.

    A remote image is pulled, and removed afterwards if the engine did not have it. Raises CannotDecideError if the
    engine cannot provide the layers, or they differ from the image's configuration.
    """
    name = f"{parts(facts.reference)[0]}@{facts.digest}" if remote else facts.reference
    with _in_engine(name, facts.platform, pull=remote), saved(name) as stream:
        return read_image(stream, facts.diff_ids, look)


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
