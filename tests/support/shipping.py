"""A generated project and the scripts of it that ship, without Docker: images are manifests that ECR was told of."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.rendering.engine import Engine
from support.cloud import ACCOUNT, ECR, REGION, Cloud
from support.template import tree_of, write_tree

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def spec_of(name: str, **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "name": name,
        "runtime": "python3.13",
        "architecture": "x86_64",
        "handler": "app.handler",
        "aws": {"region": REGION},
        **more,
    }


@dataclass
class Said:
    """What a script said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line with which a script gives up, having printed nothing else."""
        assert self.status == 1, self
        assert self.out == "", self
        [line] = self.err.strip().split("\n")
        return line


@dataclass
class Shipped:
    """A project, and what its account has of it."""

    engine: Engine
    cloud: Cloud
    root: Path
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    def render(self, **changes: Any) -> None:
        """Render it with some keys of its spec changed."""
        self.spec |= changes
        problems = self.engine.problems(self.spec)
        assert problems == [], problems
        write_tree(self.root, tree_of(self.engine.render(self.spec, self.engine.plan(self.spec), {})))

    def image(self, content: str, *tags: str, repository: str = "") -> str:
        """An image that ECR has, by its digest."""
        repository = repository or self.name
        config = f"sha256:{hashlib.sha256(f'{repository} {content}'.encode()).hexdigest()}"
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": config}, "layers": []})
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        if repository not in {
            row["repositoryName"] for row in self.cloud.aws("ecr", "describe-repositories")["repositories"]
        }:
            self.cloud.aws("ecr", "create-repository", "--repository-name", repository)
        for tag in tags or (f"digest-{digest[7:]}",):
            words = ("--image-manifest", manifest, "--image-digest", digest, "--image-tag", tag)
            self.cloud.aws("ecr", "put-image", "--repository-name", repository, *words)
        return f"{ECR}/{repository}@{digest}"

    def script(self, script: str, *words: str, **variables: str) -> Said:
        """Run one of its scripts, as `make` would, and nobody at a terminal."""
        return self.run(self.root / "scripts" / script, *words, **variables)

    def run(self, *words: str | Path, **variables: str) -> Said:
        """Run a command with the account's environment."""
        given = self.variables() | variables
        done = subprocess.run(
            words, env=given, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def variables(self) -> dict[str, str]:
        """The environment of its scripts."""
        return {**os.environ, **self.cloud.environment}

    def deploy(self, image: str, **variables: str) -> Said:
        """A deployment that must succeed."""
        said = self.script("deploy", IMAGE=image, **variables)
        assert said.status == 0, said
        return said

    def serving(self, function: str = "", alias: str = "live") -> Mapping[str, Any]:
        words = ("--function-name", function or self.name, "--qualifier", alias)
        found: dict[str, Any] = self.cloud.aws("lambda", "get-function", *words)
        return {**found["Configuration"], "Image": found["Code"]["ImageUri"]}

    def stacks(self) -> dict[str, Any]:
        found = self.cloud.aws("cloudformation", "describe-stacks")["Stacks"]
        return {row["StackName"]: row for row in found}


__all__ = ["ACCOUNT", "ECR", "REGION", "Said", "Shipped", "spec_of"]
