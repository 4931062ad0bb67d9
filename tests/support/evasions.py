"""The evasions of `tests/evasions`, with real names for the images they speak of, and standards with those images."""

from __future__ import annotations

import base64
import io
import re
import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scaffold.rendering.engine import Engine
from scaffold.standards.load import load
from scaffold.standards.model import Standards
from support.template import TESTS

IMAGES = ("approved", "evil", "expired", "extension", "onbuild", "pushed-over", "withdrawn")
HUB, HUB_EVIL = "lambda-image-scaffold-approved", "lambda-image-scaffold-evil"
STANDARDS = """\
version: 1
organisation: evasions
mirrors: {registry.example: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/ecr-public}
bases:
  python3.13:
    image: <approved:name>
    tag: "1"
    DIGESTS
    system: al2023
    runtime_client: included
    runtimes: [python3.13]
    default: true
  elsewhere: {image: registry.example/lambda/python, tag: "1", OTHERS}
  with-onbuild: {image: <onbuild:name>, tag: "1", digests: {x86_64: "<onbuild:digest>"}, OTHERS}
  hub: {image: docker.io/library/<hub>, tag: "1", OTHERS}
  python3.12:
    image: <withdrawn:name>
    tag: "1"
    digests: {x86_64: "<withdrawn:digest>"}
    system: al2023
    runtime_client: included
    runtimes: [python3.12]
    tier: withdrawn
    replaced_by: python3.13
  python3.11:
    image: <expired:name>
    tag: "1"
    digests: {x86_64: "<expired:digest>"}
    system: al2
    runtime_client: included
    runtimes: [python3.11]
    supported_until: "2026-06-30"
    replaced_by: python3.13
extensions:
  insights: {image: <extension:name>, tag: "1", digests: {x86_64: "<extension:digest>"}}
rules:
  inline_base: refused
""".replace("OTHERS", "system: al2023, runtime_client: included, runtimes: [python3.13]")


@dataclass(frozen=True, kw_only=True)
class Evasion:
    """One row: see tests/evasions/README.md."""

    id: str
    title: str
    gates: list[str]
    dockerfile: str = ""
    base64: str = ""
    name: str = "Dockerfile"
    files: dict[str, str] = field(default_factory=dict)
    build: list[str] = field(default_factory=list)
    code: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    unbuilt: str = ""
    standards: str = "pinned"

    def write(self, folder: Path, names: Names) -> None:
        """Write the Dockerfile and what belongs to it into a folder."""
        data = base64.b64decode(self.base64) or self.dockerfile.encode()
        for name, content in {**{name: text.encode() for name, text in self.files.items()}, self.name: data}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_archive() if content == b"<tar>" else names.fill(content))


@dataclass(frozen=True, kw_only=True)
class Names:
    """What stands for the names in angle brackets."""

    values: dict[str, str]

    def fill(self, text: bytes) -> bytes:
        return re.sub(rb"<([a-z0-9:-]+)>", lambda match: self.values[match[1].decode()].encode(), text)

    def text(self, text: str) -> str:
        return self.fill(text.encode()).decode()

    def standards(self, folder: Path, kind: str = "pinned") -> Standards:
        """Standards in which these images have their places; `by-tag`: without a digest of the approved one."""
        path = folder / f"{kind}.yaml"
        digests = 'digests: {x86_64: "<approved:digest>"}' if kind == "pinned" else "tier: acceptable"
        path.write_text(self.text(STANDARDS.replace("DIGESTS", digests)), encoding="utf-8")
        return load(path, Engine())


def names(registry: str = "registry.test:5000", digests: dict[str, str] | None = None, **more: str) -> Names:
    """The names, on a registry with these digests; invented ones where nothing is built."""
    found = {"registry": registry, "port": registry.rpartition(":")[2], "hub": HUB, "hub-evil": HUB_EVIL}
    for number, name in enumerate(IMAGES, start=1):
        digest = (digests or {}).get(name, f"sha256:{number:064x}")
        repository = f"{registry}/{'approved' if name == 'pushed-over' else name}"
        found |= {name: f"{repository}:1@{digest}", f"{name}:tag": f"{repository}:1"}
        found |= {f"{name}:name": repository, f"{name}:digest": digest}
    approved = found["approved:digest"]
    found |= {"approved:upper": approved.upper().replace("SHA256", "sha256"), "approved:half": approved[:39]}
    if found["approved:upper"] == approved:
        found["approved:upper"] = approved[:-1] + "A"
    found |= {"sha512": "0" * 128, "padding": f"# {'x' * 60}\n" * 5000}
    return Names(values=found | {"http": "http://example.com", "git": "https://example.com/evil.git"} | more)


@cache
def evasions() -> list[Evasion]:
    """All rows, in the order of their sections."""
    files = sorted((TESTS / "evasions").glob("*.yaml"))
    rows: list[dict[str, Any]] = [row for path in files for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return [Evasion(**row) for row in rows]


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("evil")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    return buffer.getvalue()
