"""The scripts of a generated project, run as its owner runs them; Docker and the emulator are played by small fakes."""

import copy
import http.server
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2.sandbox import SandboxedEnvironment

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

SCRIPTS = (
    *("aws.sh", "build", "deploy", "destroy", "dev", "finish-layer", "invoke", "invoke-live", "lib.sh"),
    *(
        "live.sh",
        "lock",
        "logs-live",
        "models",
        "prune",
        "push",
        "rollback",
        "run",
        "shell",
        "source-policy.sh",
        "stale.sh",
    ),
    "test",
)
TEMPLATES = {
    ".gitattributes": "files/gitattributes",
    ".gitignore": "files/gitignore",
    "Dockerfile.dockerignore": "files/Dockerfile.dockerignore",
    "Makefile": "files/Makefile",
    "README.md": "files/README.md",
    "requirements.txt": "languages/python/requirements.txt",
    "scripts/.shellcheckrc": "files/scripts/shellcheckrc",
    "scripts/check-requirements.py": "languages/python/requirements/manifest.py",
    "scripts/debug": "languages/python/debug",
    "scripts/emulator": "files/scripts/emulator",
    "scripts/unit-tests.py": "languages/python/unit-tests.py",
    "src/search/main.py": "languages/python/handler",
    "tests/invoke": "files/test_invoke",
    "tests/test_handler.py": "languages/python/test_handler",
    **{f"scripts/{name}": f"files/scripts/{name}" for name in SCRIPTS},
}
STARTERS = {
    ".gitignore",
    "README.md",
    "requirements.txt",
    "src/search/main.py",
    "tests/invoke",
    "tests/test_handler.py",
}
PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"]
BY_NAME = [word for name in reversed(PROXIES) for word in ("--build-arg", name)]
NASTY = 'it\'s $HOME `id` "q" \\ * %s\n#'

EVENTS = json.loads((ROOT / "catalogue/events.json").read_text(encoding="utf-8"))["events"]


def event(name: str, file: str = "") -> dict[str, Any]:
    """The event of a function, as a plan has it."""
    row = EVENTS[name]
    return {"name": name, "file": file or row["sample"], "answer": row["answer"], "proof": row["proof"]}


FUNCTION: dict[str, Any] = {
    "name": "image-search",
    "deployed": "image-search",
    "handler": {
        "handler": "search.main.handler",
        "module": "search.main",
        "importable": True,
        "files": ["search/main.py", "search/main/__init__.py"],
        "function": "handler",
        "file": "src/search/main.py",
    },
    "event": event("none"),
    "tests": {"unit": "tests/test_handler", "invoke": "tests/invoke"},
    "lambda": {"memory_size": 512, "timeout": 30, "ephemeral_storage": 640, "environment": {}},
}
HTTP = event("api-gateway-http")
LAMBDA = {
    "memory_size": 512,
    "timeout": 30,
    "ephemeral_storage": 640,
    "environment": {"NASTY": NASTY, "TABLE": "reviews"},
}
# What is not said here is as in the smallest project.
SMALLEST: dict[str, Any] = json.loads((ROOT / "tests/template/cases/minimal/plan.json").read_text(encoding="utf-8"))
PLAN: dict[str, Any] = SMALLEST | {
    "name": "image-search",
    "description": "Finds similar product images.",
    "runtime": {"name": "python3.13", "version": "3.13", "language": "python"},
    "architecture": SMALLEST["architecture"],
    "emulator": {
        "in_image": True,
        "image": "public.ecr.aws/lambda/provided:al2023",
        "reference": "public.ecr.aws/lambda/provided:al2023",
        "path": "/usr/local/bin/aws-lambda-rie",
        "port": 8080,
    },
    "place": {"root": ".", "project": "", "prefix": ""},
    "dependencies": SMALLEST["dependencies"]
    | {
        "files": ["requirements.txt"],
        "enforced": False,
        "locks": [{"from": "requirements.in", "to": "requirements.txt"}],
    },
    "build": SMALLEST["build"],
    "context": ["requirements.txt", "scripts/finish-layer", "src"],
    "excluded": ["src/**/tests"],
    "downloads": [],
    "models": [],
    "model_budget": 10240,
    "task_root": "/var/task",
    "entrypoint": [],
    "command": ["search.main.handler"],
    "functions": [FUNCTION],
    "checks": {"imports": [], "commands": []},
    "aws": {"region": "", "repository": "image-search", "role": "", "alias": "live"},
    "deploy": "stack",
    "stages": [
        {
            "name": "",
            "stack": "image-search",
            "file": "stack.yaml",
            "aws": {
                "region": "",
                "account": "",
                "repository": "image-search",
                "alias": "live",
                "protect": False,
                "service_role": "",
                "template_bucket": "",
            },
            "functions": [{"name": "image-search", "deployed": "image-search", "properties": {}}],
        }
    ],
}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODELS: list[dict[str, Any]] = [
    {
        "source": address.split(":")[0],
        "from": address,
        "path": f".models/{name}",
        "to": f"/opt/ml/model/{name}",
        "directory": False,
        "files": [
            {"from": address, "version": None, "path": f".models/{name}", "to": "", "sha256": "a" * 64, "size": None}
        ],
    }
    for address, name in (
        ("https://models.example.com/encoder.onnx?a=1&b=2", "nested/encoder.onnx"),
        (f"hf://owner/repository@{COMMIT}/model.bin", "model.bin"),
        ("s3://bucket/a/key", "key"),
    )
] + [
    {
        "source": "project",
        "from": "data/labels.txt",
        "path": "data/labels.txt",
        "to": "/opt/ml/model/labels.txt",
        "directory": False,
        "files": [],
    },
]
SECRETS = [
    {"id": "hub_token", "variable": "HUB_TOKEN", "file": None, "required": False},
    {"id": "netrc", "variable": "NETRC", "file": "~/.netrc", "required": False},
]
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full": {
        "build": SMALLEST["build"] | {"secrets": SECRETS},
        "models": MODELS,
        "checks": {"imports": ["json"], "commands": ['test -n "it\'s"']},
        "functions": [{**FUNCTION, "event": HTTP, "lambda": LAMBDA}],
        "aws": {
            "region": "eu-west-1",
            "repository": "growth/image-search",
            "role": "arn:aws:iam::111122223333:role/image-search",
            "alias": "stable",
        },
    },
    "models": {"models": MODELS[:1]},
    "own base": {
        "functions": [{**FUNCTION, "event": HTTP}],
        "emulator": {**PLAN["emulator"], "in_image": False},
        "entrypoint": ["/usr/local/bin/python3", "-m", "awslambdaric"],
        "excluded": [],
    },
    **{
        name: {"functions": [{**FUNCTION, "event": event(name)}], "models": models}
        for name, models in (("s3", []), ("schedule", MODELS[:1]), ("sqs", MODELS[:1]))
    },
    "not invoked": {"functions": [{**FUNCTION, "tests": {"unit": "tests/test_handler", "invoke": None}}]},
    "several": {
        "functions": [
            {**FUNCTION, "name": "search", "event": HTTP, "lambda": LAMBDA},
            {
                **FUNCTION,
                "name": "refresh",
                "event": event("none", "events/refresh.json"),
                "tests": {"unit": "tests/test_refresh", "invoke": "tests/invoke-refresh"},
            },
        ]
    },
}

Project = Callable[..., Path]


@pytest.fixture(scope="session")
def templates() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(ROOT),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    )


@pytest.fixture
def project(tmp_path: Path, templates: SandboxedEnvironment) -> Project:
    """Write the project of a variant of the plan."""

    def write(variant: str = "plain", **changes: Any) -> Path:
        plan = copy.deepcopy({**PLAN, **VARIANTS[variant], **changes})
        events = [row["event"] for row in plan["functions"]]
        names = {**TEMPLATES, **{event["file"]: f"files/events/{event['name']}.json" for event in events}}
        if not any(model["files"] for model in plan["models"]):
            del names["scripts/models"]
        if plan["emulator"]["in_image"]:
            del names["scripts/emulator"]
        if not plan["functions"][0]["tests"]["invoke"]:
            del names["tests/invoke"]
        plan["outputs"] = [
            {"path": path, "owner": "starter" if path in STARTERS else "generated"} for path in sorted(names)
        ]
        # A folder with a space and a quote: paths are words, too.
        folder = tmp_path / "my project's"
        for path, template in names.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            text = templates.get_template(f"template/{template}.jinja").render(plan=plan, file={"path": path})
            file.write_text(text, encoding="utf-8")
            if text.startswith("#!"):
                file.chmod(0o755)
        return folder

    return write


def run(*words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    usual = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**usual, **(env or {})},
        timeout=60,
    )


# --- Style ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_shellcheck_has_nothing_to_say(project: Project, variant: str) -> None:
    folder = project(variant)
    scripts = [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"# shellcheck shell=sh"))
    ]
    assert len(scripts) >= 7
    result = run(BIN / "shellcheck", "--severity=style", *scripts, cwd=folder)
    assert not result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_ruff_and_mypy_have_nothing_to_say(project: Project, variant: str) -> None:
    folder = project(variant)
    config = ROOT / "pyproject.toml"
    # Like this repository's own tests, they need no docstrings; and they are unittest's, as the image has no pytest.
    for path, ignored in (("src", "PT"), ("scripts", "PT"), ("tests", "D,PT")):
        checks = run(BIN / "ruff", "check", "--no-cache", "--config", config, "--ignore", ignored, folder / path)
        assert checks.returncode == 0, checks.stdout
    layout = run(BIN / "ruff", "format", "--no-cache", "--config", config, "--diff", folder)
    assert layout.returncode == 0, layout.stdout
    files = [
        folder / path
        for path in (
            "src/search/main.py",
            "tests/test_handler.py",
            "scripts/check-requirements.py",
        )
    ]
    options: list[str | Path] = [
        "--strict",
        "--explicit-package-bases",
        "--config-file=",
        "--cache-dir",
        folder.parent / "mypy",
    ]
    types = run(BIN / "mypy", *options, *files, cwd=folder / "src", env={"MYPYPATH": "."})
    assert types.returncode == 0, types.stdout


@pytest.mark.parametrize("variant", VARIANTS)
def test_generated_files_say_so(project: Project, variant: str) -> None:
    folder = project(variant)
    for path in folder.rglob("*"):
        if path.is_file():
            relative = path.relative_to(folder).as_posix()
            head = path.read_text(encoding="utf-8").splitlines()[:2]
            said = any("Generated by scaffold from lambda-image.yaml" in line for line in head)
            assert said is not (relative in STARTERS or relative.startswith("events/")), relative


def test_templates_stay_short() -> None:
    for path in [*(ROOT / "template/files").rglob("*.jinja"), *(ROOT / "template/languages").rglob("*.jinja")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 150, path


# --- Makefile and git -------------------------------------------------------------------------------------------------


def test_make_lists_the_verbs(project: Project) -> None:
    folder = project("full")
    (folder / "local.mk").write_text("deploy-all: ## my own verb\n\t@echo done\n", encoding="utf-8")
    result = run("make", cwd=folder)
    verbs = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("  make ")]
    shipping = ["push", "deploy", "invoke-live", "logs-live", "rollback", "prune", "destroy"]
    assert verbs == [
        "help",
        "build",
        "run",
        "invoke",
        "logs",
        "stop",
        "shell",
        "test",
        *("check", "sbom"),
        *shipping,
        "dev",
        "debug",
        "lock",
        "models",
        "deploy-all",
    ]
    assert run("make", "deploy-all", cwd=folder).stdout == "done\n"


def test_makefile_is_the_same_in_every_project(project: Project) -> None:
    def targets(folder: Path) -> list[str]:
        lines = (folder / "Makefile").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith("#: ")]  # the facts of the project

    first = targets(project())
    assert first == targets(project(name="other", command=["a.b"]))
    assert "models" not in "".join(first)


def test_make_runs_verbs_in_order_even_in_parallel(project: Project) -> None:
    folder = project()
    for name in ("build", "run", "invoke"):
        (folder / "scripts" / name).write_text(
            f'#!/bin/sh\n[ {name} != build ] || sleep 0.3\necho {name} "$@" $EVENT\n', encoding="utf-8"
        )
    result = run("make", "-j4", "build", "run", "invoke", "ARGS=--no-cache --pull", "EVENT=x.json", cwd=folder)
    assert result.stdout.split("\n") == ["build --no-cache --pull x.json", "run x.json", "invoke x.json", ""]


TARGETS = (
    "build",
    "run",
    "invoke",
    "shell",
    "invoke-live",
    "logs-live",
    "prune",
    "destroy",
    "dev",
    "debug",
    "lock",
)


@pytest.mark.parametrize("target", [*TARGETS, "test", "stop", "push", "deploy", "rollback", "models"])
def test_no_target_drops_its_arguments(project: Project, target: str) -> None:
    folder = project("full")
    for script in (path for path in (folder / "scripts").iterdir() if path.is_file() and path.suffix != ".sh"):
        script.write_text(f'#!/bin/sh\necho {script.name} "$@"\n', encoding="utf-8")
    result = run("make", target, "ARGS=--one 'a b'", cwd=folder)
    if target in TARGETS:
        assert result.stdout == f"{target} --one a b\n"
    elif target == "test":
        assert result.stdout == "build --one a b\ntest\n", (
            "its tests need no packages, and the script takes no arguments"
        )
    else:
        assert (result.returncode, result.stdout) == (2, "")
        assert f"{target} takes no ARGS" in result.stderr


def test_the_log_is_docker_s_with_its_options(project: Project, docker: dict[str, str]) -> None:
    assert run("make", "logs", "ARGS=--since '1 h'", cwd=project("full"), env=docker).returncode == 0
    assert asked(docker, "logs") == ["logs", "--since", "1 h", "lambda-image-search"]


def test_git_attributes(project: Project) -> None:
    folder = project()
    run("git", "init", "-q", cwd=folder)
    files = ["scripts/build", "src/search/main.py", "Makefile"]
    result = run("git", "check-attr", "text", "eol", "linguist-generated", "--", *files, cwd=folder)
    assert result.stdout.splitlines() == [
        "scripts/build: text: set",
        "scripts/build: eol: lf",
        "scripts/build: linguist-generated: set",
        "src/search/main.py: text: auto",
        "src/search/main.py: eol: lf",
        "src/search/main.py: linguist-generated: unspecified",
        "Makefile: text: set",
        "Makefile: eol: lf",
        "Makefile: linguist-generated: set",
    ]


# --- The starters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_starter_tests_pass(project: Project, variant: str, tmp_path: Path) -> None:
    folder = project(variant)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "labels.txt").touch()
    env = {"PYTHONPATH": str(folder / "src"), "MODEL_DIR": str(tmp_path / "model")}
    result = run(
        sys.executable, "-m", "unittest", "discover", "--start-directory", folder / "tests", cwd=tmp_path, env=env
    )
    assert result.returncode == 0, result.stderr
    logged = [json.loads(line) for line in result.stdout.splitlines()]
    assert logged
    assert all(line["request_id"] for line in logged)


# --- scripts/build and scripts/run, with a Docker that only writes down what it is asked ------------------------------

FAKE_DOCKER = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done >>"$ASKED"; printf '\\0' >>"$ASKED"
case "$1 $2" in
    'buildx inspect') printf 'Name: default\\nPlatforms: %s\\n' "${PLATFORMS-linux/amd64*, linux/386}" ;;
    'buildx build') exit "${BUILD:-0}" ;;
    'image inspect') echo "sha256:${IMAGE_ID:-1}" ;;
    'container inspect')
        case $* in
            *OOMKilled*) echo "${KILLED:-false}" ;;
            *) echo "${RUNNING:-true}" ;;
        esac
        ;;
    port*) [ -n "$FAKE_PORT" ] && echo "127.0.0.1:$FAKE_PORT" ;;
    logs*) echo 'a traceback' ;;
    events*) printf %s "${EVENTS:-}" ;;
    create*) echo donor ;;
    cp*) echo emulator >"$3" ;;
    'exec --interactive') tar -tf - >"$ASKED.lent" ;;
    exec*) printf '%s\\n' "${REPORT-passed, 1 unit test}" ;;
esac
"""


@pytest.fixture
def docker(tmp_path: Path) -> dict[str, str]:
    """Put a fake Docker first on the PATH."""
    fake = tmp_path / "bin" / "docker"
    fake.parent.mkdir()
    fake.write_text(FAKE_DOCKER, encoding="utf-8")
    (fake.parent / "uname").write_text('#!/bin/sh\necho "${MACHINE:-x86_64}"\n', encoding="utf-8")
    for program in fake.parent.iterdir():
        program.chmod(0o755)
    return {"PATH": f"{fake.parent}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked"), "FAKE_PORT": "1"}


def calls(docker: dict[str, str]) -> list[list[str]]:
    return [call.split("\0") for call in Path(docker["ASKED"]).read_text(encoding="utf-8").split("\0\0") if call]


def asked(docker: dict[str, str], *command: str) -> list[str]:
    found = [words for words in calls(docker) if words[: len(command)] == list(command)]
    assert len(found) == 1, found
    return found[0]


def pairs(words: list[str], option: str) -> list[str]:
    return [after for before, after in itertools.pairwise(words) if before == option]


def test_build_makes_one_plain_manifest(project: Project, docker: dict[str, str], tmp_path: Path) -> None:
    folder = project()
    (folder / "Dockerfile").write_text(f"FROM example.com/python:3.13@sha256:{'1' * 64} AS base\n", encoding="utf-8")
    result = run(folder / "scripts/build", "--no-cache", cwd=tmp_path, env=docker)
    assert result.returncode == 0, result.stderr
    words = asked(docker, "buildx", "build")
    digest = f"sha256:{'1' * 64}"
    assert words == [
        *("buildx", "build", "--platform", "linux/amd64", *BY_NAME, "--file", f"{folder}/Dockerfile"),
        *("--build-arg", "SOURCE_DATE_EPOCH=0", "--provenance=false", "--sbom=false", "--load"),
        *("--tag", "image-search:latest"),
        *("--label", "org.opencontainers.image.base.name=example.com/python:3.13"),
        *("--label", f"org.opencontainers.image.base.digest={digest}"),
        *("--iidfile", f"{folder}/.image/built", "--metadata-file", f"{folder}/.image/metadata.json"),
        *("--no-cache", f"{folder}"),
    ]


def test_lock_reads_a_file_of_its_own_and_writes_into_the_project(project: Project, docker: dict[str, str]) -> None:
    folder = project()
    missing = run(folder / "scripts/lock", env=docker)
    assert (missing.returncode, "requirements.in is missing" in missing.stderr) == (1, True)
    (folder / "requirements.in").touch()
    result = run(folder / "scripts/lock", "--progress=plain", env={**docker, "UPGRADE": "1"})
    assert result.returncode == 0, result.stderr
    assert asked(docker, "buildx", "build") == [
        *("buildx", "build", "--platform", "linux/amd64", *BY_NAME, "--file", f"{folder}/scripts/lock.Dockerfile"),
        *("--no-cache-filter", "lock", "--build-arg", "UPGRADE=1"),
        *("--output", f'type=local,"dest={folder}"', "--progress=plain", f"{folder}"),
    ]


@pytest.mark.parametrize("script", ["build", "lock"])
def test_the_network_of_the_environment_reaches_the_build(
    project: Project, docker: dict[str, str], tmp_path: Path, script: str
) -> None:
    """By name or as a file: no command line has a password of a proxy in it."""
    (tmp_path / "a,b.pem").touch()
    proxy = "http://u'ser:p$w`d\"@proxy:3128"
    folder = project()
    (folder / "requirements.in").touch()
    given = {"CA_BUNDLE": "a,b.pem", "https_proxy": proxy, "NO_PROXY": NASTY}
    result = run(folder / "scripts" / script, cwd=tmp_path, env={**docker, **given})
    assert result.returncode == 0, result.stderr
    words = asked(docker, "buildx", "build")
    assert pairs(words, "--secret") == ['id=ca_bundle,"src=a,b.pem"']
    arguments = pairs(words, "--build-arg")
    # buildx takes their values from the environment, and leaves out those that are not there.
    assert set(PROXIES) < set(arguments)
    assert proxy not in Path(docker["ASKED"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"CA_BUNDLE": "absent.pem"}, "CA_BUNDLE names a file that does not exist: absent.pem"),
        ({"SOURCE_POLICY": "policy.json"}, "the base has none: pin it."),
        (
            {"PLATFORMS": "linux/arm64, linux/arm/v7", "MACHINE": "aarch64"},
            "runs linux/arm64, linux/arm/v7 but not linux/amd64. Install its emulation with",
        ),
        (
            {"PLATFORMS": "linux/arm64, linux/arm/v7", "BUILD": "1"},
            "runs linux/arm64, linux/arm/v7 but not linux/amd64. Install its emulation with",
        ),
        ({"PATH": "without docker"}, "Docker is not installed"),
    ],
)
def test_build_says_what_is_missing(
    project: Project, docker: dict[str, str], env: dict[str, str], message: str
) -> None:
    if "PATH" in env:
        bare = Path(docker["ASKED"]).with_name("without docker")
        bare.mkdir()
        for name in ("dirname", "find", "sort", "uname"):
            (bare / name).symlink_to(shutil.which(name) or "")
        env = {"PATH": str(bare)}
    result = run("/bin/sh", project() / "scripts/build", env={**docker, **env})
    assert result.returncode == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("platforms", ["linux/amd64", "linux/arm64, linux/amd64/v2", ""])
def test_build_goes_on_where_the_platform_may_run(project: Project, docker: dict[str, str], platforms: str) -> None:
    env = {**docker, "PLATFORMS": platforms, "MACHINE": "aarch64"}
    assert run(project() / "scripts/build", env=env).returncode == 0


def test_build_asks_docker_nothing_that_its_own_processor_answers(project: Project, docker: dict[str, str]) -> None:
    folder = project()
    assert run(folder / "scripts/build", env=docker).returncode == 0
    assert [words[:2] for words in calls(docker)] == [["buildx", "build"]]
    # A build that failed for a reason of its own keeps its exit status.
    assert run(folder / "scripts/build", env={**docker, "BUILD": "7"}).returncode == 7


def test_run_limits_the_function_as_lambda_does(project: Project, docker: dict[str, str], emulator: "Emulator") -> None:
    given = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "hidden", "TABLE": "elsewhere", "PORT": "9123"}
    folder = project("full")
    result = run(folder / "scripts/run", "--env", "EXTRA=1", env={**docker, **given, "FAKE_PORT": str(emulator.port)})
    assert result.returncode == 0, result.stderr
    assert f"listens on 127.0.0.1:{emulator.port}" in result.stderr
    assert emulator.events == []
    words = asked(docker, "run")
    assert pairs(words, "--tmpfs") == ["/tmp:rw,exec,nosuid,nodev,mode=1777,size=640m"]
    assert pairs(words, "--memory") == pairs(words, "--memory-swap") == ["512m"]
    assert pairs(words, "--publish") == ["127.0.0.1:9123:8080"]
    assert {"--read-only", "--detach"} < set(words)
    environment = pairs(words, "--env")
    assert {f"NASTY={NASTY}", "TABLE=reviews", "EXTRA=1", "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID"} < set(
        environment
    )
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment[-1] == "EXTRA=1"
    assert words[-1] == "image-search:latest"
    assert "hidden" not in Path(docker["ASKED"]).read_text(encoding="utf-8")


def environment_of(docker: dict[str, str]) -> list[str]:
    return pairs(asked(docker, "run"), "--env")


@pytest.mark.parametrize(
    ("variant", "given", "region"),
    [
        ("plain", {}, "us-east-1"),
        ("plain", {"AWS_DEFAULT_REGION": "eu-north-1"}, "eu-north-1"),
        ("full", {"AWS_DEFAULT_REGION": "eu-north-1"}, "eu-west-1"),
        ("full", {"AWS_REGION": "eu-south-1"}, "eu-south-1"),
        ("plain", {"AWS_PROFILE": "dev"}, "ap-east-1"),
    ],
)
def test_a_function_always_has_a_region(
    project: Project, docker: dict[str, str], emulator: "Emulator", variant: str, given: dict[str, str], region: str
) -> None:
    aws_command(docker, "case $2 in get) echo ap-east-1 ;; esac")
    result = run(project(variant) / "scripts/run", env={**docker, **given, "FAKE_PORT": str(emulator.port)})
    assert result.returncode == 0, result.stderr
    assert {f"AWS_REGION={region}", f"AWS_DEFAULT_REGION={region}"} < set(environment_of(docker))
    assert "AWS_EXECUTION_ENV=AWS_Lambda_python3.13" in environment_of(docker)


def aws_command(docker: dict[str, str], script: str) -> None:
    fake = Path(docker["PATH"].split(":")[0]) / "aws"
    fake.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    fake.chmod(0o755)


KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}


def test_the_credentials_of_a_profile_reach_the_function(
    project: Project, docker: dict[str, str], emulator: "Emulator"
) -> None:
    exported = (
        "'export AWS_ACCESS_KEY_ID=A/K+I=' 'export AWS_SECRET_ACCESS_KEY=hid/den+==' 'export AWS_SESSION_TOKEN=t'"
    )
    aws_command(
        docker,
        f'[ "$AWS_PROFILE $*" = "dev configure export-credentials --format env" ] || exit 1\n'
        f"printf '%s\\n' {exported}",
    )
    fake = Path(docker["PATH"].split(":")[0]) / "docker"
    noting = fake.read_text(encoding="utf-8").replace("case ", 'env >"$ASKED.env"\ncase ', 1)
    fake.write_text(noting, encoding="utf-8")
    env = {**docker, "FAKE_PORT": str(emulator.port), "AWS_PROFILE": "dev", "AWS_REGION": "eu-west-1"}
    result = run(project() / "scripts/run", env=env)
    assert (result.returncode, "Warning" in result.stderr) == (0, False)
    assert set(environment_of(docker)) > KEYS
    assert "hid/den" not in Path(docker["ASKED"]).read_text(encoding="utf-8")
    passed = Path(f"{docker['ASKED']}.env").read_text(encoding="utf-8").splitlines()
    assert {"AWS_ACCESS_KEY_ID=A/K+I=", "AWS_SECRET_ACCESS_KEY=hid/den+==", "AWS_SESSION_TOKEN=t"} < set(passed)


@pytest.mark.parametrize(
    ("version", "said"),
    [("aws-cli/1.46.3 Python", "version 2 of the aws command"), ("aws-cli/2.30.1 Python", "Error loading SSO Token")],
)
def test_a_profile_without_credentials_is_a_warning(
    project: Project, docker: dict[str, str], emulator: "Emulator", version: str, said: str
) -> None:
    script = f"case $1 in --version) echo {version} ;; *) echo 'Error loading SSO Token' >&2; exit 255 ;; esac"
    aws_command(docker, script)
    env = {**docker, "FAKE_PORT": str(emulator.port), "AWS_PROFILE": "dev"}
    result = run(project() / "scripts/run", env=env)
    assert result.returncode == 0
    assert "no credentials of the profile dev: " in result.stderr
    assert said in result.stderr
    assert not KEYS & set(environment_of(docker))


def test_keys_of_the_environment_precede_the_profile_and_empty_ones_are_none(
    project: Project, docker: dict[str, str], emulator: "Emulator"
) -> None:
    aws_command(docker, 'case "$*" in "configure get region") ;; *) exit 1 ;; esac')
    env = {**docker, "FAKE_PORT": str(emulator.port), "AWS_PROFILE": "dev", "AWS_ACCESS_KEY_ID": "AKIA"}
    result = run(project() / "scripts/run", env={**env, "AWS_SESSION_TOKEN": ""})
    assert (result.returncode, "Warning" in result.stderr) == (0, False)
    assert KEYS & set(environment_of(docker)) == {"AWS_ACCESS_KEY_ID"}


def test_variables_of_this_machine_are_read_from_a_file(
    project: Project, docker: dict[str, str], emulator: "Emulator"
) -> None:
    folder = project("full")
    assert ".env" in (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "**/.env" in (folder / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    env = {**docker, "FAKE_PORT": str(emulator.port)}
    (folder / ".env").write_text("TOKEN=hidden\n", encoding="utf-8")
    assert run(folder / "scripts/run", "--env", "EXTRA=1", env=env).returncode == 0
    assert pairs(asked(docker, "run"), "--env-file") == [str(folder / ".env")]
    assert "hidden" not in Path(docker["ASKED"]).read_text(encoding="utf-8")


def test_functions_of_one_image_run_side_by_side(
    project: Project, docker: dict[str, str], emulator: "Emulator"
) -> None:
    folder = project("several")
    env = {**docker, "FAKE_PORT": str(emulator.port)}
    for function in ("search", "refresh"):
        assert run(folder / "scripts/run", env={**env, "FUNCTION": function}).returncode == 0
        assert run(folder / "scripts/invoke", env={**env, "FUNCTION": function}).returncode == 0
        following = run("make", "logs", "ARGS=--follow", cwd=folder, env={**env, "FUNCTION": function})
        assert following.returncode == 0
    assert run("make", "logs", cwd=folder, env=env).returncode == 0
    names = ["lambda-image-search.search", "lambda-image-search.refresh"]
    assert [pairs(words, "--name") for words in calls(docker) if words[0] == "run"] == [[name] for name in names]
    assert [words[1:] for words in calls(docker) if words[0] == "logs"] == [
        *([["--follow", name] for name in names]),
        names[:1],
    ]
    for given, stopped in (({"FUNCTION": "refresh"}, names[1:]), ({}, names), ({"CONTAINER": "own"}, ["own"])):
        Path(docker["ASKED"]).unlink()
        assert run("make", "stop", cwd=folder, env={**env, **given}).returncode == 0
        assert [words[2] for words in calls(docker) if words[0] == "rm"] == stopped


def test_run_lends_an_emulator_to_an_image_without(
    project: Project, docker: dict[str, str], emulator: "Emulator", tmp_path: Path
) -> None:
    env = {**docker, "FAKE_PORT": str(emulator.port), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    folder = project("own base")
    assert run(folder / "scripts/run", env=env).returncode == 0
    assert "AWS_EXECUTION_ENV=AWS_Lambda_Image" in environment_of(docker)
    cached = tmp_path / "cache/aws-lambda-rie/x86_64"
    assert cached.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in cached.parent.iterdir()] == ["x86_64"]
    words = asked(docker, "run")
    assert words[-5:] == ["image-search:latest", "/usr/local/bin/python3", "-m", "awslambdaric", "search.main.handler"]
    assert pairs(words, "--volume") == [f"{cached}:/usr/local/bin/aws-lambda-rie:ro"]
    assert asked(docker, "rm", "donor")
    # It is not fetched twice.
    assert run(folder / "scripts/run", env=env).returncode == 0
    assert asked(docker, "create")


def test_run_shows_why_the_function_stopped(project: Project, docker: dict[str, str]) -> None:
    result = run(project() / "scripts/run", env={**docker, "RUNNING": "false"})
    assert result.returncode == 1
    assert "a traceback" in result.stderr
    assert "stopped at once" in result.stderr


def test_run_waits_for_a_time_and_shows_what_the_function_printed(
    project: Project, docker: dict[str, str], tmp_path: Path
) -> None:
    """Also where connections are accepted and never answered, for which curl has a limit."""
    clock = f'n=$(cat {tmp_path}/clock 2>/dev/null || echo 0); echo $((n + 10)) >{tmp_path}/clock; echo "$n"'
    for name, script in {"curl": "case $* in *--max-time*) exit 28 ;; *) sleep 3600 ;; esac", "date": clock}.items():
        fake = Path(docker["PATH"].split(":")[0]) / name
        fake.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        fake.chmod(0o755)
    result = run(project() / "scripts/run", env=docker)
    assert result.returncode == 1
    assert "accepts no events after 30 seconds: a traceback" in result.stderr


# --- scripts/invoke, with an emulator that answers what it is told ----------------------------------------------------


class Emulator:
    """Answers like the runtime interface emulator: 404 anywhere but at one address."""

    def __init__(self) -> None:
        self.status, self.body, self.delay = 200, b'{"ok": true}', 0.0
        self.events: list[bytes] = []
        self.working = self.most = 0
        emulator = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_error(404)

            def do_POST(self) -> None:
                emulator.working += 1
                emulator.most = max(emulator.most, emulator.working)
                event = self.rfile.read(int(self.headers["Content-Length"]))
                emulator.events.append(event)
                time.sleep(emulator.delay)
                emulator.working -= 1
                if emulator.status:
                    self.send_response(emulator.status)
                    self.end_headers()
                    self.wfile.write(emulator.body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    fake = Emulator()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    thread.join()


def locks(folder: Path) -> Path:
    """The directory in which scripts/invoke keeps its locks."""
    return folder.parent / f"lambda-invoke-{os.getuid()}"


def invoke(folder: Path, emulator: Emulator, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    env = {
        "PORT": str(emulator.port),
        "TMPDIR": str(folder.parent),
        "http_proxy": "http://127.0.0.1:1",
        "XDG_RUNTIME_DIR": "",
        **env,
    }
    return run(folder / "scripts/invoke", *words, cwd=folder.parent, env=env)


@pytest.mark.parametrize(
    "body",
    [
        b'{"statusCode": 200, "body": "{\\"errorMessage\\": \\"in the body\\", \\"errorType\\": \\"E\\"}"}',
        b'{"result": {"errorMessage": "nested", "errorType": "E"}}',
        b'{"errorMessage": "alone"}',
        b'"Task timed out after lunch"',
        b"null",
        b"\x00\xff\n\n",
        b"",
    ],
)
def test_invoke_prints_the_answer_exactly(project: Project, emulator: Emulator, body: bytes) -> None:
    folder = project()
    emulator.body = body
    env = {**os.environ, "PORT": str(emulator.port), "TMPDIR": str(folder.parent)}
    result = subprocess.run([folder / "scripts/invoke"], capture_output=True, check=False, env=env)
    assert (result.returncode, result.stdout, result.stderr) == (0, body, b"")
    assert emulator.events == [(folder / "events/event.json").read_bytes()]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            200,
            '{"errorMessage": "a \\"b\\", c", "errorType": "KeyError", "requestId": "1", "stackTrace": []}',
            "raised an error",
        ),
        (200, '{"errorType":"Error","errorMessage":"x","trace":["Error: x"]}', "raised an error"),
        (200, '{\n  "errorType": "Exception",\n  "errorMessage": "x"\n}', "raised an error"),
        (200, '{"errorMessage":null,"errorType":"E"}', "raised an error"),
        (200, "Task timed out after 3.00 seconds", "longer than lambda.timeout"),
        (502, '{"errorType": "Runtime.ExitError", "errorMessage": "exit"}', "HTTP status 502"),
        (0, "", "did not respond"),
    ],
)
def test_invoke_fails_when_the_handler_did_not_answer(
    project: Project, emulator: Emulator, status: int, body: str, message: str
) -> None:
    emulator.status, emulator.body = status, body.encode()
    result = invoke(project(), emulator)
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stdout == body


def test_invoke_finds_its_event(project: Project, emulator: Emulator) -> None:
    folder = project()
    (folder.parent / "own.json").write_text('{"own": 1}', encoding="utf-8")
    (folder.parent / "other.json").write_text('{"other": 1}', encoding="utf-8")
    assert invoke(folder, emulator, EVENT="own.json").returncode == 0
    assert invoke(folder, emulator, "other.json", EVENT="own.json").returncode == 0
    assert emulator.events == [b'{"own": 1}', b'{"other": 1}']
    absent = invoke(folder, emulator, "absent.json")
    assert (absent.returncode, "absent.json" in absent.stderr) == (1, True)


def test_invoke_says_when_nothing_runs(project: Project, emulator: Emulator) -> None:
    result = invoke(project(), emulator, PORT="1")
    assert result.returncode == 1
    assert "make run" in result.stderr


def test_invoke_asks_the_function_of_this_project(project: Project, docker: dict[str, str], emulator: Emulator) -> None:
    folder = project()
    env = {**docker, "FAKE_PORT": str(emulator.port), "TMPDIR": str(folder.parent)}
    for port in ({}, {"PORT": "0"}, {"PORT": str(emulator.port)}):
        assert run(folder / "scripts/invoke", env={**env, **port}).returncode == 0
    assert len(emulator.events) == 3
    other = run(folder / "scripts/invoke", env={**env, "FAKE_PORT": "9001", "PORT": str(emulator.port)})
    assert (other.returncode, other.stdout) == (1, "")
    assert f"listens on port 9001, not on {emulator.port}: leave PORT out" in other.stderr
    stopped = run(folder / "scripts/invoke", env={**env, "FAKE_PORT": ""})
    assert stopped.returncode == 1
    assert "'make run' starts it" in stopped.stderr
    assert len(emulator.events) == 3
    # The owner names a function that something else has started.
    assert run(folder / "scripts/invoke", env={**env, "FAKE_PORT": "", "PORT": str(emulator.port)}).returncode == 0


@pytest.mark.parametrize("source", ["file", "standard input"])
def test_an_event_that_lambda_refuses_is_not_sent(project: Project, emulator: Emulator, source: str) -> None:
    folder = project()
    largest = folder.parent / "event.json"
    largest.write_bytes(b'"' + b"x" * (6 * 1024 * 1024 - 2) + b'"')

    def send() -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PORT": str(emulator.port), "TMPDIR": str(folder.parent)}
        words = [folder / "scripts/invoke", largest if source == "file" else "-"]
        with largest.open() as event:
            return subprocess.run(words, capture_output=True, text=True, check=False, env=env, stdin=event)

    assert send().returncode == 0
    largest.write_bytes(largest.read_bytes() + b"\n")
    refused = send()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "RequestTooLargeException: the event has 6291457 bytes, and Lambda accepts at most 6291456" in refused.stderr
    assert [len(event) for event in emulator.events] == [6291456]
    assert {path.name for path in folder.parent.iterdir()} - {locks(folder).name} == {"event.json", "my project's"}


KILLED = '{"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: signal: killed"}'
RAISED = '{"errorMessage": "a process died", "errorType": "CalledProcessError"}'


@pytest.mark.parametrize(
    ("status", "body", "killed", "named"),
    [
        (502, KILLED, {"KILLED": "true", "EVENTS": "oom"}, True),
        (200, RAISED, {"KILLED": "true", "EVENTS": "oom"}, True),
        (502, KILLED, {"KILLED": "true"}, False),
        (200, RAISED, {"KILLED": "true"}, False),
        (502, KILLED, {}, False),
    ],
)
def test_out_of_memory_is_named(
    project: Project,
    docker: dict[str, str],
    emulator: Emulator,
    status: int,
    body: str,
    killed: dict[str, str],
    named: bool,
) -> None:
    emulator.status, emulator.body = status, body.encode()
    result = run(project() / "scripts/invoke", env={**docker, **killed, "FAKE_PORT": str(emulator.port)})
    assert (result.returncode, result.stdout) == (1, body)
    assert ("used more than lambda.memory_size (512 MB)" in result.stderr) == named


def test_events_are_sent_one_at_a_time(project: Project, emulator: Emulator) -> None:
    folder = project()
    emulator.delay = 0.1
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(invoke(folder, emulator).returncode)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 6
    assert emulator.most == 1
    assert not list(locks(folder).iterdir())


def test_a_lock_is_inherited_from_the_dead(project: Project, emulator: Emulator) -> None:
    folder = project()
    emulator.delay = 0.1
    locks(folder).mkdir(mode=0o700)
    lock = locks(folder) / str(emulator.port)
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    lock.symlink_to(f"pid-{dead.pid}")
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(invoke(folder, emulator).returncode)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 4
    assert emulator.most == 1
    assert not list(locks(folder).iterdir())


@pytest.mark.parametrize("kind", ["link", "open", "group", "file"])
def test_locks_are_in_a_directory_of_this_user_alone(kind: str, project: Project, emulator: Emulator) -> None:
    """Whoever knows where the lock will be could put a link there, or a directory that everyone may write to."""
    folder = project()
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    if kind == "link":
        locks(folder).symlink_to(elsewhere)
    elif kind == "file":
        locks(folder).write_text("x")
    else:
        locks(folder).mkdir()
        locks(folder).chmod(0o777 if kind == "open" else 0o750)
    done = invoke(folder, emulator)
    assert (done.returncode, emulator.events) == (1, [])
    assert f"{locks(folder)} is not a directory of yours alone: remove it." in done.stderr
    assert not list(elsewhere.iterdir())


def test_locks_are_in_the_users_runtime_directory(project: Project, emulator: Emulator, tmp_path: Path) -> None:
    assert invoke(project(), emulator, XDG_RUNTIME_DIR=str(tmp_path)).returncode == 0
    assert (tmp_path / f"lambda-invoke-{os.getuid()}").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("report", "answer", "verdict"),
    [
        ("passed, 2 unit tests\nfailed", "Hello, Ada!", "All tests passed: 2 unit tests, tests/invoke."),
        ("passed\nfailed, unit tests", "Hello, Ada!", "FAILED: unit tests. The output of the function is above."),
        ("failed, unit tests", "Hello!", "FAILED: unit tests, tests/invoke. The output of the function is above."),
        ("passed\nfailed", "Hello, Ada!", "All tests passed: tests/invoke."),
    ],
)
def test_test_judges_and_cleans_up(
    project: Project, docker: dict[str, str], emulator: "Emulator", report: str, answer: str, verdict: str
) -> None:
    emulator.body = json.dumps({"greeting": answer}).encode()
    env = {**docker, "FAKE_PORT": str(emulator.port), "REPORT": report, "PORT": "1", "CONTAINER": "the-owners"}
    result = run(project() / "scripts/test", env=env)
    assert result.returncode == (0 if verdict.startswith("All") else 1)
    assert verdict in result.stderr
    lent = set(Path(f"{docker['ASKED']}.lent").read_text().split())
    assert {"tests/test_handler.py", "events/event.json", "scripts/unit-tests.py"} < lent
    [container] = pairs(asked(docker, "run"), "--name")
    calls = Path(docker["ASKED"]).read_text(encoding="utf-8").split("\0\0")
    assert calls[-2] == f"rm\0--force\0{container}"
    assert "the-owners" not in "".join(calls)


@pytest.mark.parametrize("change", [lambda path: path.chmod(0o644), lambda path: path.unlink()])
def test_an_invocation_that_cannot_run_is_a_failure(
    project: Project, docker: dict[str, str], emulator: "Emulator", change: Callable[[Path], None]
) -> None:
    folder = project()
    change(folder / "tests/invoke")
    result = run(folder / "scripts/test", env={**docker, "FAKE_PORT": str(emulator.port)})
    assert result.returncode == 1
    assert "FAILED: tests/invoke (missing, or not executable: chmod +x tests/invoke)." in result.stderr


def test_an_invocation_has_a_time_limit(project: Project, docker: dict[str, str], emulator: "Emulator") -> None:
    folder = project()
    (folder / "tests/invoke").write_text("#!/bin/sh\necho $$ >pid\nwhile :; do sleep 0.1; done\n", encoding="utf-8")
    env = {**docker, "FAKE_PORT": str(emulator.port), "TEST_TIMEOUT": "1"}
    result = run(folder / "scripts/test", env=env)
    assert result.returncode == 1
    assert "FAILED: tests/invoke (not done after 1 seconds, see TEST_TIMEOUT)." in result.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)


def test_a_run_that_tested_nothing_is_a_failure(project: Project, docker: dict[str, str], emulator: "Emulator") -> None:
    folder = project("not invoked")
    env = {**docker, "FAKE_PORT": str(emulator.port)}
    assert run(folder / "scripts/test", env=env).stderr.endswith("All tests passed: 1 unit test.\n")
    result = run(folder / "scripts/test", env={**env, "REPORT": "passed\nfailed"})
    assert result.returncode == 1
    assert "nothing was tested: add unit tests to tests/" in result.stderr


def test_the_log_shown_is_that_of_the_function_that_failed(
    project: Project, docker: dict[str, str], emulator: "Emulator"
) -> None:
    folder = project("several")
    for name, status in (("search", 1), ("refresh", 0)):
        (folder / f"tests/invoke-{name}").write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
        (folder / f"tests/invoke-{name}").chmod(0o755)
    result = run(folder / "scripts/test", env={**docker, "FAKE_PORT": str(emulator.port)})
    assert "FAILED: tests/invoke-search." in result.stderr
    calls = [call.split("\0") for call in Path(docker["ASKED"]).read_text(encoding="utf-8").split("\0\0")]
    kinds = [call[0] for call in calls if call[0] in ("run", "logs")]
    assert kinds == ["run", "logs", "run"]
    started = [pairs(call, "--env") for call in calls if call[0] == "run"]
    assert [("TABLE=reviews" in environment) for environment in started] == [True, False]
    assert [call[-1] for call in calls if call[-2:-1] == ["/tmp/project/scripts/unit-tests.py"]] == [
        "search",
        "refresh",
    ]
