"""What a hand-written Dockerfile and a lock file say about a spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.dockerfile import existing
from scaffold.rendering.engine import Engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM public.ecr.aws/docker/library/python:3.13-slim-trixie", {"base": "python3.13-debian"}),
        ("FROM mine\nCMD app.handler\nUSER 1\nCOPY a b /elsewhere/", {}),
        ("FROM mine\nCOPY app.py lib.py ./\nCOPY *.json $LAMBDA_TASK_ROOT", {"code": ["app.py", "lib.py", "*.json"]}),
        ("FROM mine\nRUN pip install -r ${LAMBDA_TASK_ROOT}/a.txt", {"dependencies": {"files": ["a.txt"]}}),
        ("FROM mine\nENV 'a", {}),
        ("FROM mine\nRUN curl x && yum install -y jq", {"system_packages": ["jq"]}),
    ],
)
def test_lines_of_a_dockerfile(text: str, expected: dict[str, object], engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(text)
    found = existing.read(tmp_path, engine).spec
    if "code" in found:
        found["code"] = [row["from"] for row in found["code"]]
    assert {key: value for key, value in found.items() if key != "runtime"} == expected


def test_a_lock_file_that_was_there_names_the_manager(engine: Engine, tmp_path: Path) -> None:
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("")
    assert existing.read(tmp_path, engine).spec == {"dependencies": {"manager": "uv"}}
