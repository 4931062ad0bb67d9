"""Packages that write where Lambda lets no one write: what the lock files say, and the line of the spec that helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.findings.finding import Edit, Finding
from scaffold.gates.writers import locks, project, table
from scaffold.project import state
from scaffold.rendering.engine import Engine

ENGINE = Engine()
WRITERS, PATTERNS = table.load(ENGINE)
SPEC: dict[str, Any] = {
    "version": 1, "name": "fn", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler",
}  # fmt: skip
UV = """\
[[package]]
name = "fn"
source = { virtual = "." }
dependencies = [{ name = "transformers" }]
[package.dev-dependencies]
dev = [{ name = "matplotlib" }]
[[package]]
name = "huggingface-hub"
[[package]]
name = "matplotlib"
[[package]]
name = "transformers"
dependencies = [{ name = "huggingface-hub" }]
"""
LANGUAGES = {
    **dict.fromkeys(("requirements.txt", "uv.lock", "poetry.lock", "Pipfile.lock"), "python"),
    **dict.fromkeys(("package-lock.json", "pnpm-lock.yaml", "yarn.lock"), "nodejs"),
    "Cargo.lock": "rust",
    "Gemfile.lock": "ruby",
    "packages.lock.json": "dotnet",
    **dict.fromkeys(("gradle.lockfile", "pom.xml"), "java"),
}
NPM = {"packages": {"node_modules/puppeteer": {}, "node_modules/a/node_modules/playwright": {"dev": True}}}
PNPM = "packages:\n\n  puppeteer@24.1.0:\n    resolution: {}\n\n  'playwright@1.50.0(x@1)':\n"


def found(folder: Path, files: dict[str, str], **more: Any) -> list[Finding]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "lambda-image.yaml").write_text(yaml.safe_dump(SPEC | more, sort_keys=False), encoding="utf-8")
    now = state.read(folder, ENGINE)
    assert isinstance(now, state.NotRendered), now
    return project.findings(now, ENGINE)


def variables(rows: list[Finding]) -> list[str]:
    return sorted(str(edit.path[-1]) for row in rows for edit in row.edits)


POETRY = '[[package]]\nname = "nltk"\ngroups = ["GROUPS"]\n'
PLAYWRIGHT = "com.microsoft.playwright"
REQUIREMENTS = "matplotlib==3.9.0 \\\n    --hash=x\nHuggingface_Hub>=1\n"


def pipfile(**sections: list[str]) -> str:
    empty: dict[str, list[str]] = {"default": [], "develop": []}
    rows = {name: {package: {"version": "1"} for package in listed} for name, listed in (empty | sections).items()}
    return json.dumps(rows, indent=4)


@pytest.mark.parametrize(
    ("file", "text", "groups", "expected"),
    [
        ("requirements.txt", REQUIREMENTS, (), {"matplotlib", "Hugging Face"}),
        ("requirements.txt", "matplotlib-inline==0.1\nmy-nltk==1\nnltk-data==1\n# numba==1\n", (), set()),
        ("requirements.txt", "torch @ https://x/torch.whl\nnumba", (), {"torch.hub", "numba"}),
        ("uv.lock", UV, (), {"Hugging Face"}),
        ("uv.lock", UV, ("dev",), {"Hugging Face", "matplotlib"}),
        ("uv.lock", 'name = "numba"\nnot toml', (), {"numba"}),
        ("poetry.lock", POETRY.replace("GROUPS", "dev"), (), set()),
        ("poetry.lock", POETRY.replace("GROUPS", 'dev", "main'), (), {"NLTK"}),
        ("Pipfile.lock", pipfile(develop=["nltk"]), (), set()),
        ("Pipfile.lock", pipfile(default=["nltk"]), (), {"NLTK"}),
        ("package-lock.json", json.dumps(NPM, indent=2), (), {"Puppeteer"}),
        ("pnpm-lock.yaml", PNPM, (), {"Puppeteer", "Playwright"}),
        ("yarn.lock", 'puppeteer@^24.0.0:\n  version "24"\n"puppeteer-core@1":\n', (), {"Puppeteer"}),
        ("Cargo.lock", '[[package]]\nname = "hf-hub"\n', (), {"Hugging Face"}),
        ("Gemfile.lock", "GEM\n  specs:\n    bootsnap (1.18.4)\n      msgpack (~> 1.2)\n", (), {"Bootsnap"}),
        ("packages.lock.json", '{\n  "net10.0": {\n    "Microsoft.Playwright": {\n', (), {"Playwright"}),
        ("gradle.lockfile", f"{PLAYWRIGHT}:playwright:1.49.0=runtimeClasspath\n", (), {"Playwright"}),
        ("pom.xml", f"<dependency>\n<groupId>{PLAYWRIGHT}</groupId>\n", (), {"Playwright"}),
    ],
)
def test_locks_of_every_language(file: str, text: str, groups: tuple[str, ...], expected: set[str]) -> None:
    language = LANGUAGES[file]
    lock = locks.Lock(file=f"folder/{file}", text=text, pattern=locks.pattern_of(file, PATTERNS))
    rows = list(locks.entries(lock, language, WRITERS, groups))
    assert {row.writer.name for row in rows} == expected
    assert [row.package for row in rows] == [text[row.offset :][: len(row.package)] for row in rows]


def test_every_lock_of_the_catalogue_has_a_pattern() -> None:
    managers = [row for language in ENGINE.table("languages").values() for row in language["managers"].values()]
    names = [row["lock"] or row["manifest"] for row in managers] + ["packages.lock.json", "Gemfile.lock"]
    assert [name for name in names if not locks.pattern_of(f"x/x{name}" if name[0] == "." else name, PATTERNS)] == []


def test_the_finding_is_at_the_line_of_the_lock_and_has_the_line_of_the_spec(tmp_path: Path) -> None:
    [row] = found(tmp_path, {"uv.lock": UV, "pyproject.toml": ""}, dependencies={"manager": "uv"})
    assert (row.code, row.file, row.line, row.severity) == ("unwritable-cache", f"{tmp_path}/uv.lock", 8, "warning")
    assert row.edits == (Edit(("environment", "HF_HOME"), "/tmp/huggingface"),)
    assert row.fix == "Add `HF_HOME: /tmp/huggingface` to `environment`, or run `scaffold check --fix`."


@pytest.mark.parametrize(
    "more",
    [
        {"environment": {"HF_HOME": "/opt/hf"}},
        {"environment": {"XDG_CACHE_HOME": "/tmp/x"}},
        {"environment": {"HOME": "/tmp"}},
        {"lambda": {"environment": {"HF_HOME": "/tmp/x"}}},
    ],
)
def test_a_variable_that_names_a_directory_is_enough(more: dict[str, Any], tmp_path: Path) -> None:
    assert found(tmp_path, {"uv.lock": UV, "pyproject.toml": ""}, dependencies={"manager": "uv"}, **more) == []


def test_packages_that_the_spec_names(tmp_path: Path) -> None:
    [row] = found(tmp_path, {}, dependencies={"packages": ["six==1.17.0", "matplotlib==3.9.0"]})
    assert (row.edits[0].path[-1], row.file, row.line) == ("MPLCONFIGDIR", f"{tmp_path}/lambda-image.yaml", 9)


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        (["npm", "start"], "NPM_CONFIG_CACHE"),
        (["/usr/local/bin/npx", "next"], "NPM_CONFIG_CACHE"),
        (["tini", "--", "pm2-runtime", "app.js"], "PM2_HOME"),
        (["dotnet", "run"], "DOTNET_CLI_HOME"),
        (["dotnet", "App.dll"], None),
        (["app.handler"], None),
    ],
)
def test_programs_that_a_command_starts(command: list[str], variable: str | None) -> None:
    assert next((row.variable for row in WRITERS if row.starts(command)), None) == variable


def test_a_library_that_would_ask_for_models_that_the_image_has(tmp_path: Path) -> None:
    model = {"from": "hf://acme/encoder@" + "0" * 40 + "/model.safetensors", "sha256": "0" * 64}
    needs = {"manager": "uv"}
    files = {"uv.lock": UV, "pyproject.toml": ""}
    assert variables(found(tmp_path, files, dependencies=needs, model_files=[model])) == ["HF_HOME", "HF_HUB_OFFLINE"]
    done = {"HF_HOME": "/tmp/hf", "HF_HUB_OFFLINE": "1"}
    assert found(tmp_path, files, dependencies=needs, model_files=[model], environment=done) == []
    other = {"from": "https://models.example/encoder.onnx", "sha256": "0" * 64}
    assert variables(found(tmp_path, files, dependencies=needs, model_files=[other])) == ["HF_HOME"]


def test_what_a_manifest_has_for_development_only(tmp_path: Path) -> None:
    spec = {"runtime": "nodejs24.x", "dependencies": {"manager": "pnpm"}}
    files = {"package.json": '{"devDependencies": {"playwright": "1"}}', "pnpm-lock.yaml": PNPM}
    [row] = found(tmp_path, files, **spec)
    assert "Puppeteer" in row.message
    assert row.edits == ()  # the build needs the variable, too
