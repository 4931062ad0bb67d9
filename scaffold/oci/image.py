"""An image as an engine or a registry describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scaffold.oci.names import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """One image for one platform, as an engine or a registry describes it.

    `reference` is the one used to look it up. `digest` is that of its manifest, or the engine's ID. `index` is the
    digest of the index that contains it, or empty; `media_type` is empty if the engine does not report it. `size` is
    the total of the unpacked layers if known, `compressed` that of the compressed ones. `manifest_size` is 0 if the
    engine does not report the manifest. `history` has a row for each step: the command, and whether it made a layer.
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
    manifest_size: int = 0
    history: tuple[tuple[str, bool], ...] = ()
    created: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    on_build: tuple[str, ...] = ()
    working_directory: str = ""
    user: str = ""


def history(configuration: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    """Return the steps in an image's configuration: each command, and whether it made a layer."""
    rows = configuration.get("history") or ()
    return tuple((str(row.get("created_by") or ""), not row.get("empty_layer")) for row in rows)


NOTHING = ImageFacts(
    reference=SCRATCH,
    digest="",
    platform="",
    diff_ids=(),
    environment={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
)
"""The empty image, as BuildKit starts with it."""


def chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """Yield the chain ID of the lowest layer, of the lowest two, and so on, up to all of them.

    https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
    """
    chain = ""
    for diff_id in diff_ids:
        chain = f"sha256:{sha256(f'{chain} {diff_id}'.encode()).hexdigest()}" if chain else diff_id
        yield chain
