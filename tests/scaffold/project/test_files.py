"""What stands at a path is seen without following anything, and what git holds is the exact bytes."""

import errno
import os
import re
import subprocess
from pathlib import Path

import pytest

from scaffold.errors import CannotDecideError
from scaffold.project import files
from scaffold.project import git as project_git
from scaffold.project.files import Kind


def look(root: Path, path: str) -> files.PathState:
    with files.opened(root) as tree:
        return files.look(tree, path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("path", ["Dockerfile", "scripts/build", ".github/workflows/x.yml", ".gitignore", "a b/ü"])
def test_paths_inside_a_project_are_accepted(path: str) -> None:
    files.require_inside(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        "./a",
        "a/.",
        "a\\b",
        "a\0b",
        ".git/config",
        "x/.GIT/y",
    ],
)
def test_paths_that_lead_elsewhere_are_a_mistake(path: str) -> None:
    with pytest.raises(ValueError, match="not a path inside a project"):
        files.require_inside(path)


def test_each_kind_of_standing_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "tool").write_bytes(b"#!")
    (tmp_path / "tool").chmod(0o744)
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folderlink").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    seen = {name: look(tmp_path, name) for name in ("file", "tool", "link", "folder", "pipe", "nothing", "no/thing")}
    assert {name: standing.kind for name, standing in seen.items()} == {
        "file": Kind.FILE,
        "tool": Kind.FILE,
        "link": Kind.SYMLINK,
        "folder": Kind.DIRECTORY,
        "pipe": Kind.SPECIAL,
        "nothing": Kind.ABSENT,
        "no/thing": Kind.ABSENT,
    }
    assert seen["file"].content == b"text"
    assert not seen["file"].executable
    assert seen["tool"].executable
    assert look(tmp_path, "folderlink/x").where == "folderlink"
    assert look(tmp_path, "folder/../file/x").kind is not Kind.FILE


@pytest.mark.parametrize("way", ["link/below/file", "below/link/file", "file/file", "pipe/file", "dangling/file"])
def test_no_component_of_a_path_is_followed(tmp_path: Path, way: str) -> None:
    outside = tmp_path / "outside"
    (outside / "below").mkdir(parents=True)
    (outside / "file").write_bytes(b"outside")
    (outside / "below/file").write_bytes(b"outside")
    root = tmp_path / "root"
    (root / "below").mkdir(parents=True)
    (root / "link").symlink_to(outside)
    (root / "below/link").symlink_to(outside)
    (root / "file").write_bytes(b"")
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    standing = look(root, way)
    assert standing.kind is Kind.BLOCKED
    assert standing.where == way.removesuffix("/below/file").removesuffix("/file")


def test_a_pipe_put_in_place_of_a_file_does_not_hold_the_command_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"text")
    regular = (tmp_path / "file").stat()
    (tmp_path / "file").unlink()
    os.mkfifo(tmp_path / "file")
    monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    assert look(tmp_path, "file").kind is Kind.SPECIAL


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002, 0o027])
@pytest.mark.parametrize("executable", [False, True])
def test_a_part_is_complete_and_has_its_mode_before_it_is_renamed(tmp_path: Path, umask: int, executable: bool) -> None:
    content = os.urandom(300_000)
    former = os.umask(umask)
    try:
        with files.opened(tmp_path) as tree, files.temporary_file(tree, "file", content, executable=executable) as part:
            assert files.is_temporary_file(part)
            assert (tmp_path / part).read_bytes() == content
            files.rename(tree, part, "file")
    finally:
        os.umask(former)
    assert (tmp_path / "file").stat().st_mode & 0o777 == (0o755 if executable else 0o644) & ~umask
    assert names(tmp_path) == ["file"]


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    with (
        files.opened(tmp_path) as tree,
        files.temporary_file(tree, "file", b"0123456789" * 5, executable=False) as part,
    ):
        assert (tmp_path / part).read_bytes() == b"0123456789" * 5


def test_a_part_that_is_not_renamed_is_gone(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        files.opened(tmp_path) as tree,
        files.temporary_file(tree, "file", b"text", executable=False),
    ):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_long_name_still_has_a_temporary_one(tmp_path: Path) -> None:
    name = "ü" * 120
    with files.opened(tmp_path) as tree, files.temporary_file(tree, name, b"text", executable=False) as part:
        files.rename(tree, part, name)
    assert (tmp_path / name).read_bytes() == b"text"


@pytest.mark.parametrize("name", ["x.orig", ".Dockerfile.scaffold-part", "a.0123456789abcdef.scaffold-part", ".x.tmp"])
def test_names_of_others_are_not_taken_for_ours(name: str) -> None:
    assert not files.is_temporary_file(name)


def test_an_error_names_the_file_and_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()

    def refuse(name: str, **_: object) -> os.stat_result:
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(os, "stat", refuse)
    message = f"cannot read {tmp_path}/a/file: Permission denied"
    with pytest.raises(CannotDecideError, match=f"^{re.escape(message)}$"), files.explained("read", tmp_path):
        look(tmp_path, "a/file")


# What git holds


@pytest.fixture(params=["sha1", "sha256"])
def repository(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(tmp_path, "init", "-q", f"--object-format={request.param}")
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_git_holds_what_is_in_the_index_or_in_head(repository: Path) -> None:
    (repository / "old").write_bytes(b"committed")
    git(repository, "add", "old")
    git(repository, "commit", "-qm", "x")
    (repository / "old").write_bytes(b"staged")
    (repository / "new").write_bytes(b"")
    git(repository, "add", "old", "new")
    assert project_git.held(repository, {"old": b"committed"}) == {"old"}
    assert project_git.held(repository, {"old": b"staged", "new": b""}) == {"old", "new"}
    assert project_git.held(repository, {"old": b"edited", "new": b"staged", "none": b"staged"}) == set()


def test_the_entry_of_another_path_does_not_count(repository: Path) -> None:
    (repository / "a").write_bytes(b"text")
    (repository / "b").write_bytes(b"other")
    git(repository, "add", "a", "b")
    assert project_git.held(repository, {"b": b"text", "a": b"text"}) == {"a"}


def test_a_repository_without_a_commit_and_a_project_below_its_root(repository: Path) -> None:
    project = repository / "functions/one"
    project.mkdir(parents=True)
    awkward = {f"a {word}": word.encode() for word in ("ü", "-q", "$x", '"', ":0:", "x\x0by", "x\u2028y", "HEAD")}
    for path, content in awkward.items():
        (project / path).write_bytes(content)
    git(repository, "add", "-A")
    assert project_git.held(project, awkward | {"missing": b"", "new\nline": b""}) == set(awkward)


def test_bytes_that_a_filter_changes_are_not_held(repository: Path) -> None:
    marker = repository / "filter-ran"
    git(repository, "config", "filter.x.clean", f"touch {marker}; tr a-z A-Z")
    (repository / ".gitattributes").write_text("up filter=x\ncrlf text eol=crlf\n")
    (repository / "up").write_bytes(b"lower")
    (repository / "crlf").write_bytes(b"a\r\nb\r\n")
    git(repository, "add", "up", "crlf")
    marker.unlink()
    assert project_git.held(repository, {"up": b"lower", "crlf": b"a\r\nb\r\n"}) == set()
    assert project_git.held(repository, {"up": b"LOWER", "crlf": b"a\nb\n"}) == {"up", "crlf"}
    assert not marker.exists()


def test_an_object_that_is_lost_is_not_held(repository: Path) -> None:
    (repository / "a").write_bytes(b"text")
    git(repository, "add", "a")
    for entry in (repository / ".git/objects").glob("??/*"):
        entry.unlink()
    assert project_git.held(repository, {"a": b"text"}) == set()


def test_nothing_the_repository_configures_is_run(repository: Path) -> None:
    marker = repository / "ran"
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    (repository / "a").write_bytes(b"text")
    git(repository, "add", "a")
    git(repository, "update-index", "--force-write-index")
    for key in ("core.fsmonitor", "core.hooksPath", "core.sshCommand", "core.pager", "core.editor"):
        git(repository, "config", key, str(program))
    assert project_git.held(repository, {"a": b"text"}) == {"a"}
    assert not marker.exists()


def test_the_repository_around_the_project_is_meant(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "a").write_bytes(b"text")
    git(repository, "add", "a")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert project_git.held(repository, {"a": b"text"}) == {"a"}


def test_without_a_repository_or_without_git_nothing_is_held(
    tmp_path_factory: pytest.TempPathFactory, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "a").write_bytes(b"text")
    git(repository, "add", "a")
    bare = tmp_path_factory.mktemp("bare")
    assert project_git.held(repository / ".git", {"a": b"text"}) == set()
    assert project_git.held(bare, {"a": b"text"}) == set()
    monkeypatch.setenv("PATH", str(bare))
    assert project_git.held(repository, {"a": b"text"}) == set()


def test_git_is_called_once_for_all_paths_and_not_at_all_for_none(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *words, **more: calls.append(words) or run(*words, **more))
    assert project_git.held(repository, {}) == set()
    assert not calls
    project_git.held(repository, {str(number): b"" for number in range(500)})
    assert len(calls) == 1
