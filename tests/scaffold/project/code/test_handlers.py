"""Handlers that are not in the code: found with the nearest name, and never hidden by a starter."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.project import state
from scaffold.rendering.engine import Engine

Make = Callable[..., Path]
Found = Callable[..., list[str]]
OUTSIDE, MOVE = "is outside the code, which is src: set code:", ", or move it to src/."
WHOLE = " (or {from: .} for the whole directory)"
HANDLER = "def handler(event, context):\n    return 1\n"


def test_a_new_project_gets_its_starter(make: Make, found: Found) -> None:
    root = make("handler: app.handler\n")
    assert found(root) == []
    assert (root / "src/app.py").is_file()


def test_a_server_has_no_handler(make: Make, found: Found) -> None:
    root = make("server: {framework: fastapi}\n", {"src/main.py": HANDLER})
    assert found(root) == []
    assert (root / "src/app.py").is_file()


def test_a_misspelt_module_gets_no_starter(make: Make, found: Found) -> None:
    root = make("handler: ap.handler\n", {"src/app.py": HANDLER})
    [missing] = found(root)
    assert missing == (
        'missing-handler handler: ap.handler is not in the code: there is no src/ap.py Did you mean "app.handler", in '
        "src/app.py? To start with a new file, run `scaffold render --starters`, which creates src/ap.py."
    )
    assert not (root / "src/ap.py").exists()
    assert (root / "tests/test_handler.py").is_file()
    assert (root / "events/event.json").is_file()
    assert found(root, starters=True) == []
    assert (root / "src/ap.py").is_file()


def test_starters_are_no_others_than_handlers(make: Make, found: Found) -> None:
    root = make("handler: app.handler\n")
    found(root)
    (root / "README.md").unlink()
    (root / "src/app.py").unlink()
    [missing] = found(root)
    assert "there is no src/app.py" in missing
    assert found(root, starters=True) == []
    assert (root / "src/app.py").is_file()
    assert not (root / "README.md").exists()


def test_a_renamed_handler_is_the_file_that_has_the_function(make: Make, found: Found) -> None:
    root = make("handler: main.handler\n", {"src/something.py": HANDLER, "src/aaa.py": "x = 1\n"})
    [missing] = found(root)
    assert 'Did you mean "something.handler", in src/something.py?' in missing
    assert not (root / "src/main.py").exists()


def test_code_that_resembles_nothing_leaves_the_starter(make: Make, found: Found) -> None:
    root = make("handler: main.handler\n", {"src/tables.py": "TABLE = 1\n"})
    assert found(root) == []
    assert (root / "src/main.py").is_file()


@pytest.mark.parametrize(
    ("handler", "files", "advice"),
    [
        ("src.app.handler", {"src/app.py": HANDLER}, 'Did you mean "app.handler", in src/app.py?'),
        ("app.handler", {"src/search/app.py": HANDLER}, 'Did you mean "search.app.handler", in src/search/app.py?'),
        (
            "lambda_function.lambda_handler",
            {"lambda_function.py": "def lambda_handler(event, context): ...\n"},
            f"lambda_function.py {OUTSIDE} [{{from: lambda_function.py}}]{WHOLE}{MOVE}",
        ),
        (
            "app.handler",
            {"lib/app.py": HANDLER},
            f"lib/app.py {OUTSIDE} [{{from: lib}}]{MOVE}",
        ),
        (
            "search.app.handler",
            {"search/app.py": HANDLER},
            f"search/app.py {OUTSIDE} [{{from: search, to: search}}]{MOVE}",
        ),
    ],
)
def test_what_is_surely_meant_is_the_whole_advice(
    handler: str, files: dict[str, str], advice: str, make: Make, found: Found
) -> None:
    [missing] = found(make(f"handler: {handler}\n", files))
    assert missing.endswith(f".py {advice}")


@pytest.mark.parametrize(
    ("spec", "files"),
    [
        (
            "code: [{from: .}]\nhandler: lambda_function.lambda_handler\n",
            {"lambda_function.py": "lambda_handler = print\n"},
        ),
        ("code: [{from: app.py}]\nhandler: app.handler\n", {"app.py": HANDLER}),
        ("code: [{from: '*.py'}]\nhandler: app.handler\n", {"app.py": HANDLER}),
        ("code: [{from: lib, to: shared}]\nhandler: shared.app.handler\n", {"lib/app.py": HANDLER}),
        ("code: [{from: v1.0}]\nhandler: app.handler\n", {"v1.0/app.py": HANDLER}),
        ("handler: app.handler\n", {"src/app/__init__.py": HANDLER}),
        ("handler: app.handler\n", {"src/app.cpython-313-x86_64-linux-gnu.so": ""}),
        ("handler: app.handler\n", {"src/app.py": "->_app.py", "src/_app.py": HANDLER}),
        ("handler: pkg.app.handler\n", {"src/pkg": "->_pkg", "src/_pkg/app.py": HANDLER}),
        ("handler: my-module.handler\n", {"src/my-module.py": HANDLER}),
        ("handler: lambda.handler\n", {"src/lambda.py": HANDLER}),
        ("handler: jobs/nightly.handler\n", {"src/jobs/nightly.py": HANDLER}),
        ("code: []\nhandler: anything.handler\ndependencies: {packages: [anything==1.0]}\n", {}),
        (
            "handler: datadog_lambda.handler.handler\nchecks: {imports: [datadog_lambda.handler]}\n",
            {"src/app.py": HANDLER},
        ),
        (
            "handler: acme.app.handler\ndependencies: {projects: [acme]}\n",
            {"src/app.py": HANDLER, "acme/src/acme/app.py": HANDLER, "acme/pyproject.toml": ""},
        ),
        ("handler: acme.handler\ndependencies: {projects: [acme]}\n", {"src/x.py": "", "acme/generate": ""}),
    ],
)
def test_code_that_is_found(spec: str, files: dict[str, str], make: Make, found: Found) -> None:
    root = make(spec, files)
    there = {path.relative_to(root).as_posix() for path in root.rglob("*.py")}
    assert found(root) == []
    assert {path for path in there if "test" not in path} == there, "no starter"


def test_code_of_the_context(make: Make, found: Found, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/app.py").write_text(HANDLER)
    spec = "context: {root: .., project: project}\ncode: [{from: /shared, to: shared}]\nhandler: shared.app.NAME\n"
    assert found(make(spec.replace("NAME", "handler"))) == []
    [missing] = found(make(spec.replace("NAME", "main")))
    assert missing == (
        'missing-handler handler: ../shared/app.py does not define main Did you mean "shared.app.handler"?'
    )


def test_a_wheel_that_has_the_module(make: Make, found: Found) -> None:
    spec = "handler: acme.app.handler\ndependencies: {wheels: [acme-1.0-py3-none-any.whl]}\n"
    root = make(spec, {"src/app.py": HANDLER})
    with zipfile.ZipFile(root / "acme-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("acme/app.py", HANDLER)
    assert found(root) == []


def test_several_functions(make: Make, found: Found) -> None:
    functions = "functions:\n  - {name: search, handler: jobs.search}\n  - {name: refresh, handler: jobs.refresh}\n"
    root = make(functions)
    assert found(root) == []
    assert {"search", "refresh"} <= {
        line.split("(")[0].removeprefix("def ") for line in (root / "src/jobs.py").read_text().splitlines()
    }
    assert (root / "tests/test_refresh.py").is_file()
    make(f"{functions}  - {{name: clean, handler: jobs.clean, event: sqs}}\n")
    [missing] = found(root)
    assert (
        missing == 'missing-handler functions[2].handler: src/jobs.py does not define clean Did you mean "jobs.search"?'
    )
    assert (root / "tests/test_clean.py").is_file()
    assert (root / "events/clean.json").is_file()


@pytest.mark.parametrize("module", ["jobs", "my-module", "lambda"])
def test_the_starter_of_several_functions_passes_its_tests(module: str, make: Make, found: Found) -> None:
    events = ("sqs", "s3", "sqs", "api-gateway-http")
    rows = "".join(f"  - {{name: f{at}, handler: {module}.f{at}, event: {event}}}\n" for at, event in enumerate(events))
    root = make(f"functions:\n{rows}")
    assert found(root) == []
    words = [sys.executable, "-m", "unittest", "discover", "--start-directory", str(root / "tests")]
    done = subprocess.run(words, cwd=root / "src", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ran 12 tests" in done.stderr


def test_a_function_that_is_gained_is_not_the_file_of_another(make: Make, found: Found) -> None:
    functions = "functions:\n  - {name: one, handler: search1.handler}\n"
    root = make(functions)
    assert found(root) == []
    make(f"{functions}  - {{name: two, handler: search2.handler}}\n")
    assert found(root) == []
    assert (root / "src/search2.py").is_file()


def test_an_ignored_file_comes_later(make: Make, found: Found) -> None:
    from support.template import git

    root = make("handler: generated.app.handler\n", {"src/app.py": HANDLER})
    assert len(found(root)) == 1
    (root / ".gitignore").write_text("generated/\n")
    git(root, "init", "--quiet")
    assert found(root) == []


def test_a_base_image_has_no_handler(make: Make, found: Found) -> None:
    assert found(make("kind: base\n")) == []


def test_a_check_in_order_reads_no_more_than_it_needs(make: Make, found: Found, engine: Engine) -> None:
    root = make("handler: app.handler\n", {"src/app.py": HANDLER})
    found(root)
    known = {name: sys.modules.pop(name) for name in list(sys.modules) if name in LAZY}
    try:
        state.read(root, engine)
        assert not LAZY & sys.modules.keys()
    finally:
        sys.modules.update(known)


LAZY = {
    "difflib",
    "scaffold.project.code.definition",
    "scaffold.project.code.links",
    "scaffold.project.code.patterns",
    "scaffold.project.code.definitions.python",
    "scaffold.project.code.missing",
    "scaffold.project.git",
    "zipfile",
}
