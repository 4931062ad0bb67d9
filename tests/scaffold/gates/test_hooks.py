"""What runs `scaffold check` elsewhere: the hooks for pre-commit, and the gate as GitHub's reusable workflow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import PINNED, TESTS, commit

from scaffold.cli import main
from scaffold.cli.parser import parse
from scaffold.errors import InvalidInputError

ROOT = TESTS.parent
BIN = Path(sys.executable).parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
GATE = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in GATE["jobs"]["check"]["steps"] if "name" in step}


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A repository with one project in order."""
    where = tmp_path / "workspace/judged"
    assert main.main(["new", "--defaults", "--data", f"base={PINNED}", str(where / "my-function")]) == 0
    commit(where, "As generated")
    return where


# The hooks


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_a_command_that_exists(name: str) -> None:
    program, *words = HOOKS[name]["entry"].split()
    assert program == "scaffold"
    assert HOOKS[name]["always_run"], "what was deleted has no name"
    assert HOOKS[name]["pass_filenames"] is False
    try:
        parse(words)
    except InvalidInputError as error:
        if "--dockerfile" not in words:
            raise
        pytest.skip(f"not there yet: {error}")


def test_pre_commit_runs_it(judged: Path, tmp_path: Path) -> None:
    """The checkout, as pre-commit installs it into an environment of its own."""
    assert main.main(["new", "--defaults", "--data", f"base={PINNED}", str(judged / "other-function")]) == 0
    (judged / "my-function/Makefile").unlink()
    subprocess.run(["git", "add", "--all"], cwd=judged, check=True)
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    words = [BIN / "pre-commit", "try-repo", str(ROOT), "scaffold-check"]
    done = subprocess.run(words, cwd=judged, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "my-function/Makefile: missing" in done.stdout
    assert "2 projects: 1 clean, 1 with findings (1 error)" in done.stdout


# The gate


def test_nothing_of_the_judged_branch_decides() -> None:
    job = GATE["jobs"]["check"]
    assert list(GATE["jobs"]) == ["check"]
    assert "if" not in job, "a skipped job is taken for a success"
    assert "continue-on-error" not in job
    assert list(GATE[True]) == ["workflow_call"]
    by_path = {step["with"]["path"]: step["with"] for step in job["steps"] if "checkout" in step.get("uses", "")}
    assert by_path["central"]["ref"] == "${{ inputs.standards-ref }}"
    assert by_path["package"]["ref"] == "${{ inputs.version }}"
    assert "ref" not in by_path["judged"]
    assert all(place["persist-credentials"] is False for place in by_path.values())
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert not any("${{" in command for command in commands)
    assert not re.search(r"\b(pipx|uvx|uv|-m scaffold)\b", "\n".join(commands)), "they look into the current folder"
    formats = re.findall(r"--format (\w+)", STEPS["Check"]["run"])
    assert formats == ["sarif", "github"], "text may hold lines of strangers"
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    for name, step in STEPS.items():
        assert ("continue-on-error" in step) is (name == "Upload to code scanning"), name
    assert STEPS["Verdict"]["if"] == "${{ always() }}"


def run_gate(judged: Path, standards: Path) -> tuple[int, dict[str, Any] | None]:
    """What the steps after the installation do; the verdict, and the report."""
    temporary = judged.parent / "temp"
    (temporary / "scaffold/bin").mkdir(parents=True, exist_ok=True)
    program = temporary / "scaffold/bin/scaffold"
    program.unlink(missing_ok=True)
    program.symlink_to(BIN / "scaffold")
    output = judged.parent / "output"
    output.write_text("")
    environment = os.environ | {
        "RUNNER_TEMP": str(temporary),
        "GITHUB_WORKSPACE": str(judged.parent),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_OUTPUT": str(output),
        "STANDARDS": str(standards),
    }
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
    subprocess.run([*bash, STEPS["Check"]["run"]], cwd=judged, env=environment, check=True, capture_output=True)
    values = dict(line.split("=", 1) for line in output.read_text().splitlines())
    verdict = [*bash, STEPS["Verdict"]["run"]]
    done = subprocess.run(verdict, env=environment | {"STATUS": values.get("status", "")}, check=False)
    report = (temporary / "scaffold.sarif").read_text()
    return done.returncode, json.loads(report) if report else None


def test_the_gate_passes_what_is_in_order_and_nothing_else(judged: Path) -> None:
    standards = ROOT / "standards/standards.yaml"
    code, report = run_gate(judged, standards)
    assert code == 0
    assert report
    assert report["runs"][0]["results"] == []
    (judged / "my-function/Dockerfile").write_text("FROM elsewhere\n")
    code, report = run_gate(judged, standards)
    assert code == 1
    assert report
    [result] = report["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my-function/Dockerfile"


def test_the_gate_never_passes_by_default(judged: Path, tmp_path: Path) -> None:
    assert run_gate(judged, tmp_path / "no-standards.yaml") == (1, None)
    (judged / "my-function/lambda-image.yaml").unlink()
    code, report = run_gate(judged, ROOT / "standards/standards.yaml")
    assert (code, "unreadable" in json.dumps(report)) == (1, True), "what it was made from is gone"
    (judged / "my-function/.copier-answers.yml").unlink()
    assert run_gate(judged, ROOT / "standards/standards.yaml") == (1, None), "no project at all"
    bash = ["bash", "-eo", "pipefail", "-c", STEPS["Verdict"]["run"]]
    for status in ("", "1", "2", "3", "130", "00", "x"):
        assert subprocess.run(bash, env=os.environ | {"STATUS": status}, check=False, capture_output=True).returncode
