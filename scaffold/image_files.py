"""Which files of its base an image changes: the one question for which layers are read, by the user's own engine."""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, cast

from scaffold import layer_tree
from scaffold.errors import CannotDecideError
from scaffold.findings import visible
from scaffold.layers import read_image
from scaffold.references import parts
from scaffold.registry import docker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from scaffold.image import Facts
    from scaffold.layers import Layer

_locks: dict[str, Lock] = {}


def altered(facts: Facts, base: int, *, remote: bool) -> list[str]:
    """The files of the lowest `base` layers that the others change or remove: absolute paths, sorted.

    An image of a registry is pulled for it, and removed again if it was not there. Raises CannotDecideError where the
    engine cannot give the layers, or they are not what the image's configuration says.
    """
    name = f"{parts(facts.reference)[0]}@{facts.digest}" if remote else facts.reference
    with _in_engine(name, facts.platform, pull=remote):
        return layer_tree.altered(_read(name, facts.diff_ids), base)


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


def _read(name: str, diff_ids: Sequence[str]) -> list[Layer]:
    """The layers, from what `docker image save` writes; they prove themselves by their digests."""
    with tempfile.TemporaryFile() as errors:
        try:
            saving = subprocess.Popen(["docker", "image", "save", name], stdout=subprocess.PIPE, stderr=errors)
        except OSError as error:
            raise CannotDecideError(f"{name}: docker gave no answer ({type(error).__name__})") from error
        with saving as process:
            pipe = cast("IO[bytes]", process.stdout)
            try:
                return read_image(pipe, diff_ids)
            except CannotDecideError as error:
                failed = not pipe.read(1) and process.wait() > 0
                errors.seek(0)
                reason = errors.read().decode(errors="replace").strip().rpartition("\n")[2] if failed else str(error)
                raise CannotDecideError(f"{name}: {visible(reason)}") from error
