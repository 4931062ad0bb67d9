"""What a manager locks it also installs, where it can: uv's speed is why a project uses uv."""

from __future__ import annotations

from support.template import CASES

from scaffold.rendering.engine import Engine
from scaffold.rendering.validation import read


def test_uv_installs_what_it_locked_and_proves_it_without_a_download(engine: Engine) -> None:
    spec = read(CASES / "uv/lambda-image.yaml").value
    assert isinstance(spec, dict)
    files = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
    steps = [step for step in files["Dockerfile"].split("\nRUN ") if "--target=packages" in step]
    assert ["uv/bin/uv pip install" in step for step in steps] == [True]
    assert "pip install --disable-pip-version-check" not in steps[0]
    assert "pip download" not in files["scripts/lock.Dockerfile"] + files["Dockerfile"]
    [proof] = [step for step in files["scripts/lock.Dockerfile"].split("\nRUN ") if "--dry-run" in step]
    assert "uv/bin/uv pip install" in proof
