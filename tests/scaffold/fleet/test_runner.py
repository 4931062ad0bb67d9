"""Many projects: a failure in one is reported and counted, and hides no other, in one process or several."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.template import CASES, PINNED

from scaffold.cli.main import main
from scaffold.errors import ExitCode
from scaffold.fleet.outcome import Outcome
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Check
from scaffold.progress import progress
from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine
from scaffold.reports.formats import FORMATS

TODAY = date(2026, 11, 24)
PROJECTS = 200


class Fragile(Check):
    """Judges like `scaffold check`, and breaks over projects of certain names, as a mistake of ours would."""

    def judge(self, root: Path, outcome: Outcome) -> None:
        super().judge(root, outcome)
        if root.name == "p050-raises":
            raise ZeroDivisionError("a mistake")
        if root.name == "p060-recurses":
            self.judge(root, outcome)
        if root.name == "p070-dies":
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("good") / "project"
    where.mkdir()
    spec = (CASES / "minimal" / SPEC).read_text(encoding="utf-8")
    (where / SPEC).write_text(f"{spec}base: {PINNED}\n", encoding="utf-8")
    apply(where, state.read(where, Engine()).changes)
    return where


@pytest.fixture(scope="module")
def fleet(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Projects in order but for some, whose names say what was done to them."""
    where = tmp_path_factory.mktemp("fleet")
    broken = {
        "invalid-spec": (3, lambda root: replace(root / SPEC, "python3.13", "pyton3.13")),
        "no-yaml": (2, lambda root: (root / SPEC).write_text("version: [1\n")),
        "spec-loop": (2, lambda root: relink(root / SPEC)),
        "edited": (4, lambda root: replace(root / "Makefile", "make", "mak")),
        "deleted": (2, lambda root: (root / "Dockerfile").unlink()),
        "damaged": (2, lambda root: (root / ".copier-answers.yml").write_text("a: [")),
        "other-template": (1, lambda root: replace(root / ".copier-answers.yml", "version: 0", "version: 99")),
        "stale": (1, lambda root: replace(root / SPEC, "x86_64", "arm64")),
        "spec-is-folder": (1, lambda root: ((root / SPEC).unlink(), (root / SPEC).mkdir())),
        "spec-is-gone": (2, lambda root: (root / SPEC).unlink()),
    }
    names = {"p050-raises", "p060-recurses"}
    number = 100
    for kind, (count, hurt) in broken.items():
        for _ in range(count):
            number += 1
            shutil.copytree(good, where / f"p{number}-{kind}", symlinks=True)
            hurt(where / f"p{number}-{kind}")
    for name in names:
        shutil.copytree(good, where / name)
    for number in range(PROJECTS - len(list(where.iterdir()))):
        shutil.copytree(good, where / f"q{number:03}")
    return where


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def relink(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


@pytest.fixture(scope="module")
def outcome(fleet: Path) -> Outcome:
    """What one process finds."""
    return for_each_project([fleet], Fragile(today=TODAY).judge)


def test_every_planted_failure_is_told_and_counted(outcome: Outcome) -> None:
    counts = Counter(finding.code for finding in outcome.findings)
    stale = counts.pop("stale")
    assert stale >= 3, "one project, several files"
    assert counts == {
        "unknown-runtime": 3,
        "yaml-syntax": 2,
        "unreadable": 2 + 1 + 2,
        "drift": 4,
        "missing": 2,
        "undecided": 2 + 2,
        "outdated": 1,
    }
    bad = {Path(name).name for name, found in outcome.projects.items() if found}
    assert len(outcome.projects) == PROJECTS, "what was made from a spec that is gone is a project, too"
    assert len(bad) == 3 + 2 + 2 + 4 + 2 + 2 + 1 + 1 + 1 + 2 + 2
    assert outcome.code == ExitCode.UNDECIDED
    assert outcome.report("text").splitlines()[-1].startswith(f"{PROJECTS} projects: 178 clean, 22 with findings (")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_say_what_one_says_byte_for_byte(
    fleet: Path, outcome: Outcome, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scaffold.fleet import workers

    monkeypatch.setattr(workers, "start_method", lambda: method)
    together = for_each_project([fleet], Fragile(today=TODAY).judge, processes=3)
    assert together.code == outcome.code
    assert list(together.projects) == list(outcome.projects)
    for name in FORMATS:
        assert together.report(name) == outcome.report(name), name


def test_a_process_that_dies_costs_one_project(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scaffold.fleet import workers

    monkeypatch.setattr(workers, "start_method", lambda: "fork")
    for name in [f"p{number:03}" for number in range(40)] + ["p070-dies"]:
        shutil.copytree(good, tmp_path / name)
    outcome = for_each_project([tmp_path], Fragile(today=TODAY).judge, processes=2)
    [finding] = outcome.findings
    assert (finding.code, Path(finding.file).name) == ("undecided", "p070-dies")
    assert (outcome.code, len(outcome.projects)) == (ExitCode.UNDECIDED, 41)


def test_a_mistake_of_ours_is_one_line_that_says_where(fleet: Path) -> None:
    [finding] = for_each_project([fleet / "p050-raises"], Fragile(today=TODAY).judge).findings
    assert finding.message.startswith("ZeroDivisionError: a mistake (test_runner.py:")
    assert "report it" in finding.fix


def test_a_folder_that_cannot_be_searched_hides_no_project(good: Path, tmp_path: Path) -> None:
    """Root may search every folder, so the one here has a path that is too long for the system."""
    shutil.copytree(good, tmp_path / "a")
    deep = tmp_path / "b"
    deep.mkdir()
    here = os.open(deep, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 240, dir_fd=here)
        below = os.open("x" * 240, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    outcome = for_each_project([tmp_path], Check(today=TODAY).judge)
    assert list(outcome.projects) == [str(tmp_path / "a")]
    assert [finding.code for finding in outcome.findings] == ["undecided"]
    assert outcome.code == ExitCode.UNDECIDED
    shutil.rmtree(tmp_path / "b")


def test_the_command_uses_processes_and_says_one_line(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean = [str(path) for path in sorted(fleet.glob("q*"))[:40]]
    for words in ([], ["--jobs", "1"], ["-j2"]):
        assert main(["check", *words, *clean]) == 0
        assert capsys.readouterr().out == "40 projects: 40 clean\n"
    assert main(["validate", *clean]) == 0
    assert capsys.readouterr().out == "40 projects: 40 clean\n"
    for number in ("0", "-1", "1e3", "¹"):
        assert main(["check", "--jobs", number, clean[0]]) == 2


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(fleet: Path) -> None:
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # the background of a shell ignores it\n"
        "from scaffold.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, "check", "--jobs", "2", str(fleet)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + 60
        while len(children.read_text().split()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out, error) == (130, "", "scaffold: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress("abc", 3, "images")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(progress("abc", 3, "images")) == ["a", "b", "c"]
    assert capsys.readouterr().err == "\r2 of 3 images\r3 of 3 images\r\x1b[K"


def test_an_interrupt_clears_the_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def items() -> Iterator[str]:
        yield from "ab"
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(KeyboardInterrupt):
        list(progress(items(), 3, "images"))
    assert capsys.readouterr().err == "\r2 of 3 images\r\x1b[K"
