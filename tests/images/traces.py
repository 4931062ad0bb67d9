"""What an image must not hold."""

import json
import tarfile
from pathlib import Path


def assert_absent(archive: Path, word: bytes) -> None:
    """No file of the image's archive, whatever layer it is in, holds the word."""
    with tarfile.open(archive) as image:
        for member in image:
            if not member.isfile() or not (content := image.extractfile(member)):
                continue
            if member.size > 1024 and tarfile.is_tarfile(content):
                content.seek(0)
                with tarfile.open(fileobj=content) as layer:
                    for inner in layer:
                        assert word.decode() not in inner.name
                        if inner.isfile() and (file := layer.extractfile(inner)):
                            assert word not in file.read(), f"{member.name}: {inner.name}"
            else:
                content.seek(0)
                assert word not in content.read(), member.name


def names(archive: Path) -> list[list[str]]:
    """List what is in each layer of the image's archive."""
    found = []
    with tarfile.open(archive) as image:
        [manifest] = json.load(image.extractfile("manifest.json"))  # type: ignore[arg-type]
        for path in manifest["Layers"]:
            with tarfile.open(fileobj=image.extractfile(path)) as layer:
                found.append(sorted(layer.getnames()))
    return found
