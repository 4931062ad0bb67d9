"""`scaffold image check`: which images it checks, and what it says about what it did not look at."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from scaffold.cli.commands.image import check
from scaffold.cli.main import main
from scaffold.errors import InvalidInputError
from scaffold.oci import inspect

ONE = f"sha256:{'1' * 64}"
NAMED: Any = {"name": "fn"}


@pytest.mark.parametrize(
    ("images", "text", "plan", "found"),
    [
        (["a", "b", "a"], None, None, ["a", "b"]),
        (["a"], "# c\n\n b \na\n", None, ["a", "b"]),
        (["a"], None, NAMED, ["a"]),
        ([], None, NAMED, ["fn:latest"]),
        ([], "b\n", NAMED, ["b"]),
        ([], "# none\n", NAMED, None),
        ([], "", None, None),
        ([], None, None, None),
    ],
)
def test_images(images: list[str], text: str | None, plan: Any, found: list[str] | None, tmp_path: Path) -> None:
    file = tmp_path / "images.txt" if text is not None else None
    if file:
        file.write_text(text or "")
    options = argparse.Namespace(images=images, file=file)
    if found is None:
        with pytest.raises(InvalidInputError, match="no image to check"):
            check._references(options, plan)
    else:
        assert check._references(options, plan) == found


def test_without_layers_the_answer_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    described = {"Id": ONE, "Os": "linux", "Architecture": "amd64", "Size": 7, "RootFS": {"Layers": [ONE]}}
    monkeypatch.setattr(inspect, "docker", lambda *_, **__: json.dumps([described]).encode())
    main(["image", "check", "--no-files", "fn:1"])
    assert "; no file in it was looked at (--files reads them)\n" in capsys.readouterr().out
    main(["image", "check", "--no-files", "fn:1", "--format", "json"])
    [row] = json.loads(capsys.readouterr().out)["images"]
    assert row["files_read"] is False
