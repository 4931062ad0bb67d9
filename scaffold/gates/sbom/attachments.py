"""The files that are stored beside a pushed image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scaffold import reading
from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.gates.sbom import cyclonedx, spdx
from scaffold.oci.referrers import Artifact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LARGEST = 256 * 1024 * 1024


def pushed(folder: Path, stage: str) -> str:
    """Return the image that scripts/push recorded in a project's `.image`. Raises CannotDecideError."""
    record = folder / (f"digest.{stage}" if stage else "digest")
    try:
        return reading.read(record, 4096).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotDecideError(f"{record}: nothing was pushed from here yet: `make push` does it") from error


def of_project(folder: Path) -> list[Artifact]:
    """Return the SBOMs in a project's `.image`. Raises CannotDecideError if they are not of the pushed image."""
    found = of_files([folder / spdx.NAME, folder / cyclonedx.NAME])
    try:
        image = reading.read(folder / "pushed", 4096).decode().strip()
    except (OSError, UnicodeDecodeError):
        image = ""
    if image and image.replace(":", "-") not in json.loads(found[0].content)["documentNamespace"]:
        raise CannotDecideError(
            f"{folder / spdx.NAME}: it is of another image than the pushed one: run `make sbom push`"
        )
    return found


def of_files(paths: Sequence[Path]) -> list[Artifact]:
    """Return SBOMs, each with the type of its format. Raises InvalidInputError for a file that is in neither."""
    return [_of_file(path) for path in paths]


def _of_file(path: Path) -> Artifact:
    try:
        content = reading.read(path, _LARGEST)
        value = json.loads(content)
        kind = spdx.TYPE if "spdxVersion" in value else cyclonedx.TYPE if value["bomFormat"] == "CycloneDX" else ""
    except OSError as error:
        raise InvalidInputError(f"{path}: {error.strerror}: `make sbom` writes it") from error
    except (KeyError, TypeError, ValueError):
        kind = ""
    if not kind:
        raise InvalidInputError(f"{path}: neither SPDX nor CycloneDX")
    return Artifact(path.name, kind, content)
