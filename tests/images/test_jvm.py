"""Functions on a Java virtual machine, besides what all languages are asked."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import daemon
import projects
import pytest

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images


@pytest.mark.full
def test_every_starter_in_kotlin_is_tested_and_answers(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = projects.case(engine, tmp_path / "project", "kotlin", bases)
    done = project.script("test", *bases, check=False)
    assert (done.returncode, "8 unit tests, tests/invoke-greet, tests/invoke-work" in done.stderr) == (0, True), (
        done.stderr
    )


def test_the_archive_of_classes_is_used_whatever_the_time_of_the_build(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """The virtual machine says for each class where it is from; of an archive that does not fit it says nothing."""
    spec = projects.spec_of("java-cds") | {"name": f"cds-{os.getpid()}"}
    spec["environment"] = {"JAVA_TOOL_OPTIONS": "-Xlog:class+load:stderr"}
    project = projects.make(engine, tmp_path / "project", spec).with_variables(SOURCE_DATE_EPOCH="1700000000")
    with project.build(*bases).running() as function:
        assert "Hello, Ada!" in function.script("invoke").stdout
        logs = daemon.client().containers.get(function.environment["CONTAINER"]).logs().decode()
    loaded = dict(re.findall(r"\] ([\w.$]+) source: (.*)", logs))
    archived = [name for name, source in loaded.items() if source.startswith("shared objects file")]
    assert {"example.App", "com.google.gson.Gson"} <= set(archived)
    assert len(archived) > 0.9 * len(loaded)


def test_one_module_of_several_has_the_jars_of_the_others(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = projects.case(engine, tmp_path / "project", "java-modules", bases)
    done = project.script("test", *bases, check=False)
    assert "All tests passed: 2 unit tests, tests/invoke." in done.stderr, done.stderr


def test_a_function_built_with_gradle(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """No registry that these tests reach has Gradle: tests/template/test_gradle.py checks the project's text."""
    if bases:
        pytest.skip("skipped: no Gradle here")
    spec = projects.spec_of("java-gradle") | {"name": f"java-gradle-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec)
    project.script("lock")
    project.build()
    assert "All tests passed: 2 unit tests, tests/invoke." in project.script("test", check=False).stderr
    manifest = project.root / "build.gradle.kts"
    manifest.write_text(manifest.read_text().replace("gson:gson:2.15.0", "gson:gson:2.14.0"))
    done = project.script("build", check=False)
    assert done.returncode
    assert "com.google.code.gson:gson" in done.stderr, "the lock has another version"
