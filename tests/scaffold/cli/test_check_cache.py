"""`scaffold check --cache`: the verdict is always the one without a cache, and nobody else's entry is ever believed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.editing import edit
from support.template import CASES, commit, other_standards

from scaffold.cli import main
from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding
from scaffold.fleet import verdicts
from scaffold.gates.project import Check
from scaffold.rendering.engine import Engine

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The projects that are judged, rather than found in the cache."""
    roots: list[Path] = []
    judge = Check._verdict

    def note(self: Check, root: Path) -> verdicts.Verdict:
        roots.append(root)
        return judge(self, root)

    monkeypatch.setattr(Check, "_verdict", note)
    return roots


def check(capsys: Capture, *words: str | Path) -> tuple[int, str]:
    capsys.readouterr()
    code = main.main(["check", "--format", "json", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_an_unchanged_project_is_judged_once(made: Path, cache: Path, judged: list[Path], capsys: Capture) -> None:
    first = check(capsys, "--cache", cache, made)
    assert first[0] == 0
    assert check(capsys, "--cache", cache, made) == first
    assert judged == [made]
    assert cache.stat().st_mode & 0o777 == 0o700
    [entry] = cache.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600


def test_findings_are_kept_with_their_places(made: Path, cache: Path, judged: list[Path], capsys: Capture) -> None:
    edit(made / "Dockerfile", "WORKDIR /build", "WORKDIR /built")
    (made / "Makefile").unlink()
    for report in ("json", "text", "sarif"):
        plain = check(capsys, "--format", report, made)
        for _ in range(2):
            assert check(capsys, "--format", report, "--cache", cache, made) == plain
    assert len(judged) == 3 + 1


def _link(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    (path.parent / "elsewhere").write_bytes(content)
    path.symlink_to("elsewhere")


def _folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _linked_folder(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def _special(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


EDITS: dict[str, Callable[[Path], object]] = {
    "spec": lambda made: edit(made / "lambda-image.yaml", "handler:", "system_packages: [jq]\nhandler:"),
    "spec, only a comment": lambda made: edit(made / "lambda-image.yaml", "handler:", "# a\nhandler:"),
    "spec, invalid": lambda made: edit(made / "lambda-image.yaml", "handler:", "handle:"),
    "spec, gone": lambda made: (made / "lambda-image.yaml").unlink(),
    "spec, another file's link": lambda made: _link(made / "lambda-image.yaml"),
    "answers, gone": lambda made: (made / ".copier-answers.yml").unlink(),
    "answers, empty": lambda made: (made / ".copier-answers.yml").write_text(""),
    "answers, damaged": lambda made: (made / ".copier-answers.yml").write_text("a: ["),
    "answers, a folder": lambda made: _folder_in_place(made / ".copier-answers.yml"),
    "answers, another version": lambda made: edit(made / ".copier-answers.yml", "version: 0.1.0", "version: 0.0.9"),
    "answers, left over": lambda made: edit(made / ".copier-answers.yml", "spec:", "left_over: [src/app.py]\nspec:"),
    "one byte": lambda made: edit(made / "Dockerfile", "WORKDIR /build", "WORKDIR /built"),
    "mode": lambda made: (made / "scripts/run").chmod(0o644),
    "mode of a plain file": lambda made: (made / "Makefile").chmod(0o755),
    "missing": lambda made: (made / "Makefile").unlink(),
    "a link": lambda made: _link(made / "Makefile"),
    "a folder": lambda made: _folder_in_place(made / "Makefile"),
    "a pipe": lambda made: _special(made / "Makefile"),
    "a linked folder": lambda made: _linked_folder(made / "scripts"),
    "a file for a folder": lambda made: (shutil.rmtree(made / "scripts"), (made / "scripts").write_text("")),
    "a folder gone": lambda made: shutil.rmtree(made / "scripts"),
    "what a killed render left": lambda made: (made / f"scripts/.run.{'0' * 16}.scaffold-part").write_text(""),
    "not readable": lambda made: (made / "Makefile").chmod(0),
    "a starter": lambda made: edit(made / "src/app.py", "def ", "def  "),
    "the handler, gone": lambda made: (made / "src/app.py").unlink(),
    "the handler, renamed": lambda made: (made / "src/app.py").rename(made / "src/apps.py"),
    "the handler, another name": lambda made: edit(made / "src/app.py", "def handler", "def handle"),
    "the handler, a link": lambda made: _link(made / "src/app.py"),
    "the code, a link": lambda made: _linked_folder(made / "src"),
    "a link out of the code": lambda made: (made / "src/data").symlink_to("../events"),
    "a path that the spec names": lambda made: (made / "requirements.txt").unlink(),
    "a path that git ignores": lambda made: (
        (made / "requirements.txt").unlink(),
        (made / ".gitignore").write_text("requirements.txt\n"),
    ),
    "another file": lambda made: (made / "notes.txt").write_text("mine"),
    "everything": lambda made: shutil.rmtree(made / ".git"),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("name", EDITS)
def test_any_edit_gets_the_verdict_that_it_gets_without(name: str, made: Path, cache: Path, capsys: Capture) -> None:
    """There and back: neither the edited project nor the restored one gets the other's verdict."""
    original = made.with_name("original")
    shutil.copytree(made, original, symlinks=True)
    before = check(capsys, "--cache", cache, made)
    assert before == check(capsys, made)
    EDITS[name](made)
    for _ in range(2):
        assert check(capsys, "--cache", cache, made) == check(capsys, made)
    shutil.rmtree(made)
    original.rename(made)
    assert check(capsys, "--cache", cache, made) == before


def test_projects_of_another_version_follow_their_dockerfile(
    made: Path, cache: Path, judged: list[Path], capsys: Capture
) -> None:
    edit(made / ".copier-answers.yml", "version: 0.1.0", "version: 0.0.9")
    outdated = check(capsys, "--cache", cache, made)
    assert outdated[0] == 1
    assert check(capsys, "--cache", cache, made) == outdated
    assert judged == [made]
    lines = (made / "Dockerfile").read_text().split("\n")
    first = next(index for index, line in enumerate(lines) if line.startswith("FROM "))
    lines[first] = "FROM docker.io/library/python:3.13 AS base"
    (made / "Dockerfile").write_text("\n".join(lines))
    for _ in range(2):
        assert check(capsys, "--cache", cache, made) == check(capsys, made) != outdated


def test_left_over_files_follow_what_was_recorded(made: Path, cache: Path, capsys: Capture) -> None:
    """Files that only the recorded spec has are looked at, too: absent, back again, and their empty folder."""
    shutil.copy(CASES / "full/lambda-image.yaml", made / "lambda-image.yaml")
    shutil.copytree(CASES / "full/project", made, dirs_exist_ok=True)
    assert main.main(["render", "--force", "--starters", str(made)]) == 0
    full = {path for path in made.rglob("*") if path.is_file() and ".git" not in path.parts}
    shutil.copy(CASES / "minimal/lambda-image.yaml", made / "lambda-image.yaml")
    check(capsys, "--cache", cache, made)
    for path in sorted(full):
        content = path.read_bytes()
        path.unlink()
        assert check(capsys, "--cache", cache, made) == check(capsys, made), path
        path.write_bytes(content)
        assert check(capsys, "--cache", cache, made) == check(capsys, made), path


def test_what_git_ignores_is_asked_each_time(made: Path, cache: Path, capsys: Capture) -> None:
    (made / "requirements.txt").unlink()
    assert check(capsys, "--cache", cache, made)[0] == 1
    (made / ".git/info").mkdir(exist_ok=True)
    (made / ".git/info/exclude").write_text("requirements.txt\n")
    commit(made, "gone")
    assert check(capsys, "--cache", cache, made)[0] == 0
    (made / ".git/info/exclude").write_text("")
    assert check(capsys, "--cache", cache, made)[0] == 1


def test_other_standards_days_and_waivers(
    made: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    strict = other_standards(
        tmp_path / "strict.yaml", "  inline_base: allowed", "  inline_base: allowed\n  labels: {required: [team]}"
    )
    waived = tmp_path / "waived.yaml"
    today = datetime.now(UTC).date()
    waived.write_text(
        f"{strict.read_text()}\nwaivers:\n  - {{rule: missing-label, reason: r, approved_by: a, issued: '{today}', "
        f"expires: '{today}', scope: {{repository: r, file: lambda-image.yaml}}}}\n"
    )
    runs: list[list[str | Path]] = [
        [],
        ["--standards", strict],
        ["--standards", waived],
        ["--standards", waived, "--repository", "r"],
        ["--standards", waived, "--repository", "other"],
        ["--repository", "r"],
    ]
    results = set()
    for _ in range(2):
        for words in runs:
            plain = check(capsys, *words, made)
            assert check(capsys, "--cache", cache, *words, made) == plain
            results.add(plain)
    assert len(results) >= 4

    class Later(datetime):
        @classmethod
        def now(cls, *_: object) -> datetime:
            return datetime(2031, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("scaffold.cli.commands.check.datetime", Later)
    later = check(capsys, made)
    assert "deprecated-runtime" in later[1]
    assert check(capsys, "--cache", cache, made) == later


def test_another_template_or_program_has_other_entries(
    made: Path, cache: Path, judged: list[Path], template: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def judge() -> int:
        check_ = Check(today=date(2026, 1, 1), cache=cache)
        for_root = verdicts.Verdicts.of
        assert check_._verdicts is not None
        for_root(check_._verdicts, made, check_._verdict)
        return len(judged)

    assert [judge(), judge()] == [1, 1]
    edited = tmp_path / "edited"
    shutil.copytree(template, edited)
    with (edited / "template/files/Makefile.jinja").open("a") as file:
        file.write("# more\n")
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: edited)
    assert [judge(), judge()] == [2, 2]
    monkeypatch.setattr("sys.version", "4.0")
    assert judge() == 3


def test_nothing_undecided_is_kept(made: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    (made / ".copier-answers.yml").write_text("a: [")
    assert check(capsys, "--cache", cache, made)[0] == 3
    assert list(cache.iterdir()) == []
    undecided = [Finding(code="undecided", message="m")]
    monkeypatch.setattr(Check, "_verdict", lambda *_: (ExitCode.FINDINGS, undecided))
    assert check(capsys, "--cache", cache, made)[0] == 3
    monkeypatch.setattr(Check, "_verdict", lambda *_: 1 / 0)
    assert check(capsys, "--cache", cache, made)[0] == 3
    assert list(cache.iterdir()) == []


def test_what_changes_while_it_is_judged_is_not_kept(
    made: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    judge = Check._verdict

    def edit_meanwhile(self: Check, root: Path) -> verdicts.Verdict:
        verdict = judge(self, root)
        edit(root / "lambda-image.yaml", "handler:", "# a\nhandler:")
        return verdict

    monkeypatch.setattr(Check, "_verdict", edit_meanwhile)
    check(capsys, "--cache", cache, made)
    assert list(cache.iterdir()) == []


def forged(made: Path, cache: Path, capsys: Capture) -> tuple[Path, dict[str, object]]:
    """The entry of a project with findings, and the text of one that would hide them."""
    (made / "Makefile").unlink()
    assert check(capsys, "--cache", cache, made)[0] == 1
    [entry] = cache.iterdir()
    value = json.loads(entry.read_bytes().partition(b"\n")[2])
    return entry, value | {"findings": []}


def written(value: object) -> bytes:
    text = json.dumps(value).encode()
    return hashlib.sha256(text).hexdigest().encode() + b"\n" + text


def test_the_forgery_of_these_tests_would_work(made: Path, cache: Path, capsys: Capture) -> None:
    entry, value = forged(made, cache, capsys)
    entry.write_bytes(written(value))
    assert check(capsys, "--cache", cache, made)[0] == 0


@pytest.mark.parametrize("how", ["group", "others", "link", "hard", "pipe", "folder", "owner"])
def test_an_entry_that_is_not_the_users_alone_is_ignored(
    how: str, made: Path, cache: Path, tmp_path: Path, capsys: Capture
) -> None:
    entry, value = forged(made, cache, capsys)
    entry.unlink()
    match how:
        case "group" | "others":
            entry.write_bytes(written(value))
            entry.chmod(0o620 if how == "group" else 0o602)
        case "link":
            (tmp_path / "forged").write_bytes(written(value))
            entry.symlink_to(tmp_path / "forged")
        case "hard":
            (tmp_path / "forged").write_bytes(written(value))
            (tmp_path / "forged").chmod(0o666)
            os.link(tmp_path / "forged", entry)
        case "pipe":
            os.mkfifo(entry)
        case "folder":
            entry.mkdir()
        case "owner":
            if os.geteuid():
                pytest.skip("only root can give a file away")
            entry.write_bytes(written(value))
            os.chown(entry, 12345, 12345)
    assert check(capsys, "--cache", cache, made)[0] == 1


def test_damaged_entries_are_ignored_and_replaced(made: Path, cache: Path, judged: list[Path], capsys: Capture) -> None:
    entry, value = forged(made, cache, capsys)
    good = entry.read_bytes()
    whole = json.loads(good.partition(b"\n")[2])
    damaged = [
        b"",
        b"\n",
        good[:-1],
        good.replace(b"missing", b"drifted"),
        written(value).partition(b"\n")[2],
        *(written(text) for text in (None, [], {}, 1, {"made_for": whole["made_for"]})),
        written(whole | {"looks": [["state"]]}),
        written(whole | {"looks": [["state", "\0"]]}),
        written(whole | {"looks": 1}),
        written(whole | {"code": 17}),
        written(whole | {"findings": [{"code": "no-such-code"}]}),
        hashlib.sha256(b"[" * 100_000).hexdigest().encode() + b"\n" + b"[" * 100_000,
        b" " * (4 * 1024 * 1024 + 1),
    ]
    for text in damaged:
        entry.write_bytes(text)
        judged.clear()
        assert check(capsys, "--cache", cache, made)[0] == 1
        assert judged == [made]
        assert entry.read_bytes() == good


def test_a_cache_within_reach_of_what_is_judged_is_refused(made: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "link").symlink_to(made / "scripts")
    for cache, path in (
        (made / ".cache", made),
        (made, made),
        (made / "scripts", made / "lambda-image.yaml"),
        (tmp_path / "link", made),
        (made / ".cache", tmp_path),
        (tmp_path / "made/../made/c", made),
    ):
        code, said = check(capsys, "--cache", cache, path)
        assert (code, "could bring its own verdict" in said) == (2, True), said
        assert not (made / ".cache").exists()


def test_a_cache_elsewhere_in_the_judged_repository_is_refused(made: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "repository").mkdir()
    made = made.rename(tmp_path / "repository/made")
    shutil.rmtree(made / ".git")
    commit(tmp_path / "repository", "all")
    assert check(capsys, "--cache", tmp_path / "repository/cache", made)[0] == 2
    assert check(capsys, "--cache", tmp_path / "cache", made)[0] == 0


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_cache_that_others_may_write_to_is_refused(mode: int, made: Path, cache: Path, capsys: Capture) -> None:
    cache.mkdir()
    cache.chmod(mode)
    code, said = check(capsys, "--cache", cache, made)
    assert (code, f"chmod go-w {cache}" in said) == (2, True)


def test_a_cache_that_is_not_a_directory_of_the_users_is_refused(
    made: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    cache.write_text("")
    assert check(capsys, "--cache", cache, made)[0] == 2
    cache.unlink()
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    assert check(capsys, "--cache", cache, made)[0] == 2


def test_hand_written_dockerfiles_have_no_cache(made: Path, cache: Path, capsys: Capture) -> None:
    code, said = check(capsys, "--cache", cache, "--dockerfile", made / "Dockerfile")
    assert (code, "leave it out with --dockerfile" in said) == (2, True)


def test_several_processes_share_a_cache(tmp_path: Path, cache: Path, capsys: Capture) -> None:
    fleet = tmp_path / "fleet"
    for number in range(40):
        (fleet / f"f{number}").mkdir(parents=True)
        shutil.copy(CASES / "minimal/lambda-image.yaml", fleet / f"f{number}")
    plain = check(capsys, fleet)
    for jobs in ("2", "2", "1"):
        assert check(capsys, "--jobs", jobs, "--cache", cache, fleet) == plain
    assert len(list(cache.iterdir())) == 40


def test_a_cache_that_cannot_be_written_is_read(made: Path, cache: Path, judged: list[Path], capsys: Capture) -> None:
    check(capsys, "--cache", cache, made)
    cache.chmod(0o500)
    assert check(capsys, "--cache", cache, made)[0] == 0
    (made / "Makefile").unlink()
    assert check(capsys, "--cache", cache, made)[0] == 1
    cache.chmod(0o700)


def test_the_digest_of_the_program_is_of_its_own_place(template: Path, tmp_path: Path) -> None:
    """Another installation of the same program finds the same entries."""
    shutil.copytree(template, tmp_path / "other")
    assert verdicts.digest_of_program(template) == verdicts.digest_of_program(tmp_path / "other")
    assert Engine(template).identity == Engine(tmp_path / "other").identity
