"""Fixtures for benchmarks of images: the base of all contenders, and one project of each contender for a function."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import daemon
import projects
import stand_ins
import yaml
from machine import buildx, cache_folder, download_wheels
from measure import Command
from projects import CA_BUNDLE

from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HERE = Path(__file__).resolve().parent
PUBLIC_BASE = "public.ecr.aws/lambda/python:3.13"
RIVALS = {
    "five": "`docker buildx build` of the five-line Dockerfile",
    "sam": "`docker buildx build` of SAM's Dockerfile",
    "copy": "`docker buildx build` of a bare `COPY`",
}


class Skip(Exception):  # noqa: N818 - not an error
    """A benchmark that cannot be run here, and why."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A project whose image one command builds; `code` is the file that edits change."""

    root: Path
    code: Path
    image: str
    build_words: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def edit(self) -> str:
        """Give the code a version that it has not had, which its answers contain."""
        version = f"edit-{uuid4().hex[:8]}"  # by no earlier run either: the engine would still have its layers
        lines = self.code.read_text(encoding="utf-8").splitlines(keepends=True)
        changed = [f'VERSION = "{version}"\n' if line.startswith("VERSION = ") else line for line in lines]
        self.code.write_text("".join(changed), encoding="utf-8")
        return version

    def build(self, *words: str, before: Callable[[], object] = lambda: None) -> Command:
        """Return the command that builds the image; `before` is not timed."""
        command = [*self.build_words, *words]
        return Command(words=command, where=self.root, environment=self.environment, before=before)

    def command(self, *words: str | Path, **variables: str) -> Command:
        """Return a command to run in the project."""
        return Command(words=words, where=self.root, environment={**self.environment, **variables})


@dataclass(frozen=True, kw_only=True, eq=False)
class Space:
    """A directory with all fixtures, each created on first use."""

    root: Path
    bases: str
    rounds: int
    images: set[str] = field(default_factory=set)

    @cached_property
    def base(self) -> str:
        """The local image that all contenders are built on: the public base, with wheels for pip to install from."""
        if self.bases == "aws":
            daemon.client().images.pull(PUBLIC_BASE)
            origin = PUBLIC_BASE
        else:
            stand_ins.make()
            origin = stand_ins.find(PUBLIC_BASE)["tag"]
        wheels = cache_folder() / "benchmark-wheels"
        for pinned in sorted((HERE / "functions").glob("*/requirements.txt")):
            download_wheels(pinned, PUBLIC_BASE.partition(":")[2], wheels)
        name = self._image("base")
        file = HERE / "rivals/base.Dockerfile"
        buildx("build", "--load", f"--file={file}", f"--build-arg=BASE={origin}", f"--tag={name}", wheels)
        return name

    @cached_property
    def base_words(self) -> list[str]:
        """Options of `docker buildx build` that replace the public base with that image."""
        return [f"--build-context={PUBLIC_BASE}=docker-image://{self.base}"]

    def event(self, function: str) -> bytes:
        return (HERE / "functions" / function / "events/event.json").read_bytes()

    @cache  # noqa: B019 - lives as long as the program
    def ours(self, function: str) -> Contender:
        """The generated project of a function."""
        source = HERE / "functions" / function
        spec = yaml.safe_load((source / "lambda-image.yaml").read_bytes())
        spec["name"] = self._image(spec["name"]).partition(":")[0]
        made = projects.make(Engine(), self.root / function / "ours", spec, source)
        return Contender(
            root=made.root,
            code=made.root / "src/app.py",
            image=f"{made.name}:latest",
            build_words=["scripts/build", "--quiet", *self.base_words],
            environment={**os.environ, **made.environment, "PORT": "0", "CONTAINER": made.name},
        )

    @cache  # noqa: B019 - lives as long as the program
    def direct(self, function: str) -> Contender:
        """Our Dockerfile of a function without our script: a copy of the project."""
        ours, root = self.ours(function), self.root / function / "direct"
        shutil.copytree(ours.root, root)
        image = self._image(f"direct-{function}")
        certificates = [f"--secret=id=ca_bundle,src={CA_BUNDLE}"] if CA_BUNDLE.exists() else []
        words = [*self.base_words, *certificates, "--build-arg=SOURCE_DATE_EPOCH=0", *_options(image), "."]
        return Contender(
            root=root, code=root / "src/app.py", image=image, build_words=["docker", "buildx", "build", *words]
        )

    @cache  # noqa: B019 - lives as long as the program
    def rival(self, function: str, name: str) -> Contender:
        """The same function as the author of a Dockerfile in `rivals/` lays it out."""
        source, root = HERE / "functions" / function, self.root / function / name
        root.mkdir(parents=True)
        for path in (source / "src/app.py", source / "requirements.txt", HERE / f"rivals/{name}.Dockerfile"):
            shutil.copy(path, root)
        (root / "event.json").write_bytes(self.event(function))
        image = self._image(f"{name}-{function}")
        words = [*self.base_words, *_options(image), f"--file={name}.Dockerfile", "."]
        return Contender(
            root=root, code=root / "app.py", image=image, build_words=["docker", "buildx", "build", *words]
        )

    def _image(self, name: str) -> str:
        image = f"benchmark-{name}-{os.getpid()}:latest"
        self.images.add(image)
        return image

    def clean(self) -> None:
        """Remove the images."""
        daemon.remove(*self.images, force=True)


def _options(image: str) -> list[str]:
    return ["--quiet", "--load", "--provenance=false", "--sbom=false", f"--tag={image}"]
