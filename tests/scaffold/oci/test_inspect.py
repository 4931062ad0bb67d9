"""What an engine and a registry say about an image, and what of it is no answer."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.archives import configuration, digest, file, layer, saved

from scaffold.errors import CannotDecideError
from scaffold.oci import contents, inspect
from scaffold.oci.image import ImageFacts

ONE = f"sha256:{'1' * 64}"
ENGINE: dict[str, Any] = {"Id": ONE, "Os": "linux", "Architecture": "amd64", "Size": 7, "RootFS": {"Layers": [ONE]}}
ATTESTATION = {"digest": ONE, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}


def answering(monkeypatch: pytest.MonkeyPatch, answers: dict[str, bytes], otherwise: bytes) -> None:
    def docker(*words: str, **_: object) -> bytes:
        return next((answer for part, answer in answers.items() if part in words[-1]), otherwise)

    monkeypatch.setattr(inspect, "docker", docker)


@pytest.mark.parametrize("manifests", [[], [ATTESTATION], [ATTESTATION] * 2, [{"digest": ONE}] * 31], ids=len)
def test_an_index_without_images_or_with_too_many_is_not_an_answer(
    manifests: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, {}, json.dumps({"manifests": manifests}).encode())
    with pytest.raises(CannotDecideError, match="the index has"):
        inspect.read("registry.example/fn:1")


def test_the_images_of_an_index_without_its_attestations(monkeypatch: pytest.MonkeyPatch) -> None:
    config = json.dumps({"os": "linux", "architecture": "arm64", "rootfs": {"diff_ids": [ONE]}, "config": {}}).encode()
    name = f"sha256:{sha256(config).hexdigest()}"
    rows = [{"digest": ONE, "size": 3, "mediaType": "a"}]
    manifest = json.dumps({"config": {"digest": name}, "layers": rows, "mediaType": "m"}).encode()
    place = f"sha256:{sha256(manifest).hexdigest()}"
    index = json.dumps({"manifests": [{"digest": place}, ATTESTATION]}).encode()
    answering(monkeypatch, {place: manifest, name: config}, index)
    [found] = inspect.read("registry.example/fn:1")
    assert (found.platform, found.digest, found.diff_ids) == ("linux/arm64", place, (ONE,))
    assert (found.index, found.media_type) == (f"sha256:{sha256(index).hexdigest()}", "m")
    assert (found.compressed, found.manifest_size, found.layer_types) == (3, len(manifest), ("a",))


@pytest.mark.parametrize(
    ("more", "media_type", "index", "size"),
    [
        ({}, "", "", None),
        ({"Descriptor": None}, "", "", None),
        ({"GraphDriver": {"Data": {"a": "b"}}}, "", "", 7),
        ({"Descriptor": {"mediaType": "a.manifest.v1", "digest": ONE}}, "a.manifest.v1", "", None),
        ({"Descriptor": {"mediaType": "a.index.v1", "digest": ONE}}, "", ONE, None),
        ({"Descriptor": {"mediaType": "a.manifest.list.v2", "digest": ONE}}, "", ONE, None),
    ],
)
def test_what_engines_say(
    more: dict[str, Any], media_type: str, index: str, size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, {}, json.dumps([ENGINE | more]).encode())
    [found] = inspect.read("fn:1")
    assert (found.media_type, found.index, found.size) == (media_type, index, size)
    assert (found.platform, found.created, found.environment) == ("linux/amd64", "", {})


def test_layers_of_an_image_in_the_engine_and_of_one_that_is_pulled_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = layer(file("/a"))
    (tmp_path / "archive").write_bytes(saved([blob], configuration([blob], {}, [], "amd64")))
    script = (
        '#!/bin/sh\nhere=${0%/*}\necho "$*" >>"$here/asked"\ncase "$*" in\n"image save "*) cat "$here/archive" ;;\n'
    )
    (tmp_path / "docker").write_text(script + '"image inspect "*) exit 1 ;;\nesac\n')
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    facts = ImageFacts(reference="r.example/fn:1", digest=ONE, platform="linux/amd64", diff_ids=(digest(blob),))
    asked = tmp_path / "asked"
    for remote, words in (
        (False, ["image save r.example/fn:1"]),
        (
            True,
            [
                f"image inspect r.example/fn@{ONE}",
                f"pull --quiet --platform linux/amd64 r.example/fn@{ONE}",
                f"image save r.example/fn@{ONE}",
                f"image rm r.example/fn@{ONE}",
            ],
        ),
    ):
        asked.write_text("")
        [found] = contents.read(facts, remote=remote).layers
        assert [path for path, _ in found] == [("a",)]
        assert asked.read_text().splitlines() == words


def test_an_archive_that_is_none_and_goes_on_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that still writes has not failed: nobody waits for its end."""
    (tmp_path / "docker").write_text("#!/bin/sh\nexec yes\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    facts = ImageFacts(reference="fn:1", digest=ONE, platform="linux/amd64", diff_ids=(ONE,))
    started = time.monotonic()
    with pytest.raises(CannotDecideError, match="the layers cannot be read"):
        contents.read(facts, remote=False)
    assert time.monotonic() - started < 20
