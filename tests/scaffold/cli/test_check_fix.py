"""`scaffold check --fix`: what is one line of the spec is written, at once, and nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scaffold.cli.main import main
from scaffold.findings.finding import Edit, Finding
from scaffold.gates.fixes import fix
from scaffold.project import files
from scaffold.rendering.engine import Engine

HEAD = "version: 1  # one\nname: my-function\nruntime: python3.13\n"
TAIL = "handler: app.handler\n"


def fixed(folder: Path, middle: str, *words: str) -> tuple[int, str]:
    spec = folder / "lambda-image.yaml"
    spec.write_bytes((HEAD + middle + TAIL).encode())
    code = main(["check", str(folder), "--fix", *words])
    return code, spec.read_bytes().decode().removeprefix(HEAD).removesuffix(TAIL)


ARM = "architecture: arm64\n"
FIXED = [
    ("architecture: amd64  # ours\n", "architecture: x86_64  # ours\n"),
    (f"{ARM}description: 3.10\r\n", f'{ARM}description: "3.10"\r\n'),
    (f"{ARM}description: 22:22\n", f'{ARM}description: "22:22"\n'),
    (f"{ARM}description: NO\nlabels: {{a.b: 0x1F}}\n", f'{ARM}description: "NO"\nlabels: {{a.b: "0x1F"}}\n'),
    (f"{ARM}build:\n  base: golang1.26\n  args: {{AB: x}}\n", f"{ARM}build:\n  args: {{AB: x}}\n"),
]


@pytest.mark.parametrize(("middle", "after"), FIXED)
def test_fixes_of_one_line(middle: str, after: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fixed(tmp_path, middle) == (1, after)  # what is left: it was never rendered
    shown = capsys.readouterr()
    assert f"fixed {tmp_path}/lambda-image.yaml: " in shown.err
    assert "not-rendered" in shown.out
    assert main(["check", str(tmp_path), "--fix"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "middle",
    [
        f"{ARM}build: {{base: golang1.26}}\n",  # the only key: removing it would leave an invalid mapping
        "architecture: [arm64]\n",
        "architecture: mips\n",
        f"{ARM}build:\n  base: golang1.26  # because\n  args: {{AB: x}}\n",
        f"{ARM}description: &x NO\nlabels: {{a.b: *x}}\n",
    ],
)
def test_other_findings_stay_and_nothing_is_written(
    middle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fixed(tmp_path, middle) == (2, middle)
    assert capsys.readouterr().err == ""


def test_a_fix_that_makes_the_spec_invalid_is_not_written(tmp_path: Path) -> None:
    fixed(tmp_path, ARM)
    before = (tmp_path / "lambda-image.yaml").read_text()
    edits = (Edit(("architecture",), "mips"), Edit(("runtime",), None))
    found = Finding(code="stale-base", message="it is stale", edits=edits)
    assert fix(tmp_path, lambda _: [found], Engine()) == []
    assert (tmp_path / "lambda-image.yaml").read_text() == before


def test_the_spec_is_old_or_new_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    middle = "architecture: amd64\ndescription: NO\n"

    def full(file: int, content: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    code, after = fixed(tmp_path, middle)
    assert (code, after) == (3, middle)
    assert [path.name for path in tmp_path.iterdir()] == ["lambda-image.yaml"]


def test_a_spec_edited_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = files.temporary_file

    def edited(folder: int, name: str, content: bytes, *, executable: bool) -> object:
        (tmp_path / "lambda-image.yaml").write_text("name: other\n")
        return real(folder, name, content, executable=executable)

    monkeypatch.setattr("scaffold.project.files.temporary_file", edited)
    fixed(tmp_path, "architecture: amd64\n")
    assert (tmp_path / "lambda-image.yaml").read_text() == "name: other\n"
    assert "refused" in capsys.readouterr().out


def test_the_report_has_the_fix_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lambda-image.yaml").write_text(f"{HEAD}architecture: amd64\n{TAIL}")
    assert main(["check", str(tmp_path), "--format", "json"]) == 2
    [row] = json.loads(capsys.readouterr().out)["findings"]
    assert row["edits"] == [{"path": ["architecture"], "value": "x86_64"}]


def test_a_kept_verdict_has_the_fix_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/requirements.txt").write_text("matplotlib==3.9.0\n")
    spec = tmp_path / "a/lambda-image.yaml"
    spec.write_text(f"{HEAD}architecture: arm64\ndependencies: {{}}\n{TAIL}")
    cache = ["--cache", str(tmp_path / "cache")]
    assert [main(["check", str(spec.parent), *cache]) for _ in range(2)] == [1, 1]
    assert main(["check", str(spec.parent), *cache, "--fix"]) == 1
    assert 'MPLCONFIGDIR: "/tmp/matplotlib"\n' in spec.read_text()
    assert "unwritable-cache" not in capsys.readouterr().out.rpartition("unwritable-cache")[2]


def test_dockerfiles_are_not_fixed(tmp_path: Path) -> None:
    assert main(["check", "--fix", "--dockerfile", str(tmp_path)]) == 2
