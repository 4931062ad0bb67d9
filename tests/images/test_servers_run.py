"""Servers behind the web adapter: under the emulator, under a runtime API that takes streams, and plainly."""

import itertools
import json
import os
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
import runtime_api
from support.template import TESTS

from scaffold.gates.image import ImageCheck
from scaffold.gates.preflight import table
from scaffold.oci import inspect
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

pytestmark = pytest.mark.images

RUNTIMES = {
    "nextjs": {"runtime": "nodejs24.x"},
    "fastify": {"runtime": "nodejs24.x", "base": "nodejs24-debian"},
    # Not on scratch: the stand-in for the adapter is linked dynamically, and the real one is not.
    "net-http": {"runtime": "provided.al2023", "language": "go", "base": "debian-trixie"},
    "axum": {"runtime": "provided.al2023", "language": "rust"},
    "spring-boot": {"runtime": "java21", "base": "java21-corretto"},
}


def make(engine: Engine, root: Path, server: dict[str, Any], **more: Any) -> projects.Project:
    name = f"{server['framework']}-{os.getpid()}"
    spec = {"version": 1, "name": name, "architecture": "x86_64", "server": server, **more}
    assert engine.problems(spec) == []
    return projects.make(engine, root, spec)


def fetch(port: str, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return json.loads(response.read())


def stopped(project: projects.Project) -> tuple[int, str]:
    """Stop its container as Docker and Lambda do, with SIGTERM; the exit status, and what it printed."""
    container = daemon.client().containers.get(project.environment["CONTAINER"])
    container.stop(timeout=20)
    return container.wait()["StatusCode"], container.logs().decode()


def test_fastapi_answers_events_and_requests(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """`make test` runs it under the emulator, with a file system that cannot be written."""
    project = make(engine, tmp_path, {"framework": "fastapi", "streaming": True}, runtime="python3.13").build(*bases)
    project.script("test", *bases)
    with project.running() as function:
        assert "Hello, Ada!" in function.script("invoke").stdout
        assert "Application shutdown complete" in stopped(function)[1]
    with project.with_variables(SERVE="yes").running() as server:
        assert fetch(server.environment["PORT"], "/hello?name=Eve") == {"greeting": "Hello, Eve!"}
        done = server.script("invoke", check=False, PORT="0")
        assert "the function is not running" in done.stderr
        status, printed = stopped(server)
    assert status == 0
    assert "Application shutdown complete" in printed


def test_express_streams(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    server = {"framework": "express", "streaming": True, "port": 3000, "readiness_path": "/hello"}
    project = make(engine, tmp_path, server, runtime="nodejs24.x").build(*bases)
    project.script("test", *bases)
    with project.with_variables(SERVE="yes").running() as running:
        assert fetch(running.environment["PORT"], "/hello") == {"greeting": "Hello, world!"}
        assert stopped(running)[0] == 0
    event = json.loads((project.root / "events/api-gateway-http.json").read_text())
    event |= {"rawPath": "/count", "rawQueryString": ""}
    with runtime_api.serving(event) as api:
        started = {
            "entrypoint": ["sh", "-c", "/opt/extensions/lambda-adapter & exec node app.mjs"],
            "environment": {
                "AWS_LAMBDA_RUNTIME_API": f"lambda.test:{api.port}",
                "AWS_LAMBDA_FUNCTION_NAME": project.name,
                "AWS_LAMBDA_FUNCTION_VERSION": "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            },
            "extra_hosts": {"lambda.test": "host-gateway"},
            "read_only": True,
        }
        with daemon.container(f"{project.name}:latest", **started) as container:
            container.start()
            api.wait()
    assert api.headers["lambda-runtime-function-response-mode"] == "streaming"
    start, _, body = b"".join(piece for _, piece in api.pieces).partition(b"\0" * 8)
    assert json.loads(start)["statusCode"] == 200
    assert body == b"0\n1\n2\n"
    times = [at for at, piece in api.pieces if piece[-2:] in (b"0\n", b"1\n", b"2\n")]
    assert [later - earlier > 0.3 for earlier, later in itertools.pairwise(times)] == [True, True]


def test_a_server_is_the_same_whenever_it_is_built(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """On a base without a runtime client, with a start script, behind a queue."""
    words = ["--no-cache-filter=build", *bases]
    project, layers = projects.layers_of_two_builds(engine, tmp_path, "server", words)
    assert layers[0] == layers[1]
    project.script("test", *bases)
    with project.running() as function:
        event = tmp_path / "event.json"
        event.write_text('{"Records": 5}', encoding="utf-8")
        done = function.script("invoke", str(event), check=False)
        assert done.returncode, "the server answers 500, which is one of error_statuses"
        assert "error status code: 500" in done.stdout
    check = ImageCheck(
        standards=load(TESTS / "standards.yaml", engine),
        platforms=engine.platforms,
        where=inspect.LOCAL,
        plan=engine.plan(projects.spec_of("server") | {"name": project.name}),
        today=datetime.now(UTC).date(),
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
        files=True,
        table=table.load(engine),
    )
    # The standards of the tests have no layers of this base, and its registry may be out of reach.
    about_base = {"unproved-base", "undecided"}
    found = check.judge(f"{project.name}:latest").findings
    assert [finding for _, finding in found if finding.code not in about_base] == []


@pytest.mark.full
@pytest.mark.parametrize("framework", RUNTIMES)
def test_every_framework_starts_and_answers(
    framework: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = make(engine, tmp_path, {"framework": framework}, **RUNTIMES[framework]).build(*bases)
    project.script("test", *bases)
    with project.with_variables(SERVE="yes").running() as server:
        assert fetch(server.environment["PORT"], "/hello?name=Eve") == {"greeting": "Hello, Eve!"}
        stopped(server)
