"""`scaffold completion`, as bash, zsh and fish use it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from scaffold.cli.main import main
from scaffold.cli.table import TABLE
from scaffold.reports.formats import FORMATS


@pytest.fixture
def complete(capsys: pytest.CaptureFixture[str]) -> object:
    """Return a function that gives what bash offers for the last of these words."""
    assert main(["completion", "bash"]) == 0
    code = capsys.readouterr().out

    def ask(*words: str) -> set[str]:
        given = " ".join(f"'{word}'" for word in ("scaffold", *words))
        script = (
            f"{code}\nCOMP_WORDS=({given}) COMP_CWORD={len(words)}\n_scaffold\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
        )
        done = subprocess.run(["bash", "-u", "-c", script], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return set(done.stdout.split())

    return ask


def test_commands_options_and_values_are_offered(complete: object) -> None:
    assert callable(complete)
    assert complete("") == {name for name in TABLE if " " not in name}
    assert complete("st") == {"standards"}
    assert complete("standards", "") == {"show", "pin", "policy"}
    assert complete("standards", "pin", "--st") == {"--standards"}
    assert complete("check", "--format", "") == set(FORMATS)
    assert complete("check", "--format", "sarif", "--dock") == {"--dockerfile"}
    assert complete("render", "--format", "j") == {"json"}
    assert complete("completion", "b") == {"bash"}


def test_anything_else_is_a_file(complete: object) -> None:
    assert callable(complete)
    for words in (("check", ""), ("check", "src"), ("new", "--data-file", ""), ("standards", "pin", "--projects", "a")):
        assert complete(*words) == set()


def test_zsh_reads_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    code = capsys.readouterr().out
    assert main(["completion", "zsh"]) == 0
    said = capsys.readouterr().out
    assert said == f"autoload -U +X bashcompinit && bashcompinit\n{code}"
    if shutil.which("zsh"):
        subprocess.run(["zsh", "-n"], input=said, text=True, check=True)


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
def test_fish_offers_commands_options_values_and_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["completion", "fish"]) == 0
    code = tmp_path / "scaffold.fish"
    code.write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "src").mkdir()

    def offered(line: str) -> set[str]:
        words = ["fish", "--no-config", "-c", f"source scaffold.fish; complete -C '{line}'"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
        assert done.stderr == ""
        return {row.partition("\t")[0] for row in done.stdout.splitlines()}

    assert offered("scaffold ") == {name for name in TABLE if " " not in name}
    assert offered("scaffold standards ") == {"show", "pin", "policy"}
    assert offered("scaffold check --format ") == set(FORMATS)
    assert offered("scaffold standards pin --st") == {"--standards"}
    assert offered("scaffold check sr") == {"src/"}


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "invalid choice: 'csh'" in capsys.readouterr().err
