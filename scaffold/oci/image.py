"""An image as an engine or a registry describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """One image for one platform, as an engine or a registry describes it.

    `reference` is how it was asked for. `digest` is that of its manifest, or the engine's id of it. `index` is the
    digest of the index it was found in, empty if its manifest stands alone; `media_type` is empty where an engine does
    not say it. `size` counts the bytes of the unpacked layers where they are known, `compressed` those of the packed.
    """

    reference: str
    digest: str
    platform: str
    diff_ids: tuple[str, ...]
    index: str = ""
    media_type: str = ""
    layer_types: tuple[str, ...] = ()
    size: int | None = None
    compressed: int = 0
    created: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    on_build: tuple[str, ...] = ()
    working_directory: str = ""
    user: str = ""


def chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """What names the lowest layer, the lowest two, and so on, up to all of them.

    https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
    """
    chain = ""
    for diff_id in diff_ids:
        chain = f"sha256:{sha256(f'{chain} {diff_id}'.encode()).hexdigest()}" if chain else diff_id
        yield chain
