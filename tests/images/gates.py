"""Standards whose images a registry on this machine really has, and what a test of the gates does with them."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import daemon
import registry as registries
import stand_ins
from machine import buildx

from scaffold.locations import template_root

STANDARDS = """\
# What an organisation replaces.
version: 1
organisation: tests

bases:
  # AWS's, or what stands in for them.
ROW3.13  # most
ROW3.11

ROWDEBIAN
  tiny:
    image: HOST/tiny  # for both architectures
    tag: "1"
    system: debian
    runtime_client: added
    runtimes: [python3.13]
    owner: us
rules:
  inline_base: allowed  # may a spec name an image of its own?
"""
IMAGES = {
    "lambda/python:3.13": "public.ecr.aws/lambda/python:3.13",
    "lambda/python:3.11": "public.ecr.aws/lambda/python:3.11",
    "docker/library/python:3.13-slim-trixie": "public.ecr.aws/docker/library/python:3.13-slim-trixie",
}


@dataclass(frozen=True)
class Place:
    """A registry, and the folder where it keeps what it has."""

    host: str
    storage: Path

    def standards(self, path: Path) -> Path:
        """Write standards that name what `fill` pushes, their rows as those of the shipped file, without digests."""
        shipped = (template_root() / "standards/standards.yaml").read_text(encoding="utf-8")
        text = STANDARDS
        for word, name in (("ROW3.13", "python3.13"), ("ROW3.11", "python3.11"), ("ROWDEBIAN", "python3.13-debian")):
            [row] = [line for line in shipped.splitlines() if line.startswith(f"  {name}: ")]
            text = text.replace(word, row)
        path.write_text(text.replace("public.ecr.aws", self.host).replace("HOST", self.host), encoding="utf-8")
        return path

    def push(self, local: str, name: str) -> str:
        """Push an image of the engine under a name of the registry's; the digest of its manifest."""
        daemon.push(local, f"{self.host}/{name}")
        repository, _, tag = name.partition(":")
        return registries.manifest(self.host, repository, tag).digest

    def push_tiny(self, name: str, content: str, folder: Path, more: str = "") -> str:
        """Push an index of images with next to nothing in them, one for each architecture; its digest."""
        folder.mkdir(exist_ok=True)
        (folder / "content").write_text(content, encoding="utf-8")
        (folder / "Dockerfile").write_text(f"FROM scratch\nCOPY content /\n{more}\n", encoding="utf-8")
        repository, _, tag = name.partition(":")
        parts = []
        for architecture in ("amd64", "arm64"):
            local = f"scaffold.invalid/test/tiny-{os.getpid()}:{architecture}"
            words = (f"--platform=linux/{architecture}", "--provenance=false", "--load", f"--tag={local}")
            buildx("build", "--quiet", *words, folder)
            self.push(local, f"{repository}:{tag}-{architecture}")
            daemon.remove(local)
            parts.append(f"{self.host}/{repository}:{tag}-{architecture}")
        buildx("imagetools", "create", f"--tag={self.host}/{name}", *parts)
        return registries.manifest(self.host, repository, tag).digest

    def forget_layers(self, name: str) -> int:
        """Remove the layers of an image from the registry's disk; how many they were."""
        repository, _, tag = name.partition(":")
        layers = registries.manifest(self.host, repository, tag).content["layers"]
        for layer in layers:
            digest = layer["digest"].removeprefix("sha256:")
            (self.storage / f"docker/registry/v2/blobs/sha256/{digest[:2]}/{digest}/data").unlink(missing_ok=True)
        return len(layers)


def fill(place: Place, folder: Path) -> None:
    """Put into a registry what the standards name."""
    for name, public in IMAGES.items():
        place.push(stand_ins.find(public)["tag"], name)
    place.push_tiny("tiny:1", "tiny", folder)


def build(
    dockerfile: str, folder: Path, *words: str, policy: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Build a Dockerfile in a folder, under a source policy if there is one; what became of it."""
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    environment: Mapping[str, str] = os.environ | variables
    if policy:
        environment = environment | {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(policy)}
    return subprocess.run(
        ["docker", "buildx", "build", "--provenance=false", "--sbom=false", "--progress=plain", *words, folder],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def codes(output: str) -> list[str]:
    """The codes in a report of findings as JSON."""
    return [row["code"] for row in json.loads(output)["findings"]]
