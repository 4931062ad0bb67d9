"""AWS's SAM CLI, in a virtual environment of its own."""

from __future__ import annotations

import os
import re
import sys
import venv
from typing import TYPE_CHECKING

from machine import cache_folder, lock, run
from space import HERE
from stand_ins import BASES

if TYPE_CHECKING:
    from pathlib import Path

    from space import Contender, Space

FUNCTION = f"Benchmark{os.getpid()}"  # also the name of the image
QUIET = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}


def program() -> Path:
    """Return the program `sam`, installed on first use in the version that the stand-ins take the emulator from."""
    pinned = re.search(r"^aws-sam-cli==\S+", (BASES / "wheels.txt").read_text(encoding="utf-8"), re.MULTILINE)
    if not pinned:
        raise RuntimeError("tests/images/bases/wheels.txt pins no aws-sam-cli")
    folder = cache_folder() / pinned[0].replace("==", "-")
    sam = folder / "bin/sam"
    with lock("aws-sam-cli"):
        if not sam.exists():
            print(f"installing {pinned[0]} …", file=sys.stderr, flush=True)
            venv.create(folder, with_pip=True)
            run(folder / "bin/python", "-m", "pip", "install", "--quiet", pinned[0])
    return sam


def template(space: Space, contender: Contender, kind: str) -> None:
    """Write the template of a function packaged as `kind`, an image or a directory."""
    names = [FUNCTION.lower(), space.base.removesuffix(":latest")]
    made = [f"{name}:rapid-{architecture}" for name in names for architecture in ("x86_64", "arm64")]
    space.images.update(made, [f"{names[0]}:latest"])
    text = (HERE / f"rivals/{kind}.template.yaml").read_text(encoding="utf-8")
    (contender.root / "template.yaml").write_text(
        text.replace("@BASE@", space.base).replace("@FUNCTION@", FUNCTION), encoding="utf-8"
    )
