"""Which files of its base an image changes: the one question for which layers are read, by the user's own engine."""

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
    """The files of the lowest `base` layers that the others change or remove: absolute paths, sorted.

    An image of a registry is pulled for it, and removed again if it was not there. Raises CannotDecideError where the
    engine cannot give the layers, or they are not what the image's configuration says.
    """
    name = f"{parts(facts.reference)[0]}@{facts.digest}" if remote else facts.reference
    with _in_engine(name, facts.platform, pull=remote), saved(name) as stream:
        return filesystem.altered(read_image(stream, facts.diff_ids), base)


@contextmanager
def _in_engine(name: str, platform: str, *, pull: bool) -> Iterator[None]:
    if not pull:
        yield
        return
    with _locks.setdefault(name, Lock()):  # the same image may be asked for under several tags
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
