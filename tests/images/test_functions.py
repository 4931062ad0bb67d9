"""Several functions of one image, own start scripts, hooks, time zones, and what `make test` proves of an image."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import daemon
import projects
import pytest
from machine import until

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

TELLTALE = """\
#!/bin/sh
echo "called with: $*"
trap 'echo "stopped by TERM"; exit 0' TERM
while :; do sleep 0.1; done
"""


def test_each_function_answers_by_its_command_to_its_own_event(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = projects.case(engine, tmp_path / "project", "functions", bases)
    with project.running() as function:
        search = json.loads(function.script("invoke").stdout)
    refreshing = project.with_variables(FUNCTION="refresh")
    with refreshing.running() as function:
        refresh = json.loads(function.script("invoke").stdout)
        variables = daemon.inside(function.environment["CONTAINER"], "env").splitlines()
    assert json.loads(search["body"]) == {"greeting": "Hello, Ada!"}
    assert refresh == {"done": "2026-01-31T06:00:00Z"}
    assert {
        "PAGE=it's $1",
        "TABLE=images",
        "AWS_LAMBDA_FUNCTION_TIMEOUT=300",
        f"AWS_LAMBDA_FUNCTION_NAME={project.name}-refresh",
    } <= set(variables)
    done = project.script("run", check=False, FUNCTION="other")
    assert done.returncode == 1
    assert "there is no function other: FUNCTION is one of search, refresh, thumbnails, greetings." in done.stderr


@pytest.mark.parametrize("base", ["python3.13", "python3.13-debian"])
def test_a_start_script_gets_the_handler_and_the_signals(
    engine: Engine, bases: Sequence[str], tmp_path: Path, base: str
) -> None:
    project = projects.case(engine, tmp_path / "project", "minimal", bases, base=base, entrypoint="start.sh")
    image = f"{project.name}:latest"
    with project.running() as function:
        json.loads(function.script("invoke").stdout)
        # It has become the function: there is no shell of it left that could swallow a signal.
        everything = "for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$file; echo; done"
        processes = daemon.inside(function.environment["CONTAINER"], "sh", "-c", everything)
        assert "start.sh" not in processes.replace("aws-lambda-rie /var/task/start.sh", "")
        assert "/bin/python3" in processes

    (project.root / "src/start.sh").write_text(TELLTALE, encoding="utf-8")
    project.build(*bases)
    with daemon.container(image, environment={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"}) as container:
        container.start()
        until(lambda: b"called with" in container.logs(stderr=False), 20)
        container.stop(timeout=20)
        said = container.logs(stderr=False).decode().splitlines()
    assert said[0].startswith("called with: /")
    assert said[0].endswith(" app.handler")
    assert said[1:] == ["stopped by TERM"]


def test_an_unknown_time_zone_stops_the_build(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("minimal") | {"name": "nowhere", "timezone": "Europe/Nowhere"}
    project = projects.make(engine, tmp_path / "project", spec)
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode
    assert "does not know the time zone Europe/Nowhere" in done.stderr


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({"imports": ["json", "nowhere"]}, "FAILED: import of nowhere"),
        ({"commands": ["true", "test -w /var/task"]}, "FAILED: test -w /var/task"),
    ],
)
def test_what_must_work_in_the_image_is_tried(
    engine: Engine, bases: Sequence[str], tmp_path: Path, checks: dict[str, list[str]], said: str
) -> None:
    project = projects.case(engine, tmp_path / "project", "minimal", bases, checks=checks)
    done = project.script("test", check=False)
    assert done.returncode == 1
    assert said in done.stderr


def test_nothing_passes_untested_and_nothing_hangs(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    changes = {"runtime": "python3.11", "checks": {"imports": ["app"]}, "lambda": {"timeout": 3}}
    project = projects.case(engine, tmp_path / "project", "minimal", bases, **changes)
    tests = project.root / "tests"
    (tests / "unit").mkdir()
    moved = (tests / "test_handler.py").rename(tests / "unit/test_main.py")
    moved.write_text(moved.read_text().replace("parent.parent", "parents[2]"))

    def outcome(**variables: str) -> str:
        done = project.script("test", check=False, **variables)
        assert (done.returncode == 0) == ("All tests passed" in done.stderr)
        return done.stderr

    assert outcome().endswith("All tests passed: 2 unit tests, 1 import, tests/invoke.\n")
    (tests / "test_pytest.py").write_text("def test_a():\n    assert False\n", encoding="utf-8")
    (tests / "invoke").chmod(0o644)
    said = outcome()
    assert "test_a is not part of a unittest.TestCase, so it did not run. To run tests written for pytest, set" in said
    assert "FAILED: unit tests, tests/invoke (missing, or not executable: chmod +x tests/invoke)." in said

    (tests / "test_pytest.py").unlink()
    (project.root / "src/app.py").write_text("import time\n\n\ndef serve():\n    time.sleep(600)\n\n\nserve()\n")
    project.build(*bases)
    said = outcome(TEST_TIMEOUT="2")
    late = "not done after 2 seconds, see TEST_TIMEOUT)"
    assert f"FAILED: unit tests (ended early, or {late}, import of app ({late}, tests/invoke" in said
    assert 'File "/var/task/app.py", line 5 in serve' in said


def test_a_hook_stops_the_build_at_its_first_failure(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    hooks = {"after_system": [{"name": "fails", "run": "false; true"}]}
    spec = projects.spec_of("minimal") | {"name": "stopped-by-a-hook", "hooks": hooks}
    with pytest.raises(subprocess.CalledProcessError):
        projects.make(engine, tmp_path / "project", spec).build(*bases)
