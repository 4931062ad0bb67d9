"""Checks images made by hand as the command does, with a client of Docker that has one image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.archives import configuration, digest, saved
from support.broken_images import Checked

from scaffold.findings.finding import Finding
from scaffold.gates.image import ImageCheck
from scaffold.gates.preflight import table
from scaffold.rendering.engine import Engine
from scaffold.standards.base_paths import BasePaths
from scaffold.standards.load import own
from scaffold.standards.model import Base

DOCKER = """\
#!/bin/sh
here=${0%/*}
case "$*" in
"image inspect "*) cat "$here/inspected" ;;
"image save "*) cat "$here/saved" ;;
*) exit 1 ;;
esac
"""


@pytest.fixture(scope="session")
def engine_and_table() -> tuple[Engine, table.Table]:
    engine = Engine()
    return engine, table.load(engine)


@pytest.fixture
def checked(engine_and_table: tuple[Engine, table.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checked:
    """Return the findings about an image with these layers and this configuration; the lowest layer is its base."""
    engine, facts = engine_and_table
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def judge(
        layers: Sequence[bytes],
        config: Mapping[str, Any],
        history: Sequence[str] = (),
        *,
        files: bool | None = None,
        pinned: bool = True,
        any_base: bool = False,
    ) -> list[Finding]:
        body = configuration(layers, config, history, "amd64")
        ids = list(map(digest, layers))
        described = {"Id": digest(body), "Os": "linux", "Architecture": "amd64", "Config": config, "Size": 1}
        (tmp_path / "inspected").write_text(json.dumps([described | {"RootFS": {"Layers": ids}}]))
        (tmp_path / "saved").write_bytes(saved(layers, body))
        base = Base(
            image="base", tag="1", name="base", system="al2023", runtimes=(), runtime_client="included", digests={},
            diff_ids={"x86_64": tuple(ids[:1])} if pinned else {}, paths=BasePaths(own=("/var/runtime/",)),
        )  # fmt: skip
        check = ImageCheck(
            standards=replace(own(engine), bases={"base": base}, builds={}),
            platforms=engine.platforms,
            where="",
            plan=None,
            today=date(2026, 11, 29),
            rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
            files=files,
            table=facts,
            any_base=any_base,
        )
        return [finding for _, finding in check.judge("fn:1").findings]

    return judge
