"""What a bill of materials is about, and the names that follow from it alone, so that the same image gives the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffold.gates.sbom.inventory import Component

_EPOCH = "1970-01-01T00:00:00Z"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z")


@dataclass(frozen=True, kw_only=True)
class Bill:
    """An image, its components, and the version of the program that looked.

    `base` is the name and the digest of its base, as its labels state them.
    """

    name: str
    digest: str
    created: str
    platform: str
    tool: str
    components: Sequence[Component]
    base: tuple[str, str] = ("", "")

    @property
    def time(self) -> str:
        """When the image was made, in the form that both formats require; never the time of the reading."""
        found = _TIME.fullmatch(self.created)
        return f"{found[1]}Z" if found and found[1] >= _EPOCH[:-1] else _EPOCH

    @property
    def purl(self) -> str:
        """The package URL of the image."""
        return f"pkg:oci/{quote(self.name.rpartition('/')[2].partition(':')[0])}@{quote(self.digest, safe='')}"
