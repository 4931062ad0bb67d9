"""What stands beside the files of a project, or in a place that nobody looks at."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from support.template import PINNED

from scaffold.fleet.outcome import Outcome
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Check
from scaffold.project import find, state
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine

ENGINE = Engine()
CHECK = Check(today=date(2026, 11, 24))
TEXT = f"version: 1\nname: search\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\nbase: {PINNED}\n"
EVIL = "FROM evil.example/thing:1\n"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rendered")
    (root / SPEC).write_text(TEXT)
    apply(root, state.read(root, ENGINE).changes)
    return root


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "project"))


def codes(root: Path) -> list[tuple[str, str]]:
    outcome = Outcome()
    CHECK.judge(root, outcome)
    return [(row.code, os.path.relpath(row.file, root)) for row in outcome.findings if row.weight == "error"]


def written(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text)


def answers_from(source: str) -> Callable[[Path], object]:
    def edit(root: Path) -> None:
        text = (root / ANSWERS).read_text()
        (root / ANSWERS).write_text(text.replace(f"_src_path: {ENGINE.source}", f"_src_path: {source}"))

    return edit


SHADOWS = {
    "a makefile in lower case": (written("makefile", "build:\n\tdocker build -f other .\n"), "shadowed", "makefile"),
    "a makefile of GNU make": (written("GNUmakefile", "include Makefile\n"), "shadowed", "GNUmakefile"),
    "a target": (written("local.mk", "x:\n\ttrue\nbuild: x\n"), "shadowed", "local.mk"),
    "one of several targets": (written("local.mk", "x push y:\n\ttrue\n"), "shadowed", "local.mk"),
    "a target over two lines": (written("local.mk", "x \\\n push:\n\ttrue\n"), "shadowed", "local.mk"),
    "a target with two colons": (written("local.mk", "deploy::\n\ttrue\n"), "shadowed", "local.mk"),
    "a variable of the generated one": (written("local.mk", "arguments = -f other\n"), "shadowed", "local.mk"),
    "a shell": (written("local.mk", "override SHELL := /tmp/sh\n"), "shadowed", "local.mk"),
    "a variable of one target": (written("local.mk", "build: ARGS = -f other\n"), "shadowed", "local.mk"),
    "a target by a variable": (written("local.mk", "A = build\n$(A):\n\ttrue\n"), "shadowed", "local.mk"),
    "a target in an included file": (
        lambda root: (root / "local.mk").write_text("-include a.mk\n") and (root / "a.mk").write_text("build: x\n"),
        "shadowed",
        "local.mk",
    ),
    "an included file by a variable": (written("local.mk", "include $(HOME)/a.mk\n"), "shadowed", "local.mk"),
    "a file of Podman": (written("Containerfile", EVIL), "uncatalogued-base", "Containerfile"),
    "another Dockerfile": (written("other.Dockerfile", EVIL), "uncatalogued-base", "other.Dockerfile"),
    "a Compose file": (
        written("compose.yaml", "services: {a: {build: {context: ., dockerfile_inline: FROM evil}}}\n"),
        "build-override",
        "compose.yaml",
    ),
    "a Bake file": (
        written("docker-bake.hcl", 'target "a" { contexts = { a = "b" } }\n'), "build-override", "docker-bake.hcl",
    ),
    "a stranger's template": (
        answers_from("https://github.com/evil/lambda-image-scaffold"), "foreign-template", ANSWERS,
    ),
    "a stranger's template, in short": (answers_from("gh:evil/lambda-image-scaffold"), "foreign-template", ANSWERS),
    "a template in the repository": (answers_from("./vendor/template"), "foreign-template", ANSWERS),
}  # fmt: skip


@pytest.mark.parametrize("name", SHADOWS)
def test_what_takes_the_place_of_a_generated_file_is_reported(name: str, project: Path) -> None:
    change, code, file = SHADOWS[name]
    change(project)
    assert (code, file) in codes(project)


def test_what_is_beside_a_project_every_day(project: Path) -> None:
    (project / "local.mk").write_text(
        "lint: ## lint\n\truff check\nA := b\nC::=d\n# build: x\n.PHONY: lint\n-include own.mk\n"
    )
    (project / "own.mk").write_text("format:\n\truff format\ninclude own.mk local.mk gone.mk\n")
    (project / "compose.yaml").write_text("services: {db: {image: 'amazon/dynamodb-local:2'}, fn: {build: .}}\n")
    (project / ".env").write_text("A=b\n")
    for source in ("git@github.com:{}.git", "gh:{}", "git+https://github.com/{}/", "/srv/template"):
        answers_from(source.format("lambda-image-scaffold/lambda-image-scaffold"))(project)
        assert {code for code, _ in codes(project)} <= {"drift"}, source
        shutil.copy(project / ANSWERS, project / "kept")
        answers = (project / "kept").read_text().splitlines()
        lines = [f"_src_path: {ENGINE.source}" if row.startswith("_src_path") else row for row in answers]
        (project / ANSWERS).write_text("\n".join(lines) + "\n")
    (project / "kept").unlink()
    assert codes(project) == []


@pytest.mark.parametrize("place", ["node_modules/fn", "node_modules/@acme/fn", ".venv/fn", "a/__pycache__/fn"])
def test_a_project_among_installed_packages_is_judged(place: str, project: Path) -> None:
    shutil.copytree(project, project / place, ignore=shutil.ignore_patterns("node_modules", ".venv", "a"))
    (project / place / "Dockerfile").write_text(EVIL)
    outcome = for_each_project([project], CHECK.judge, installed=True)
    assert ("drift", str(project / place / "Dockerfile")) in [(row.code, row.file) for row in outcome.findings]


@pytest.mark.parametrize("version", ["2", "4"])
def test_a_project_that_git_tracks_is_found_at_any_depth(version: str, tmp_path: Path) -> None:
    for place in ("a", "node_modules/a/b/c/d", "b/.venv/lib/x/y"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / SPEC).write_text(TEXT)
    assert [str(root.relative_to(tmp_path)) for root in find.find([tmp_path], installed=True)] == ["a"]
    long = "node_modules/" + "/".join(f"{number:040}" for number in range(6))
    (tmp_path / long).mkdir(parents=True)
    (tmp_path / long / "x").touch()
    (tmp_path / "node_modules/later").touch()
    for words in (["init", "-q"], ["-c", f"index.version={version}", "add", "--force", "."], ["add", "-N", "b"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    found = {str(root.relative_to(tmp_path)) for root in find.find([tmp_path], installed=True)}
    assert found == {"a", "node_modules/a/b/c/d", "b/.venv/lib/x/y"}
    assert [root.name for root in find.find([tmp_path])] == ["a"], "only a check looks there: nothing is rendered"
    assert [str(root.relative_to(tmp_path)) for root in find.find([tmp_path / "b"], installed=True)] == [
        "b/.venv/lib/x/y"
    ]
    index = (tmp_path / ".git/index").read_bytes()
    assert index[7] == int(version)
    for size in range(0, len(index), 7):
        (tmp_path / ".git/index").write_bytes(index[:size])
        assert set(find.find([tmp_path], installed=True)) <= {tmp_path / name for name in found}


def fill(path: Path) -> None:
    """Make a file of 3 GB without content."""
    with path.open("wb") as file:
        file.truncate(3 * 2**30)


BROKEN: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a named pipe": ("Dockerfile", os.mkfifo),
    "a device": ("Dockerfile", lambda path: path.symlink_to("/dev/zero")),
    "a file of 3 GB": ("Makefile", fill),
    "answers without end": (ANSWERS, lambda path: path.symlink_to("/dev/zero")),
    "answers in a pipe": (ANSWERS, os.mkfifo),
    "answers of 3 GB": (ANSWERS, fill),
    "a spec in a pipe": (SPEC, os.mkfifo),
    "a spec of 3 GB": (SPEC, fill),
    "a makefile without end": ("local.mk", lambda path: path.symlink_to("/dev/zero")),
    "a Compose file in a pipe": ("compose.yaml", os.mkfifo),
    "a Bake file of 3 GB": (
        "docker-bake.hcl",
        fill,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_file_makes_a_check_wait_or_fill_the_memory(name: str, project: Path) -> None:
    path, make = BROKEN[name]
    (project / path).unlink(missing_ok=True)
    make(project / path)
    started = time.process_time()
    outcome = for_each_project([project], CHECK.judge)
    assert time.process_time() - started < 2
    assert outcome.code or name == "a makefile without end"
