"""What `make run` and `make invoke` have of Lambda besides its limits, asked of one image with two functions."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any

import daemon
import projects
import pytest

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

HANDLER = """\
import os
import subprocess
import sys

HUNGRY = "bytearray(400 * 1024 * 1024)"


def handler(event, context):
    if event == "eat":
        eval(HUNGRY)
    if event == "eat in a child":
        subprocess.run([sys.executable, "-c", HUNGRY], check=True)
    if event == "answer much":
        return "x" * 8_000_000
    if event == "die":
        os.kill(os.getpid(), 9)
    return dict(os.environ)
"""


@pytest.fixture(scope="module")
def project(
    engine: Engine, bases: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[projects.Project]:
    """Two functions of one image, neither running."""
    spec = projects.spec_of("minimal") | {"name": f"local-{os.getpid()}"}
    del spec["handler"]
    spec["functions"] = [{"name": name, "handler": "app.handler"} for name in ("first", "second")]
    spec["lambda"] = {"memory_size": 128, "environment": {"TABLE": "of the spec"}}
    made = projects.make(engine, tmp_path_factory.mktemp("local") / "project", spec)
    (made.root / "src/app.py").write_text(HANDLER, encoding="utf-8")
    try:
        yield made.build(*bases).with_variables(PORT="0")
    finally:
        made.stop()


def ask(project: projects.Project, event: Any, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project.root / "scripts/invoke", "-"],
        env=os.environ | project.environment | variables,
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
    )


def test_functions_run_side_by_side_with_the_variables_of_lambda(project: projects.Project) -> None:
    (project.root / ".env").write_text("TABLE=of the file\nTOKEN=of the file\n", encoding="utf-8")
    for name in ("first", "second"):
        project.script("run", FUNCTION=name)
    for name in ("first", "second"):
        found = json.loads(ask(project, "", FUNCTION=name).stdout)
        wanted = {
            "AWS_LAMBDA_FUNCTION_NAME": f"{project.name}-{name}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "TABLE": "of the spec",
            "TOKEN": "of the file",
        }
        assert wanted.items() <= found.items()
    project.stop(FUNCTION="second")
    assert "'make run' starts it" in ask(project, "", FUNCTION="second").stderr
    assert ask(project, "").returncode == 0
    project.stop()
    assert not [row for row in daemon.client().containers.list(all=True) if project.name in row.name]


def test_memory_that_is_used_up_is_named_for_every_process(project: projects.Project) -> None:
    said = "used more than lambda.memory_size (128 MB)"
    for events in (("die", "eat in a child", "eat", "die"), ("eat", "eat")):
        project.script("run")
        for event in events:
            time.sleep(1)  # what a second event is blamed for is known to the second
            done = ask(project, event)
            assert (done.returncode, said in done.stderr) == (1, event != "die"), event
            assert ask(project, "").returncode == 0


def test_an_answer_that_is_too_large_is_named(project: projects.Project) -> None:
    project.script("run", FUNCTION="first")
    done = ask(project, "answer much", FUNCTION="first")
    assert done.returncode != 0
    assert "ResponseSizeTooLarge" in done.stdout
    done = ask(project, "x" * 7_000_000, FUNCTION="first")
    assert "RequestTooLargeException: the event has 7000002 bytes" in done.stderr


def test_a_start_that_takes_no_events_ends_with_its_output(project: projects.Project) -> None:
    done = project.script("run", "--entrypoint", "/bin/sleep", check=False)
    assert done.returncode == 1
    assert "the function stopped at once" in done.stderr
    assert "sleep" in done.stderr
