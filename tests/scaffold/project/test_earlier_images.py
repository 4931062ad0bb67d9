"""Which differences between a file and its render are image references that the standards had before."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support.template import CASES

from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.project.changes import Cause
from scaffold.project.earlier_images import EarlierImages
from scaffold.rendering.engine import Engine

BASE = "public.ecr.aws/lambda/python:3.13"
EMULATOR = "public.ecr.aws/lambda/provided:al2023"


@pytest.fixture(scope="module")
def images(engine: Engine) -> EarlierImages:
    spec = yaml.safe_load((CASES / "minimal" / SPEC).read_bytes())
    return EarlierImages(plan=engine.plan(spec), standards=engine.standards)


@pytest.mark.parametrize(
    ("found", "references"),
    [
        (f"FROM {BASE}.2026 AS base\n# {BASE}\n'{EMULATOR}'\n", (BASE,)),
        (f"FROM {BASE} AS base\n# {BASE}-1\n'{EMULATOR}.9'\n", (BASE, EMULATOR)),
        (f"FROM {BASE}.2026 AS base\n# {BASE}\n'{EMULATOR}'", ()),
        (f"FROM {BASE}.2026  AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM {EMULATOR} AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM {BASE}@sha256:{'1' * 64} AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM {BASE.partition(':')[0]} AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM {BASE.partition(':')[0]}:.. AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM {BASE}.2026/x AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        (f"FROM evil.example/{BASE} AS base\n# {BASE}\n'{EMULATOR}'\n", ()),
        ("", ()),
    ],
)
def test_only_references_of_the_same_image_may_differ(
    images: EarlierImages, found: str, references: tuple[str, ...]
) -> None:
    rendered = f"FROM {BASE} AS base\n# {BASE}\n'{EMULATOR}'\n"
    assert images.superseded(rendered.encode(), found.encode()) == references


def test_bytes_that_are_not_text_are_an_edit(images: EarlierImages) -> None:
    assert images.superseded(f"FROM {BASE}\n".encode(), f"FROM {BASE}\xff\n".encode("latin-1")) == ()


def test_every_change_of_a_project_has_its_cause(engine: Engine, tmp_path: Path) -> None:
    spec = tmp_path / SPEC
    spec.write_bytes((CASES / "minimal" / SPEC).read_bytes())
    first = state.read(tmp_path, engine)
    assert isinstance(first, state.NotRendered)
    assert {change.cause for change in first.changes} == {Cause.MISSING}
    apply(tmp_path, first.changes)
    (tmp_path / "Makefile").unlink()
    (tmp_path / "scripts/build").chmod(0o644)
    (tmp_path / "scripts/shell").unlink()
    (tmp_path / "scripts/shell").symlink_to("build")
    (tmp_path / "scripts/test").write_text("mine\n")
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace(f"FROM {BASE} ", f"FROM {BASE}.1 "))
    now = state.read(tmp_path, engine)
    assert isinstance(now, state.Rendered)
    assert {change.path: (change.cause, change.images) for change in now.changes} == {
        "Dockerfile": (Cause.IMAGES, (BASE,)),
        "Makefile": (Cause.MISSING, ()),
        "scripts/build": (Cause.MODE, ()),
        "scripts/shell": (Cause.OBSTRUCTED, ()),
        "scripts/test": (Cause.EDITED, ()),
    }
    spec.write_text(spec.read_text() + "system_packages: [jq]\n")
    causes = {change.path: change.cause for change in state.read(tmp_path, engine).changes}  # type: ignore[union-attr]
    assert causes["Dockerfile"] is Cause.SPEC, "as it was rendered, but for an image of the standards"
    spec.write_text("version: 1\n")
    assert isinstance(state.read(tmp_path, engine), state.InvalidSpec)
