"""Files that name a version of the language, and what is found where they contradict the spec."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scaffold.findings.finding import Severity
from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.project.code import ranges, versions
from scaffold.rendering.engine import Engine

Make = Callable[..., Path]
PYTHON, NODE = "runtime: python3.13\nhandler: app.handler\n", "runtime: nodejs24.x\nhandler: app.handler\n"
JAVA = "runtime: java21\nhandler: example.App\n"
GO, RUST = (f"runtime: provided.al2023\nlanguage: {name}\nhandler: bootstrap\n" for name in ("go", "rust"))
POM = "<project><properties>\n{}\n</properties></project>\n"
CARGO = '[package]\nname = "bootstrap"\nrust-version = "{}"\n'


def found(root: Path, engine: Engine, spec: str, files: dict[str, str]) -> list[str]:
    """What is found about the versions in these files of a project, once it is rendered."""
    root.mkdir()
    (root / SPEC).write_text(f"version: 1\nname: search\narchitecture: x86_64\n{spec}")
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    now = state.read(root, engine)
    assert isinstance(now, state.NotRendered), now
    apply(root, now.changes)
    after = state.read(root, engine)
    assert isinstance(after, state.Rendered)
    assert after.problems == now.problems, "a render reports what the next check finds"
    rows = [row for row in after.problems if row.code in {"other-version", "unread-version"}]
    assert all((row.severity is Severity.NOTE) == (row.code == "unread-version") for row in rows)
    return [f"{os.path.relpath(row.file, root)}:{row.line} {row.code} {row.message}" for row in rows]


@pytest.mark.parametrize(
    ("spec", "file", "text", "fits", "line"),
    [
        (PYTHON, ".python-version", "# ours\n3.12.1\n3.13.0\n", "3.13.0\n3.12.1\n", 2),
        (PYTHON, ".tool-versions", "nodejs 20\npython 3.14.0\n", "python 3.13.2 3.12.1\n", 2),
        (PYTHON, "Pipfile", '[requires]\npython_version = "3.12"\n', '[requires]\npython_version = "3.13"\n', 2),
        (PYTHON, "mise.toml", '[tools]\npython = "3.12"\n', '[tools]\npython = "3.13"\nnode = "20"\n', 2),
        (PYTHON, "pyproject.toml", '[project]\nrequires-python = ">=3.14"\n', 'requires-python = ">=3.11,<4"\n', 2),
        (
            PYTHON,
            "pyproject.toml",
            '[tool.poetry.dependencies]\nnumpy = "2"\npython = "^3.14"\n',
            '[tool.poetry.dependencies]\npython = "^3.11"\n[tool.other]\npython = "3.9"\n',
            3,
        ),
        (PYTHON, "runtime.txt", "python-3.12.4\n", "python-3.13.1\n", 1),
        (NODE, ".nvmrc", "# ours\nv20.1.0\n", "24\n", 2),
        (NODE, ".node-version", "22\n", "v24.11.0\n", 1),
        (NODE, ".tool-versions", "nodejs 22.1.0\n", "nodejs 24.1.0\n", 1),
        (NODE, "mise.toml", 'node = "22"\n', 'node = "24"\n', 1),
        (NODE, "package.json", '{\n "engines": {"npm": "11", "node": "^22"}}\n', '{"engines": {"node": ">=20"}}\n', 2),
        (NODE, "package.json", '{"volta": {"node": "22.1.0"}}\n', '{"volta": {"node": "24.1.0"}}\n', 1),
        (JAVA, ".java-version", "temurin-25.0.1\n", "21\n", 1),
        (JAVA, ".sdkmanrc", "# ours\njava=25.0.1-tem\n", "java=21.0.5-amzn\n", 2),
        (JAVA, ".tool-versions", "java corretto-25.0.1.8.1\n", "java temurin-21.0.5+11.0.LTS\n", 1),
        (JAVA, "mise.toml", 'java = "temurin-25"\n', 'java = "21"\n', 1),
        (
            JAVA,
            "pom.xml",
            POM.format("<maven.compiler.release>25</maven.compiler.release>"),
            POM.format("<!-- <release>25</release> -->\n<maven.compiler.release>17</maven.compiler.release>"),
            2,
        ),
        (
            JAVA,
            "pom.xml",
            POM.format("<jdk>25</jdk>\n<release>${jdk}</release>"),
            POM.format("<jdk>21</jdk>\n<source>1.8</source><target>${jdk}</target>\n<target>x/y</target>"),
            3,
        ),
        (JAVA, "build.gradle.kts", "kotlin {\n jvmToolchain(25) }\n", "kotlin { jvmToolchain(21) }\n", 2),
        (JAVA, "build.gradle", "sourceCompatibility = JavaVersion.VERSION_25\n", "sourceCompatibility = '1.8'\n", 1),
        (GO, "go.mod", "module example.com/a\n\ngo 1.99.1\n", "module example.com/a\n\ngo 1.20\n", 3),
        (GO, "go.mod", "module m\ngo 1.20\ntoolchain go1.99.0\n", "module m\ngo 1.20\ntoolchain go1.21.0\n", 3),
        (GO, "go.work", "go 1.99\n", "go 1.21\n", 1),
        (GO, ".go-version", "1.20.1\n", "1.27.2\n", 1),
        (GO, ".tool-versions", "golang 1.20.1\n", "golang 1.27.1\n", 1),
        (RUST, "Cargo.toml", CARGO.format("2.1"), CARGO.format("1.85"), 3),
        (RUST, "rust-toolchain", "2.0\n", "1.90\n", 1),
        (RUST, "rust-toolchain.toml", '[toolchain]\nchannel = "2.0"\n', '[toolchain]\nchannel = "1.90"\n', 2),
        (RUST, ".tool-versions", "rust 2.0.1\n", "rust 1.90.0\n", 1),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 22 and "\n" not in value else "-",
)
def test_a_version_that_contradicts_the_spec(
    spec: str, file: str, text: str, fits: str, line: int, engine: Engine, tmp_path: Path
) -> None:
    wrong = found(tmp_path / "wrong", engine, spec, {file: text})
    assert len(wrong) == 1, wrong
    assert wrong[0].startswith(f"{file}:{line} other-version this file says ")
    assert f"{SPEC}:4" in wrong[0]
    assert found(tmp_path / "right", engine, spec, {file: fits}) == []


def test_both_places_are_named(engine: Engine, tmp_path: Path) -> None:
    [runtime] = found(tmp_path / "node", engine, NODE, {".nvmrc": "20\n"})
    assert runtime == '.nvmrc:1 other-version this file says "20", and lambda-image.yaml:4 says runtime: nodejs24.x'
    [builder] = found(tmp_path / "go", engine, f"{GO}build:\n  base: golang1.27\n", {"go.mod": "go 1.99\n"})
    assert builder == (
        'go.mod:1 other-version this file says "1.99", and the builder of lambda-image.yaml:8, golang1.27, has 1.27'
    )


@pytest.mark.parametrize(
    ("spec", "file", "text"),
    [
        (NODE, ".nvmrc", "lts/*\n"),
        (NODE, "package.json", '{"engines": {"node": "file:../x"}}'),
        (PYTHON, ".python-version", "pypy3.10\n"),
        (JAVA, "pom.xml", POM.format("<release>${of.the.parent}</release>")),
        (RUST, "rust-toolchain", "nightly\n"),
    ],
)
def test_what_cannot_be_read_is_a_note(spec: str, file: str, text: str, engine: Engine, tmp_path: Path) -> None:
    [note] = found(tmp_path / "project", engine, spec, {file: text})
    assert note.startswith(f"{file}:")
    assert "unread-version" in note


def test_files_of_the_context_and_beside_manifests(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / ".nvmrc").write_text("20\n")
    (tmp_path / "package.json").write_text('{"engines": {"node": "20"}}')
    spec = f"{NODE}context: {{root: .., project: project}}\n"
    root = tmp_path / "project"
    [row] = found(root, engine, spec, {})
    assert row.startswith("../.nvmrc:1 ")
    (root / SPEC).unlink()
    manifests = "dependencies: {files: [/package.json, /package-lock.json]}\n"
    (root / SPEC).write_text(f"version: 1\nname: search\narchitecture: x86_64\n{spec}{manifests}")
    now = state.read(root, engine)
    assert isinstance(now, state.Rendered)
    places = [Path(row.file).name for row in now.problems if row.code == "other-version"]
    assert sorted(places) == [".nvmrc", "package.json"]


def test_every_language_of_the_catalogue_has_its_files(engine: Engine) -> None:
    assert set(engine.table("languages")) - set(engine.versions["languages"]) == {"custom"}


def test_moves_are_of_known_runtimes(engine: Engine) -> None:
    """Those of languages that have not arrived in the catalogue may come first."""
    names = {name for name in engine.versions["moves"] if not name.startswith(("ruby", "dotnet"))}
    assert names <= set(engine.table("runtimes"))


@pytest.mark.parametrize(
    ("language", "wanted", "file", "text", "said"),
    [
        ("ruby", "3.4", ".ruby-version", "ruby-3.3.1\n", "3.3.1"),
        ("ruby", "3.4", ".tool-versions", "ruby 3.3.1\n", "3.3.1"),
        ("ruby", "3.4", "mise.toml", 'ruby = "3.3"\n', "3.3"),
        ("ruby", "3.4", "Gemfile", "source 'https://rubygems.org'\nruby '~> 3.3.0'\n", "~> 3.3.0"),
        ("ruby", "3.4", "Gemfile", 'ruby "~> 3.3"\ngem "ruby", "3.3"\n', None),
        ("dotnet", "10", "global.json", '{\n  // ours\n  "sdk": {"version": "8.0.404"}\n}\n', "8.0.404"),
        ("dotnet", "8", "global.json", '{"sdk": {"version": "10.0.100"}}\n', None),
        ("dotnet", "8", "*.csproj", "<TargetFramework>net10.0</TargetFramework>\n", "10.0"),
        ("dotnet", "8", "*.fsproj", "<TargetFramework>net8.0</TargetFramework>\n", None),
        ("dotnet", "8", "Directory.Build.props", "<TargetFramework>net10.0</TargetFramework>\n", "10.0"),
        ("dotnet", "8", ".tool-versions", "dotnet-core 6.0.400\n", "6.0.400"),
    ],
)
def test_a_row_of_the_table_alone(
    language: str, wanted: str, file: str, text: str, said: str | None, engine: Engine, tmp_path: Path
) -> None:
    """Of languages whose projects are not made here."""
    number = ranges.version(wanted)
    assert number
    project: Any = SimpleNamespace(root=tmp_path)
    row = engine.versions["languages"][language]["files"][file]
    rows = versions._in_file(project, file, text, row, versions._Wanted(number, wanted, "the spec says so"))
    messages = [finding.message for finding in rows]
    assert messages == ([] if said is None else [f'this file says "{said}", and the spec says so'])
