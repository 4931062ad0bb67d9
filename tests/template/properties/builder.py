"""The real builder, asked what a Dockerfile means: it is the one reading that counts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
BASE = "lambda-image-scaffold-properties-base"

# Writes down how it was called: the number of its words, its name, its words. Makes the folder that it would fill.
# As Python, it has a version.
_RECORDER = r"""#!/bin/sh
[ "$*" != -V ] || { echo Python 3.13.0; exit; }
printf '%s\0' "$#" "${0##*/}" "$@" >>/called
for word; do case $word in --target=* | --to=*) mkdir -p "${word#*=}" ;; esac; done
"""


@dataclass(frozen=True, kw_only=True)
class Docker:
    """A client whose engine answers."""

    client: Path

    def run(self, *words: str) -> bytes:
        done = subprocess.run([self.client, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert not done.returncode, f"{' '.join(words)}\n{done.stderr.decode(errors='replace')[-4000:]}"
        return done.stdout

    def build(self, dockerfile: str, files: dict[str, bytes], *words: str) -> None:
        """Build with these files as the context; one called Dockerfile.dockerignore is obeyed."""
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), files | {"Dockerfile": dockerfile.encode()})
            common = ("--quiet", "--provenance=false", "--sbom=false", "--network=none")
            self.run("buildx", "build", *common, *words, folder)

    def files(self, dockerfile: str, files: dict[str, bytes], *words: str) -> dict[str, bytes]:
        """The files of the image that a Dockerfile makes."""
        with tempfile.TemporaryDirectory() as folder:
            self.build(dockerfile, files, *words, "--output", f"type=tar,dest={folder}/image.tar")
            with tarfile.open(f"{folder}/image.tar") as archive:
                regular = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
                return {name: content.read() for name, content in regular if content}

    def config(self, dockerfile: str, files: dict[str, bytes] | None = None, *words: str) -> dict[str, Any]:
        """The configuration of the image that a Dockerfile makes."""
        with tempfile.TemporaryDirectory() as folder:
            self.build(dockerfile, files or {}, *words, "--iidfile", f"{folder}/id")
            image = Path(folder, "id").read_text(encoding="ascii")
        config: dict[str, Any] = json.loads(self.run("image", "inspect", image))[0]["Config"]
        self.run("image", "rm", "--force", image)
        return config


def start() -> Docker:
    """The client of an engine that answers; one is started where none does and that is possible."""
    # A machine may hold an older client in front of the one that came with its engine.
    client = Path("/usr/bin/docker")
    if not os.access(client, os.X_OK):
        client = Path(shutil.which("docker") or client)
    if not client.exists() or subprocess.run([client, "version"], capture_output=True, check=False).returncode:
        subprocess.run([ROOT / "tests/images/engine"], check=True)
    return Docker(client=client)


def make_base(docker: Docker) -> str:
    """Make a tiny image, with as many layers as AWS's, of what this machine runs: no registry is asked for anything."""
    files: dict[str, bytes] = {"tmp/.keep": b""}
    for name in ("sh", "chmod", "cp", "grep", "ls", "mkdir", "mktemp", "nproc", "rm", "touch"):
        program = Path(shutil.which(name) or name).resolve()
        files[f"bin/{name}"] = program.read_bytes()
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(?:^|\s)(/\S+)", said):
            files[library.lstrip("/")] = Path(library).read_bytes()
    for name in ("dnf", "yum", "apt-get", "apk", "python3"):
        files[f"usr/bin/{name}"] = _RECORDER.encode()
    files["usr/local/bin/python3"] = _RECORDER.encode()
    more = "".join(f"COPY bin/rm /layers/{index}\n" for index in range(6))
    docker.build(f"FROM scratch\nCOPY --chmod=0755 . /\n{more}", files, "--tag", BASE)
    return BASE


def calls(record: bytes) -> list[list[str]]:
    """What the programs of the tiny image were called with, as they wrote it down."""
    words = record.decode().split("\0")
    found = []
    while words != [""]:
        end = int(words[0]) + 2
        found.append(words[1:end])
        words = words[end:]
    return found


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def environment(config: dict[str, Any]) -> dict[str, str]:
    """The variables of an image but the PATH that a builder adds."""
    pairs = dict(pair.split("=", 1) for pair in config["Env"] or [])
    return {name: value for name, value in pairs.items() if name != "PATH"}


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """An instruction of a Dockerfile: its keyword, its flags, the rest, and the lines it stands on."""

    keyword: str
    flags: tuple[str, ...]
    rest: str
    source: str


def instructions(dockerfile: str) -> list[Instruction]:
    """A Dockerfile as BuildKit divides it: https://docs.docker.com/reference/dockerfile/#format."""
    found, lines, joined = [], [], ""
    for line in dockerfile.split("\n"):
        if line.lstrip(" \t").startswith("#") or not line.strip(" \t"):
            continue
        lines.append(line)
        part = re.sub(r"\\[ \t]*$", "", line)
        joined += part
        if part == line:
            found.append(_instruction(joined, "\n".join(lines)))
            lines, joined = [], ""
    assert not joined, "the file ends in a continuation"
    return found


def _instruction(text: str, source: str) -> Instruction:
    keyword, _, rest = text.strip(" \t").partition(" ")
    flags = []
    while match := re.match(r"\s*(--\S+)\s+", rest):
        flags.append(match[1])
        rest = rest[match.end() :]
    return Instruction(keyword=keyword, flags=tuple(flags), rest=rest.strip(" \t"), source=source)
