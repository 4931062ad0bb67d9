"""The table of commands: help, examples, usage, and what a command imports."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.cli import commands, main
from scaffold.cli.parser import parse
from scaffold.cli.table import TABLE, Command, Group, load
from scaffold.locations import template_root


@pytest.mark.parametrize(
    "words",
    [[], ["frobnicate"], ["check", "--format", "yaml"], ["check", "/nonexistent"], ["new"], ["plan", "/tmp/.."]],
)
def test_bad_usage_is_one_clear_message(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if words == ["plan", "/tmp/.."]:
        words = ["plan", str(tmp_path)]
    assert main.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("scaffold: ")
    assert "Traceback" not in said.err


def test_help_and_version_need_nothing_heavy() -> None:
    for word in ("--help", "--version"):
        script = (
            f"import sys; sys.argv = ['scaffold', '{word}']\n"
            "from scaffold.cli.main import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print(sorted({'jinja2', 'copier', 'jsonschema', 'docker'} & sys.modules.keys()))"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("[]\n")


def test_a_check_in_order_imports_nothing_heavy(made: Path, template: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "import scaffold.rendering.engine, scaffold.cli.main\n"
        f"scaffold.rendering.engine.template_root = lambda: pathlib.Path({str(template)!r})\n"
        f"assert scaffold.cli.main.main(['check', {str(made)!r}]) == 0\n"
        "heavy = {'copier', 'jsonschema', 'docker', 'rich', 'subprocess', 'difflib', 'unicodedata'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n"), done.stdout


ROWS = list(TABLE.items())
COMMANDS = [name for name, row in ROWS if isinstance(row, Command)]


def test_every_module_is_in_the_table() -> None:
    found = pkgutil.walk_packages(commands.__path__, f"{commands.__name__}.")
    modules = {module.name.removeprefix(f"{commands.__name__}.") for module in found if not module.ispkg}
    assert modules == {row.module for row in TABLE.values() if isinstance(row, Command)}


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_help_has_a_description_an_example_and_the_exit_codes(
    name: str, row: Command | Group, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main([*name.split(), "--help"]) == 0
    said = capsys.readouterr()
    description, example = (row.description, row.example) if isinstance(row, Group) else described(row)
    assert description in said.out
    assert "\n\n" not in description
    assert description.endswith(".")
    assert max(map(len, description.split("\n"))) <= 80
    assert f"example:\n  {example}\n\nexit status: 0 clean, 1 findings" in said.out
    assert said.err == ""


def described(row: Command) -> tuple[str, str]:
    module = load(row)
    return module.DESCRIPTION, module.EXAMPLE


def example_of(name: str) -> list[str]:
    row = TABLE[name]
    program, *words = shlex.split(row.example if isinstance(row, Group) else load(row).EXAMPLE)
    assert program == "scaffold"
    return words


@pytest.mark.parametrize("name", TABLE)
def test_the_example_is_one_of_this_command(name: str) -> None:
    words = example_of(name)
    assert words[: len(name.split())] == name.split()
    command = next(other for other in COMMANDS if words[: len(other.split())] == other.split())
    row = TABLE[command]
    assert isinstance(row, Command)
    assert parse(words).run is load(row).run


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *[("new", 0), ("validate", 0), ("plan", 0), ("diff", 1), ("render", 0), ("check", 0), ("models lock", 0)],
        *[("standards", 0), ("standards show", 0), ("standards policy", 1)],  # the base of the project is not pinned
    ],
)
def test_the_example_works(name: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the other commands need a registry, an engine or a newer template; their own tests run such lines."""
    assert main.main(["new", "--defaults", str(tmp_path / "my-function")]) == 0
    monkeypatch.chdir(tmp_path)
    assert main.main(example_of(name)) == status


def test_help_lists_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    words = re.sub(r"\s+", " ", capsys.readouterr().out)
    for name, row in ROWS:
        assert (f" {name} {row.summary} " in words) is (" " not in name)


@pytest.mark.parametrize("words", [[], ["image"], ["standards"], ["models"]])
def test_without_a_command_help_goes_to_standard_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert main.main(words) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"scaffold: a command is required\n\n{shown}")


def test_the_version_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    version = json.loads((template_root() / "catalogue/template.json").read_text(encoding="utf-8"))["version"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"scaffold {version}"
    assert [line.partition(": ")[0] for line in lines[1:]] == ["template", "organisation"]


@pytest.mark.parametrize(
    ("words", "imported"),
    [
        (["--help"], []),
        (["--version"], []),
        (["standards", "--help"], []),
        (["frobnicate"], []),
        (["check"], ["check"]),
        (["image", "check", "--help"], ["image", "image.check"]),
    ],
)
def test_only_the_chosen_command_is_imported(words: list[str], imported: list[str], made: Path) -> None:
    script = (
        "import sys\nfrom scaffold.cli.main import main\nmain(sys.argv[1:])\n"
        "names = [name.removeprefix('scaffold.cli.commands.') for name in sys.modules]\n"
        "print(sorted(set(names) - sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=made, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == f"{imported}"


def environment() -> dict[str, str]:
    """This environment, in which the checkout's package is found from every folder."""
    return os.environ | {"PYTHONPATH": str(Path(main.__file__).parents[2])}
