"""What languages without an interpreter in the base ask of a build, and what a custom runtime answers."""

import os
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import daemon
import projects
import pytest
import stand_ins
from support.template import CASES, TESTS

from scaffold.gates.image import ImageCheck
from scaffold.gates.preflight import table
from scaffold.oci import inspect
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

pytestmark = pytest.mark.images


@pytest.mark.parametrize(
    "case",
    [
        *("custom", "custom-built", "go", "go-scratch", "java"),
        *(pytest.param(name, marks=pytest.mark.full) for name in ("java-cds", "kotlin", "rust")),
    ],
)
def test_two_uncached_builds_have_the_same_layers(
    case: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project, layers = projects.layers_of_two_builds(engine, tmp_path, case, ["--no-cache", *bases])
    assert layers[0] == layers[1]
    if case == "go-scratch":
        assert_alone(project, tmp_path / "2/project", engine)


def assert_alone(project: projects.Project, root: Path, engine: Engine) -> None:
    """The image has what its project made and nothing else, and its gate says so."""
    listed = project.script("shell").stdout
    files = {line.split()[-1] for line in listed.splitlines() if not line.startswith(("d", "l"))}
    made = {name for name in files if not name.startswith((".dockerenv", "dev/", "etc/host", "etc/mtab", "etc/resolv"))}
    assert made == {"etc/ssl/certs/ca-certificates.crt", "var/runtime/bootstrap"}
    plan = engine.plan(projects.spec_of("go-scratch") | {"name": project.name})
    check = ImageCheck(
        standards=load(TESTS / "standards.yaml", engine),
        platforms=engine.platforms,
        where=inspect.LOCAL,
        plan=plan,
        today=datetime.now(UTC).date(),
        rewritten={name: row["rewritten"] for name, row in engine.table("systems").items()},
        files=True,
        table=table.load(engine),
    )
    name = f"{project.name}:latest"
    judged = check.judge(name)
    assert [finding for _, finding in judged.findings] == []
    assert [match.names for _, match, *_ in judged.images] == [("scratch",)]
    unknown = [finding.code for _, finding in replace(check, plan=None).judge(name).findings]
    assert unknown == ["unproved-base"]


def test_a_program_of_a_builder_runs_on_a_base_whose_c_library_is_not_older(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """The stand-in for Amazon Linux would run it: the catalogue says what the real one has."""
    spec = projects.spec_of("custom-built") | {"name": f"linked-{os.getpid()}", "base": "debian-trixie"}
    spec["build"] = spec["build"] | {"static": False, "args": {"LINK": "-pipe"}}
    assert engine.problems(spec) == []
    project = projects.make(engine, tmp_path / "fits", spec, CASES / "custom-built/project").build(*bases)
    with project.running() as function:
        assert "Hello, Ada!" in function.script("invoke").stdout
    old = spec | {"base": "provided.al2023"}
    assert [problem.code for problem in engine.problems(old)] == ["newer-c-library"]
    for changes, message in (
        ({}, "and the base image has 2.34: link it statically"),
        ({"static": True}, "is linked dynamically, and lambda-image.yaml says build.static"),
    ):
        changed = old | {"build": old["build"] | changes}
        project = projects.make(engine, tmp_path / message[:6], changed, CASES / "custom-built/project")
        done = project.script("build", "--progress=plain", *bases, check=False)
        assert done.returncode
        assert message in done.stderr


def test_what_starts_a_program_is_looked_up_in_the_base(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("custom-built") | {"name": f"started-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec, CASES / "custom-built/project")
    for first, refused in (("/usr/bin/perl", True), ("/usr/bin/env perl", True), ("/bin/sh", False)):
        script = f"mkdir -p dist\nprintf '#!{first}\\n' >dist/bootstrap\n"
        (project.root / "build.sh").write_text(script, encoding="utf-8")
        done = project.script("build", "--progress=plain", *bases, check=False)
        message = f"bootstrap: starts {first.split()[-1]}, which is not in the image"
        assert (message in done.stderr, done.returncode != 0) == (refused, refused), done.stderr


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("handler() {\n    echo the store is closed >&2\n    return 3\n}\n", "the store is closed"),
        ("other() {\n    :\n}\n", "does not define handler"),
        ("handler() {\n", "unexpected end of file"),
    ],
)
def test_a_shell_runtime_reports_errors(
    function: str, message: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    spec = projects.spec_of("custom") | {"name": f"shell-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec)
    (project.root / "src/function.sh").write_text(function)
    with project.build(*bases).running() as running:
        done = running.script("invoke", check=False)
        logs = daemon.client().containers.get(running.environment["CONTAINER"]).logs().decode()
    assert done.returncode
    assert message in done.stdout + done.stderr + logs


def test_one_shell_runtime_runs_on_two_bases(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    picked = {"image": "public.ecr.aws/docker/library/debian", "tag": "trixie-slim", "digest": "sha256:" + "9" * 64}
    reference = f"{picked['image']}:{picked['tag']}@{picked['digest']}"
    words = stand_ins.build_words(reference) if bases else []
    spec = {
        "base": "debian-trixie",
        "system_packages": ["ca-certificates", "curl"],
        "images": [picked | {"pick": "/usr/bin/sort", "to": "tools/arrange"}] if bases else None,
        "checks": {"commands": ["printf 'b\\na\\n' | /var/task/tools/arrange | grep -q a"]} if bases else None,
    }
    project = projects.case(engine, tmp_path / "project", "custom", words, **spec)
    project.script("test", *words)


def test_a_program_in_go_runs_on_two_bases(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = projects.case(engine, tmp_path / "project", "go", bases, base="debian-trixie")
    (project.root / "main_test.go").write_text(
        'package main\n\nimport "testing"\n\nfunc TestFails(t *testing.T) { t.Error("not this time") }\n'
    )
    done = project.script("test", *bases, check=False)
    assert done.returncode
    assert "FAILED: unit tests" in done.stderr
    assert "not this time" in done.stderr
    with project.running() as function:
        assert "Hello, Ada!" in function.script("invoke").stdout


def test_an_edit_in_rust_compiles_one_crate(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """Whatever its time: Cargo itself would keep what it made of a newer file."""
    project = projects.case(engine, tmp_path / "project", "rust", bases)
    program = project.root / "src/main.rs"
    # An edit that no build has seen: the builder would have the step in its cache.
    text = program.read_text().replace("Hello, {name}!", "Hallo, {name}!")
    program.write_text(f"{text}\n// {time.time_ns()}\n")
    os.utime(program, (1_000_000, 1_000_000))
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode == 0
    assert re.findall(r"Compiling (\S+)", done.stderr) == ["bootstrap"]
    with project.running() as function:
        assert "Hallo, Ada!" in function.script("invoke").stdout


def test_locking_in_rust_keeps_what_fits(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("rust-debian") | {"name": f"locked-{os.getpid()}"}
    project = projects.make(engine, tmp_path, spec, CASES / "rust-debian/project")
    manifest, lock = project.root / "search/Cargo.toml", project.root / "Cargo.lock"
    before = lock.read_text()
    manifest.write_text(manifest.read_text() + 'itoa = "1"\n')
    done = project.script("build", *bases, check=False)
    assert "--locked was passed" in done.stderr
    project.script("lock", *bases)
    added = [line for line in lock.read_text().splitlines() if line not in before.splitlines() or "itoa" in line]
    assert len(lock.read_text().splitlines()) == len(before.splitlines()) + 1
    assert ' "itoa",' in added


def test_an_edit_in_java_changes_the_layer_of_classes_alone(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = projects.case(engine, tmp_path / "project", "java", bases)
    before = project.config()["RootFS"]["Layers"]
    handler = project.root / "src/main/java/example/App.java"
    handler.write_text(handler.read_text().replace('"Hello, " + name', '"Hallo, " + name'))
    after = project.build(*bases).config()["RootFS"]["Layers"]
    assert len(before) == len(after)
    assert [old == new for old, new in zip(before, after, strict=True)][-2:] == [True, False]
    assert before[:-1] == after[:-1]
    with project.running() as function:
        assert "Hallo, Ada!" in function.script("invoke").stdout
