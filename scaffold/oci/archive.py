"""Reads the archive that `docker image save` writes: the layers, and the configuration with these layers."""

from __future__ import annotations

import tarfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffold.errors import CannotDecideError
from scaffold.oci import strict_json, tar
from scaffold.oci.image import history
from scaffold.oci.layer import Peeked, read_layer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

    from scaffold.oci.content import Look
    from scaffold.oci.layer import Layer

_LARGEST_JSON = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The layers of an image, lowest first, and the steps in its configuration, as in ImageFacts."""

    layers: tuple[Layer, ...]
    history: tuple[tuple[str, bool], ...] = ()


def read_image(stream: IO[bytes], diff_ids: Sequence[str], look: Look | None = None) -> Contents:
    """Return the layers with these digests, and the history, from the output of `docker image save`.

    Layers and configuration are identified by their bytes alone. `look` says what to look for in files. Raises
    CannotDecideError if a layer is missing or unreadable.
    """
    found: dict[str, Layer] = {}
    steps: tuple[tuple[str, bool], ...] = ()
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                if file is None:
                    continue
                peeked = Peeked(file)
                if peeked.start.startswith(b"{") and member.size <= _LARGEST_JSON and not tar.is_tar(peeked.start):
                    steps = steps or _history(peeked.read(member.size), diff_ids)
                elif layer := read_layer(peeked, look):
                    found[layer[0]] = layer[1]
    except (tarfile.TarError, EOFError, OSError, RecursionError, ValueError, zlib.error) as error:
        raise CannotDecideError(f"the layers cannot be read ({type(error).__name__})") from error
    missing = [digest for digest in diff_ids if digest not in found]
    if missing:
        raise CannotDecideError(f"the layer {missing[0]} cannot be read")
    return Contents(layers=tuple(found[digest] for digest in diff_ids), history=steps)


def _history(body: bytes, diff_ids: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return the history of the configuration with these layers; nothing for any other file."""
    try:
        value = strict_json.loads(body)
        if list(value["rootfs"]["diff_ids"]) != list(diff_ids):
            return ()
        return history(value)
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return ()
