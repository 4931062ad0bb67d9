"""The text of what is generated for Gradle, which cannot be had where these tests run, against its documentation.

https://docs.gradle.org/current/userguide/dependency_locking.html and dependency_verification.html
"""

from __future__ import annotations

import re

import pytest
from support.template import CASES

from scaffold.rendering.engine import Engine

SPEC = {
    "version": 1,
    "name": "search",
    "runtime": "java25",
    "architecture": "x86_64",
    "handler": "example.App",
    "dependencies": {"manager": "gradle"},
}
GRADLE = CASES / "java-gradle/expected"


def files(engine: Engine, **changes: object) -> dict[str, str]:
    spec = SPEC | changes
    assert engine.problems(spec) == []
    return {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}


@pytest.mark.parametrize("path", ["build.gradle.kts", "scripts/lambda.gradle"])
def test_locks_are_strict_in_the_build_and_for_its_owner(path: str) -> None:
    """In an init script too: the owner's own build may say less."""
    text = (GRADLE / path).read_text(encoding="utf-8")
    block = re.search(r"dependencyLocking \{(.*?)\}", text, re.DOTALL)
    assert block
    assert {line.strip() for line in block[1].splitlines()} - {""} == {
        "lockAllConfigurations()",
        "lockMode = LockMode.STRICT",
    }


def test_checksums_are_verified_and_written() -> None:
    dockerfile = (GRADLE / "Dockerfile").read_text(encoding="utf-8")
    runs = re.findall(r"scripts/gradle .*", dockerfile.replace("\\\n", ""))
    assert len(runs) == 2
    assert all("--dependency-verification strict" in run for run in runs)
    lock = (GRADLE / "scripts/lock.Dockerfile").read_text(encoding="utf-8")
    assert "--write-locks --write-verification-metadata sha256 dependencies" in lock
    assert "COPY --from=lock /build/project/gradle/verification-metadata.xml /gradle/verification-metadata.xml" in lock
    for path in ("Dockerfile.dockerignore", "scripts/lock.Dockerfile.dockerignore"):
        sent = (GRADLE / path).read_text(encoding="utf-8").splitlines()
        assert {"!gradle.lockfile", "!gradle/verification-metadata.xml", "!scripts/lambda.gradle"} <= set(sent)
    build = (GRADLE / "scripts/build").read_text(encoding="utf-8")
    assert "gradle/verification-metadata.xml is missing: make lock writes it." in build


def test_brackets_of_scripts_close(engine: Engine) -> None:
    for changes in ({}, {"language": "kotlin"}, {"event": "sqs", "snap_start": True}):
        made = files(engine, **changes)
        for path in ("build.gradle.kts", "settings.gradle.kts", "scripts/lambda.gradle"):
            text = re.sub(r"//.*|'[^']*'|\"[^\"]*\"", "", made[path])
            assert all(text.count(a) == text.count(b) for a, b in ("()", "{}", "<>")), path


def test_kotlin_and_the_release(engine: Engine) -> None:
    assert "options.release = 25" in files(engine)["build.gradle.kts"]
    kotlin = files(engine, language="kotlin")["build.gradle.kts"]
    assert 'kotlin("jvm") version "2.4.21"' in kotlin
    assert "jvmToolchain(25)" in kotlin


def test_one_module_of_several(engine: Engine) -> None:
    made = files(engine, build={"target": "functions/search", "sources": ["functions/search/src"]})
    assert ":functions:search:lambda" in made["Dockerfile"]
    assert "/source/functions/search/build/test-results/test/" in made["Dockerfile"]
    assert "build.gradle.kts" not in made


def test_the_builder_follows_the_manager(engine: Engine) -> None:
    assert engine.plan(SPEC)["builder"] is not None
    assert (engine.plan(SPEC)["builder"] or {})["name"] == "gradle9-java25"
    maven = {key: value for key, value in SPEC.items() if key != "dependencies"}
    assert (engine.plan(maven)["builder"] or {})["name"] == "maven3.9-java25"
