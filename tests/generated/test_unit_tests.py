"""scripts/unit-tests.py and scripts/checks.py, run outside an image: what runs, what counts, and what fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scaffold.rendering.engine import Engine

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "fn",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
}
SEVERAL = {
    "handler": None,
    "functions": [{"name": name, "handler": "app.handler"} for name in ("search", "refresh", "search-index")],
}
PYTEST = {"tests": {"runner": "pytest"}}
CASE = "import unittest\n\n\nclass ATest(unittest.TestCase):\n    def test_a(self):\n        {0}\n"
FUNCTION = "def test_a():\n    {0}\n"
HINT = "set `tests: {runner: pytest}` in lambda-image.yaml"
Check = Callable[..., tuple[str, str]]


@pytest.fixture
def check(engine: Engine, tmp_path: Path) -> Check:
    """Run both scripts of a spec, or one, over a project with some files; their standard outputs and errors."""
    project, task = tmp_path / "project", tmp_path / "task"

    def run(files: Mapping[str, str], *words: str, timeout: str = "60", **changes: Any) -> tuple[str, str]:
        spec = {key: value for key, value in (SPEC | changes).items() if value is not None}
        assert engine.problems(spec) == []
        scripts = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
        names = [name for name in ("scripts/unit-tests.py", "scripts/checks.py") if name in scripts]
        for path, text in {**files, **{name: scripts[name] for name in names}}.items():
            place = (task if path.startswith("src/") else project) / path.removeprefix("src/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        task.mkdir(exist_ok=True)
        done = [
            subprocess.run(
                [sys.executable, project / name, *words],
                cwd=task,
                env={**os.environ, "TEST_TIMEOUT": timeout},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            for name in names
        ]
        return "".join(each.stdout for each in done), "".join(each.stderr for each in done)

    return run


@pytest.mark.parametrize(("changes", "text"), [({}, CASE), (PYTEST, FUNCTION), (PYTEST, CASE)])
@pytest.mark.parametrize("path", ["tests/test_a.py", "tests/unit/deep/test_a.py", "tests/unit/a_test.py"])
def test_tests_are_found_in_any_directory(check: Check, changes: dict[str, Any], text: str, path: str) -> None:
    assert check({path: text.format("pass")}, **changes)[0] == "passed, 1 unit test\n"
    said, why = check({path: text.format("assert 1 == 2")}, **changes)
    assert said == "failed, unit tests\n"
    assert "AssertionError" in why or "assert 1 == 2" in why


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"tests/test_a.py": FUNCTION.format("pass")}, "tests/test_a.py: test_a is not part of a unittest.TestCase"),
        ({"tests/test_a.py": FUNCTION.format("pass")}, HINT),
        ({"tests/test_a.py": CASE.format("pass") + FUNCTION.format("pass")}, HINT),
        ({"tests/test_a.py": "import pytest\n" + CASE.format("pass"), "tests/pytest.py": "import pytest.x\n"}, HINT),
        ({"tests/test_a.py": ""}, "No unit test passed"),
        ({"tests/handler.py": CASE.format("pass")}, "No unit test passed"),
        ({"tests/test_a.py": CASE.format("self.skipTest('no')")}, "No unit test passed"),
        ({"tests/test_a.py": CASE.format("pass") + "\n\nunittest.main()\n"}, "SystemExit"),
        ({"tests/test_a.py": CASE.format("pass"), "tests/test_b.py": "raise ValueError('b')\n"}, "ValueError: b"),
    ],
)
def test_what_did_not_run_is_a_failure(check: Check, files: dict[str, str], reason: str) -> None:
    said, why = check(files)
    assert said == "failed, unit tests\n"
    assert reason in why


@pytest.mark.parametrize(
    "text", ["", "import pytest\n\n\n@pytest.mark.skip\n" + FUNCTION.format("pass"), "def a_test():\n    pass\n"]
)
def test_pytest_has_to_collect_something(check: Check, text: str) -> None:
    said, why = check({"tests/test_a.py": text}, **PYTEST)
    assert said == "failed, unit tests\n"
    assert "No unit test passed: pytest collected none in tests/, or all of them were skipped." in why


@pytest.mark.parametrize("changes", [{}, PYTEST])
def test_a_test_that_ends_python_hides_nothing(check: Check, changes: dict[str, Any]) -> None:
    """scripts/test takes no report for a failure."""
    said, _ = check({"tests/test_a.py": CASE.format("__import__('os')._exit(0)")}, **changes)
    assert said == ""


@pytest.mark.parametrize("changes", [{}, PYTEST])
def test_no_tests_are_no_failure_here(check: Check, changes: dict[str, Any]) -> None:
    """scripts/test fails if nothing else was tested either."""
    assert check({"tests/conftest.py": "", "tests/__init__.py": ""}, **changes)[0] == "passed\n"


@pytest.mark.parametrize(("changes", "text"), [({}, CASE), (PYTEST, FUNCTION)])
def test_packages_of_tests_have_helpers_and_import_the_image_s_code(
    check: Check, changes: dict[str, Any], text: str
) -> None:
    files = {
        "src/search/__init__.py": "NAME = 'search'\n",
        "tests/__init__.py": "",
        "tests/search/__init__.py": "",
        "tests/search/helper.py": "VALUE = 1\n",
        "tests/search/test_a.py": "import search\nfrom . import helper\n"
        + text.format("assert search.NAME and helper.VALUE"),
    }
    assert check(files, **changes)[0] == "passed, 1 unit test\n"


@pytest.mark.parametrize(("changes", "text"), [({}, CASE), (PYTEST, FUNCTION)])
def test_each_test_runs_for_its_own_function(check: Check, changes: dict[str, Any], text: str) -> None:
    owners = {
        "tests/test_search.py": "search",
        "tests/test_other.py": "search",
        "tests/unit/test_rest.py": "search",
        "tests/test_search_index.py": "search-index",
        "tests/search-index/test_search.py": "search-index",
        "tests/search_index/test_more.py": "search-index",
        "tests/unit/test_refresh_all.py": "refresh",
        "tests/test_refreshed.py": "search",
    }
    files = {path: text.format(f"assert __import__('sys').argv[1] == {name!r}") for path, name in owners.items()}
    if changes:
        files["tests/search-index/test_search.py"] = files["tests/search-index/test_search.py"].replace("_a", "_b")
    found = {name: check(files, name, **SEVERAL, **changes)[0] for name in ("search", "refresh", "search-index")}
    assert found == {
        "search": "passed, 4 unit tests of search\n",
        "refresh": "passed, 1 unit test of refresh\n",
        "search-index": "passed, 3 unit tests of search-index\n",
    }


def test_what_hangs_is_ended_and_says_where(check: Check) -> None:
    files = {
        "src/slow.py": "import time\n\n\ndef serve():\n    time.sleep(60)\n\n\nserve()\n",
        "tests/test_a.py": "import slow\n",
    }
    checks = {"imports": ["slow", "json"], "commands": ["sleep 60; true", "true"]}
    said, why = check(files, timeout="1", checks=checks)
    late = "(not done after 1 seconds, see TEST_TIMEOUT)"
    assert said == f"passed, 1 import, 1 command\nfailed, import of slow {late}, sleep 60; true {late}\n"
    _, _, later = why.partition("Timeout (0:00:01)!")
    assert 'slow.py", line 5 in serve' in later, "of the unit tests, which give no report"


def test_checks_are_made_once_for_several_functions(check: Check) -> None:
    changes = {**SEVERAL, "checks": {"imports": ["json", "nowhere"], "commands": ['test "$HOME" = it\'s']}}
    said, why = check({}, "search", **changes)
    assert said == 'passed\npassed, 1 import\nfailed, import of nowhere, test "$HOME" = it\'s\n'
    assert "No module named 'nowhere'" in why
