"""What a spec with `server` decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.template import TESTS, copy_template

from scaffold.rendering.engine import Engine

ROOT = TESTS.parent
FRAMEWORKS: dict[str, dict[str, Any]] = json.loads((ROOT / "catalogue/servers.json").read_text())["frameworks"]
RUNTIMES = {
    "python": {"runtime": "python3.13"},
    "nodejs": {"runtime": "nodejs24.x"},
    "java": {"runtime": "java21"},
    "go": {"runtime": "provided.al2023", "language": "go"},
    "rust": {"runtime": "provided.al2023", "language": "rust"},
    "custom": {"runtime": "provided.al2023", "language": "custom"},
}
ERRORS = "AWS_LWA_ERROR_STATUS_CODES"


def spec_of(language: str = "python", server: dict[str, Any] | None = None, /, **more: Any) -> dict[str, Any]:
    server = server or {"command": ["serve", "--port={port}"]}
    return {"version": 1, "name": "shop", "architecture": "x86_64", "server": server, **RUNTIMES[language], **more}


def plan_of(engine: Engine, spec: dict[str, Any]) -> Any:
    assert engine.problems(spec) == []
    return engine.plan(spec)


@pytest.mark.parametrize("event", ["api-gateway-http", "sqs", "s3"])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_brings_its_starters(name: str, event: str, engine: Engine) -> None:
    row = FRAMEWORKS[name]
    spec = spec_of(row["language"], {"framework": name, "streaming": True}, event=event)
    plan = plan_of(engine, spec)
    files = {file.path: file.content.decode() for file in engine.render(spec, plan, {})}
    assert row["starters"].keys() <= files.keys()
    assert not [path for path in files if "handler" in path]
    assert plan["entrypoint"] == [word.replace("{port}", "8080") for word in row["command"]]
    assert plan["command"] == []
    for package, version in row["packages"].items():
        manifest = "package.json" if row["language"] == "nodejs" else "requirements.txt"
        assert package in files[manifest]
        assert version in files[manifest]


@pytest.mark.parametrize("manager", ["uv", "poetry", "pipenv"])
def test_its_packages_are_in_the_manifest_of_any_manager(manager: str, engine: Engine) -> None:
    spec = spec_of("python", {"framework": "fastapi"}, dependencies={"manager": manager})
    files = {file.path: file.content.decode() for file in engine.render(spec, plan_of(engine, spec), {})}
    assert "uvicorn" in files["Pipfile" if manager == "pipenv" else "pyproject.toml"]


@pytest.mark.parametrize("manager", ["pnpm", "yarn"])
def test_the_lock_of_another_manager_is_not_made_up(manager: str, engine: Engine) -> None:
    spec = spec_of("nodejs", {"framework": "express"}, dependencies={"manager": manager})
    paths = {row["path"] for row in plan_of(engine, spec)["outputs"]}
    assert "package.json" in paths
    assert not paths & {"pnpm-lock.yaml", "yarn.lock"}


@pytest.mark.parametrize("language", RUNTIMES)
def test_a_server_of_any_language_needs_no_runtime_client(language: str, engine: Engine) -> None:
    bases = {"python": "python3.13-debian", "nodejs": "nodejs24-debian", "java": "java21-corretto"}
    spec = spec_of(language, base=bases.get(language, "debian-trixie"))
    plan = plan_of(engine, spec)
    files = {file.path: file.content.decode() for file in engine.render(spec, plan, {})}
    assert plan["base"]["runtime_client"] == "none"
    assert not [layer for layer in plan["layers"] if layer["folder"] == "/build/client"]
    assert "runtime client" not in files["Dockerfile"]
    assert 'ENTRYPOINT ["serve", "--port=8080"]' in files["Dockerfile"]
    assert [layer["to"] for layer in plan["layers"] if layer["kind"] == "adapter"] == ["/opt", "/var"]


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ({}, None),
        ({"event": "api-gateway-http"}, None),
        ({"event": "sqs"}, "500-599"),
        ({"stack": {"events": {"orders": {"source": "kinesis", "stream": "arn:aws:kinesis:::x"}}}}, "500-599"),
        ({"stages": {"prod": {"stack": {"events": {"x": {"source": "sqs", "queue": "arn:aws:sqs:::x"}}}}}}, "500-599"),
        ({"event": "sqs", "server": {"command": ["serve"], "error_statuses": [503]}}, "503"),
        ({"event": "sqs", "server": {"command": ["serve"], "error_statuses": []}}, None),
    ],
    ids=["nothing", "requests", "queue", "stream", "queue of a stage", "own", "none"],
)
def test_errors_fail_events_that_are_not_requests(more: dict[str, Any], errors: str | None, engine: Engine) -> None:
    environment = plan_of(engine, spec_of(**more))["environment"]
    assert environment.get(ERRORS) == errors
    assert environment["AWS_LWA_READINESS_CHECK_PROTOCOL"] == "tcp"


def test_the_emulator_leaves_the_port_to_the_server(engine: Engine) -> None:
    ports = [plan_of(engine, spec_of(server={"command": ["x"], "port": port}))["emulator"] for port in (8080, 8000)]
    assert [row["port"] for row in ports] == [8081, 8080]


def test_an_option_of_the_emulator_is_kept_for_the_server(engine: Engine) -> None:
    spec = spec_of(server={"command": ["serve", "--log-level", "info"]})
    [run] = [file for file in engine.render(spec, plan_of(engine, spec), {}) if file.path == "scripts/run"]
    assert "sh -c 'exec serve --log-level info'" in " ".join(run.content.decode().replace("\\\n", "").split())


def test_the_url_of_a_function_streams_what_its_server_streams(engine: Engine) -> None:
    for streaming, mode in ((True, "RESPONSE_STREAM"), (False, None)):
        server = {"command": ["serve"], "streaming": streaming}
        [stage] = plan_of(engine, spec_of(server=server, stack={"function_url": {"auth": "iam"}}))["stages"]
        assert stage["functions"][0]["properties"]["FunctionUrlConfig"].get("InvokeMode") == mode


def test_problems_of_a_start(engine: Engine) -> None:
    for spec, code in (
        (spec_of("custom", {"framework": "rails"}), "unknown-name"),
        (spec_of("nodejs", {"framework": "express"}, language="typescript"), "unknown-name"),
        (spec_of(kind="base", tag="1"), "no-effect"),
        (spec_of("python", {"framework": "fastapi"}, environment={"AWS_LWA_PORT": "1"}), "reserved-variable"),
        (spec_of("nodejs", {"framework": "nextjs"}, environment={"HOSTNAME": "x"}), "reserved-variable"),
    ):
        assert [problem.code for problem in engine.problems(spec)] == [code]


def test_the_standards_provide_the_adapter(tmp_path: Any) -> None:
    root = copy_template(tmp_path / "template")
    path = root / "standards/standards.yaml"
    text = path.read_text(encoding="utf-8")
    [row] = [line for line in text.splitlines() if "web_adapter" in line]
    required = text.replace("inline_base: allowed", "inline_base: allowed\n  base_digest: required")
    pinned = required.replace(row, row.replace("1.1.0,", f"1.1.0, digests: {{arm64: sha256:{'0' * 64}}},"))
    for changed, code in (
        (text.replace(row, ""), "unknown-extension"),
        (required, "unfit-extension"),
        (pinned, "unfit-extension"),
    ):
        path.write_text(changed, encoding="utf-8")
        assert code in [problem.code for problem in Engine(root).problems(spec_of())]
