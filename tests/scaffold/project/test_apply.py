"""Whose a file is decides what a render may do to it, and nobody's work is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.errors import CannotDecideError, InvalidInputError, RefusedError
from scaffold.project import answers as answers_file
from scaffold.project import apply, changes, files, find
from scaffold.project import git as project_git
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.changes import Cause, Change, ChangeKind
from scaffold.project.recorded import Recorded
from scaffold.rendering.rendered_file import Owner, RenderedFile

MISTAKE = r"rendered twice|a file and a directory|not a path inside"
PART = ".Dockerfile.0123456789abcdef.scaffold-part"


def untouched(path: Path) -> tuple[int, int, int]:
    """What a write changes of a file, and reading it does not."""
    status = path.stat()
    return (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)


def generated(path: str, content: bytes = b"new\n", *, executable: bool = False) -> RenderedFile:
    return RenderedFile(path=path, owner=Owner.GENERATED, executable=executable, content=content)


def starter(path: str, content: bytes = b"start\n") -> RenderedFile:
    return RenderedFile(path=path, owner=Owner.STARTER, executable=False, content=content)


def theirs(path: str, content: bytes = b"spec\n") -> RenderedFile:
    return RenderedFile(path=path, owner=Owner.THEIRS, executable=False, content=content)


def compare(root: Path, *current: RenderedFile, recorded: tuple[RenderedFile, ...] = (), offered: tuple[str, ...] = ()):
    return changes.compare(root, current=current, recorded=Recorded(files=recorded), offered=offered)


def render(root: Path, *current: RenderedFile, force: bool = False, **more) -> list[Change]:
    changes = compare(root, *current, **more)
    apply.apply(root, changes, force=force)
    return changes


def kinds(changes: list[Change]) -> dict[str, str]:
    return {change.path: change.kind.value for change in changes}


def tree(root: Path) -> dict[str, object]:
    """Everything below a directory: bytes and mode of files, targets of links, None for directories."""
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        else:
            found[name] = None
    return found


# generated


def test_a_first_render_creates_everything_and_a_second_one_nothing(tmp_path: Path) -> None:
    outputs = (
        generated("Dockerfile"),
        generated("scripts/a/build", executable=True),
        starter("src/app.py"),
        theirs(SPEC),
    )
    changes = render(tmp_path, *outputs)
    assert kinds(changes) == dict.fromkeys(["Dockerfile", SPEC, "scripts/a/build", "src/app.py"], "create")
    assert all(change.before is None and not change.refusal for change in changes)
    assert tree(tmp_path) == {
        "Dockerfile": (b"new\n", False),
        SPEC: (b"spec\n", False),
        "scripts": None,
        "scripts/a": None,
        "scripts/a/build": (b"new\n", True),
        "src": None,
        "src/app.py": (b"start\n", False),
    }
    assert compare(tmp_path, *outputs) == []


def test_unchanged_files_keep_their_inode_and_their_time(tmp_path: Path) -> None:
    render(tmp_path, generated("a"), generated("b"))
    before = untouched(tmp_path / "a")
    render(tmp_path, generated("a"), generated("b", b"newer\n"), recorded=(generated("b"),))
    assert (tmp_path / "b").read_bytes() == b"newer\n"
    assert untouched(tmp_path / "a") == before


@pytest.mark.parametrize("standing", [b"old\n", b""])
def test_the_recorded_render_is_ours_to_overwrite(tmp_path: Path, standing: bytes) -> None:
    (tmp_path / "a").write_bytes(standing)
    [change] = render(tmp_path, generated("a"), recorded=(generated("a", standing),))
    assert change == Change(
        path="a",
        kind=ChangeKind.UPDATE,
        cause=Cause.SPEC,
        owner=Owner.GENERATED,
        before=standing,
        after=b"new\n",
        executable=False,
        refusal="",
    )
    assert tree(tmp_path) == {"a": (b"new\n", False)}


def test_an_edit_is_refused_and_nothing_at_all_is_written(tmp_path: Path) -> None:
    for name in ("b", "d"):
        (tmp_path / name).write_bytes(b"mine\n")
    before = tree(tmp_path)
    changes = compare(tmp_path, *map(generated, "abcd"), recorded=tuple(generated(name, b"old\n") for name in "abcd"))
    assert kinds(changes) == {"a": "create", "b": "update", "c": "create", "d": "update"}
    assert {change.path for change in changes if change.refusal} == {"b", "d"}
    with pytest.raises(RefusedError) as caught:
        apply.apply(tmp_path, changes)
    assert caught.value.paths == ("b", "d")
    assert caught.value.__notes__ == [f"{name}: edited by hand, and git does not hold the edit" for name in "bd"]
    assert tree(tmp_path) == before


def test_force_keeps_the_edit_and_every_earlier_one(tmp_path: Path) -> None:
    for edit in (b"one\n", b"two\n", b"two\n", b"three\n"):
        (tmp_path / "a").write_bytes(edit)
        render(tmp_path, generated("a"), force=True)
    assert {name: content for name, (content, _) in tree(tmp_path).items()} == {  # type: ignore[misc]
        "a": b"new\n",
        "a.orig": b"one\n",
        "a.orig.1": b"two\n",
        "a.orig.2": b"three\n",
    }


def test_force_keeps_nothing_that_is_ours(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old\n")
    render(tmp_path, generated("a"), recorded=(generated("a", b"old\n"),), force=True)
    assert tree(tmp_path) == {"a": (b"new\n", False)}


@pytest.mark.parametrize("occupant", ["directory", "link", "pipe"])
def test_what_stands_at_the_name_of_the_copy_is_not_lost(tmp_path: Path, occupant: str) -> None:
    (tmp_path / "a").write_bytes(b"mine\n")
    orig = tmp_path / "a.orig"
    {"directory": orig.mkdir, "link": lambda: orig.symlink_to("a"), "pipe": lambda: os.mkfifo(orig)}[occupant]()
    former = orig.lstat()
    render(tmp_path, generated("a"), force=True)
    assert orig.lstat() == former
    assert (tmp_path / "a.orig.1").read_bytes() == b"mine\n"


@pytest.mark.parametrize("no_links", [False, True])
def test_a_copy_is_kept_with_and_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_links: bool
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "a").write_bytes(b"mine\n")
    (tmp_path / "gone").write_bytes(b"mine too\n")
    if no_links:
        monkeypatch.setattr(os, "link", refuse)
    render(tmp_path, generated("a"), recorded=(generated("gone", b"old\n"),), force=True)
    assert tree(tmp_path) == {"a": (b"new\n", False), "a.orig": (b"mine\n", False), "gone.orig": (b"mine too\n", False)}


def test_a_copy_that_a_killed_render_made_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("elsewhere")
    os.link(tmp_path / "a", tmp_path / "a.orig", follow_symlinks=False)
    render(tmp_path, generated("a"), force=True)
    assert tree(tmp_path) == {"a": (b"new\n", False), "a.orig": "elsewhere"}


def test_a_copy_never_takes_a_name_that_appears_at_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def lose_the_race(name: str, aside: str, **more: Any) -> None:
        if aside == "a.orig":
            (tmp_path / aside).write_bytes(b"somebody else's\n")
        link(name, aside, **more)

    monkeypatch.setattr(os, "link", lose_the_race)
    (tmp_path / "a").write_bytes(b"mine\n")
    render(tmp_path, generated("a"), force=True)
    assert (tmp_path / "a.orig").read_bytes() == b"somebody else's\n"
    assert (tmp_path / "a.orig.1").read_bytes() == b"mine\n"


def test_only_the_executable_bit_of_the_owner_counts(tmp_path: Path) -> None:
    outputs = (generated("plain"), generated("tool", executable=True))
    render(tmp_path, *outputs)
    (tmp_path / "plain").chmod(0o677)
    (tmp_path / "tool").chmod(0o700)
    assert compare(tmp_path, *outputs) == []
    (tmp_path / "plain").chmod(0o744)
    (tmp_path / "tool").chmod(0o677)
    changes = render(tmp_path, *outputs)
    assert kinds(changes) == {"plain": "mode", "tool": "mode"}
    assert all(change.before == change.after == b"new\n" and not change.refusal for change in changes)
    assert tree(tmp_path) == {"plain": (b"new\n", False), "tool": (b"new\n", True)}


def test_every_change_to_a_generated_file_is_drift(tmp_path: Path) -> None:
    content = b"FROM x\r\nRUN y\n" * 12
    file = generated("a/Dockerfile", content)
    path = tmp_path / file.path
    render(tmp_path, file)
    mutants = [
        content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :] for at in range(len(content)) for bit in (1, 32)
    ]
    mutants += [content[:at] + content[at + 1 :] for at in range(0, len(content), 7)]
    mutants += [
        content.replace(b"\r\n", b"\n"),
        content.replace(b"\n", b"\r\n"),
        content + b"\n",
        b"\xef\xbb\xbf" + content,
        b"",
    ]
    for mutant in mutants:
        path.write_bytes(mutant)
        [change] = compare(tmp_path, file)
        assert (change.kind, change.before, bool(change.refusal)) == (ChangeKind.UPDATE, mutant, True)
    assert len(mutants) > 300


# Removal


def test_what_is_no_longer_generated_is_removed_with_the_directories_it_leaves_empty(tmp_path: Path) -> None:
    recorded = (generated("a/b/one"), generated("a/two"), generated("c/three"), generated("d/four"))
    render(tmp_path, *recorded)
    (tmp_path / "c/note").write_bytes(b"mine\n")
    changes = render(tmp_path, generated("d/five"), recorded=recorded)
    assert kinds(changes) == {
        "a/b/one": "remove",
        "a/two": "remove",
        "c/three": "remove",
        "d/five": "create",
        "d/four": "remove",
    }
    assert tree(tmp_path) == {"c": None, "c/note": (b"mine\n", False), "d": None, "d/five": (b"new\n", False)}
    assert compare(tmp_path, generated("d/five"), recorded=recorded) == []


def test_directories_are_removed_up_to_the_first_in_use_and_never_the_root(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/note").write_bytes(b"")
    with files.opened(tmp_path) as root:
        apply._prune(root, "a/b/c/file")
        assert set(tree(tmp_path)) == {"a", "a/note"}
        (tmp_path / "a/note").unlink()
        apply._prune(root, "a/b/c/file")
        apply._prune(root, "file")
    assert tree(tmp_path) == {}
    assert tmp_path.is_dir()


def test_the_root_stays_even_when_it_is_empty(tmp_path: Path) -> None:
    render(tmp_path, generated("a"))
    render(tmp_path, recorded=(generated("a"),))
    assert tree(tmp_path) == {}


def test_an_edited_file_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine\n")
    changes = compare(tmp_path, recorded=(generated("a"),))
    assert [(change.kind, bool(change.refusal)) for change in changes] == [(ChangeKind.REMOVE, True)]
    with pytest.raises(RefusedError):
        apply.apply(tmp_path, changes)
    assert tree(tmp_path) == {"a": (b"mine\n", False)}
    apply.apply(tmp_path, changes, force=True)
    assert tree(tmp_path) == {"a.orig": (b"mine\n", False)}


def test_only_recorded_generated_files_are_removed(tmp_path: Path) -> None:
    recorded = (starter("src/app.py"), theirs(SPEC), generated("README.md", b"start\n"))
    for file in recorded:
        (tmp_path / file.path).parent.mkdir(exist_ok=True)
        (tmp_path / file.path).write_bytes(file.content)
    (tmp_path / "stranger").write_bytes(b"")
    assert compare(tmp_path, starter("README.md"), recorded=recorded) == []


def test_what_became_a_directory_or_lies_behind_a_link_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/one").write_bytes(b"new\n")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "two").mkdir()
    assert compare(tmp_path, recorded=(generated("link/one"), generated("two"))) == []


def test_a_name_that_changed_only_its_case_survives_where_case_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes(b"new\n")
    # On such a file system both names lead to one file, as they do with a hard link.
    (tmp_path / "makefile").hardlink_to(tmp_path / "Makefile")
    assert compare(tmp_path, generated("makefile"), recorded=(generated("Makefile"),)) == []
    (tmp_path / "makefile").unlink()
    assert kinds(compare(tmp_path, generated("makefile"), recorded=(generated("Makefile"),))) == {
        "Makefile": "remove",
        "makefile": "create",
    }


def test_what_a_killed_render_left_is_drift_and_is_cleared(tmp_path: Path) -> None:
    outputs = (generated("Dockerfile"), generated("scripts/build"))
    render(tmp_path, *outputs)
    (tmp_path / PART).write_bytes(b"ne")
    (tmp_path / "scripts" / PART).write_bytes(b"")
    (tmp_path / "old/er").mkdir(parents=True)
    recorded = (*outputs, generated("old/er/gone"))
    assert kinds(render(tmp_path, *outputs, recorded=recorded)) == {
        PART: "remove",
        f"scripts/{PART}": "remove",
        "old/er/gone": "remove",
    }
    assert set(tree(tmp_path)) == {"Dockerfile", "scripts", "scripts/build"}
    assert compare(tmp_path, *outputs, recorded=recorded) == []


# starter and theirs


def test_a_starter_is_offered_once(tmp_path: Path) -> None:
    assert kinds(compare(tmp_path, starter("src/app.py"))) == {"src/app.py": "create"}
    assert compare(tmp_path, starter("src/app.py"), offered=("src/app.py",)) == []


@pytest.mark.parametrize("file", [starter("x"), theirs("x")])
@pytest.mark.parametrize("occupant", ["edited", "executable", "directory", "link", "dangling"])
def test_what_is_theirs_is_never_touched(tmp_path: Path, file: RenderedFile, occupant: str) -> None:
    path = tmp_path / "x"
    (tmp_path / "elsewhere").write_bytes(b"")
    match occupant:
        case "edited":
            path.write_bytes(b"mine\n")
        case "executable":
            path.write_bytes(file.content)
            path.chmod(0o755)
        case "directory":
            path.mkdir()
        case _:
            path.symlink_to("elsewhere" if occupant == "link" else "nowhere")
    before = tree(tmp_path)
    assert compare(tmp_path, file, recorded=(file,)) == []
    # Even a stale list of changes, forced, leaves it alone.
    stale = Change(
        path="x",
        kind=ChangeKind.CREATE,
        cause=Cause.MISSING,
        owner=file.owner,
        before=None,
        after=b"n",
        executable=False,
        refusal="",
    )
    apply.apply(tmp_path, [stale], force=True)
    assert tree(tmp_path) == before


def test_theirs_is_created_by_the_first_copy_only_where_absent(tmp_path: Path) -> None:
    assert kinds(render(tmp_path, theirs(SPEC))) == {SPEC: "create"}
    (tmp_path / SPEC).write_bytes(b"mine\n")
    assert compare(tmp_path, theirs(SPEC)) == []


# Where something else stands


@pytest.mark.parametrize("occupant", ["link", "dangling", "pipe"])
def test_a_link_or_special_file_is_drift_and_never_written_through(tmp_path: Path, occupant: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.write_bytes(b"new\n")
    path = root / "a"
    os.mkfifo(path) if occupant == "pipe" else path.symlink_to(outside if occupant == "link" else "nowhere")
    former = path.lstat()
    changes = compare(root, generated("a"))
    assert [(change.kind, change.before, bool(change.refusal)) for change in changes] == [
        (ChangeKind.UPDATE, None, True)
    ]
    with pytest.raises(RefusedError):
        apply.apply(root, changes)
    assert path.lstat() == former
    apply.apply(root, changes, force=True)
    assert path.read_bytes() == b"new\n"
    assert not path.is_symlink()
    assert (root / "a.orig").lstat().st_ino == former.st_ino
    assert outside.read_bytes() == b"new\n"


def test_force_does_not_move_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    changes = compare(tmp_path, generated("a"), generated("b"))
    assert [change.refusal for change in changes] == ["a directory is in its place", ""]
    with pytest.raises(RefusedError):
        apply.apply(tmp_path, changes, force=True)
    assert tree(tmp_path) == {"a": None}


@pytest.mark.parametrize("blocker", ["link", "file"])
@pytest.mark.parametrize("file", [generated("scripts/a/build"), starter("scripts/a/build"), theirs("scripts/a/build")])
def test_force_does_not_lift_a_parent_that_is_no_directory(tmp_path: Path, blocker: str, file: RenderedFile) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (outside / "a").mkdir(parents=True)
    root.mkdir()
    parent = root / "scripts"
    parent.symlink_to(outside) if blocker == "link" else parent.write_bytes(b"mine\n")
    before = tree(tmp_path)
    changes = compare(root, file)
    assert [change.refusal for change in changes] == [
        "scripts is a link or a file, not a directory, and nothing is written through it"
    ]
    for force in (False, True):
        with pytest.raises(RefusedError):
            apply.apply(root, changes, force=force)
    assert tree(tmp_path) == before


def test_the_other_names_of_a_hard_linked_file_keep_their_bytes(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.write_bytes(b"old\n")
    (root / "a").hardlink_to(outside)
    render(root, generated("a", executable=True), recorded=(generated("a", b"old\n"),))
    assert tree(root) == {"a": (b"new\n", True)}
    assert (outside.read_bytes(), outside.stat().st_mode & 0o111) == (b"old\n", 0)


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    render(tmp_path / "link", generated("a"))
    assert tree(tmp_path / "real") == {"a": (b"new\n", False)}


@pytest.mark.parametrize(
    "paths",
    [
        ("a", "A"),
        ("a", "a"),
        ("x/Straße", "x/STRASSE"),
        ("a", "a/b"),
        ("A", "a/b"),
        ("../a",),
        ("/a",),
        (".git/hooks/pre-commit",),
    ],
)
def test_outputs_no_template_may_have_are_a_mistake(tmp_path: Path, paths: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=MISTAKE):
        compare(tmp_path, *map(generated, paths))
    with pytest.raises(ValueError, match=MISTAKE):
        compare(tmp_path, recorded=tuple(map(generated, paths)))


def test_apply_trusts_no_path_either(tmp_path: Path) -> None:
    change = Change(
        path="../a",
        kind=ChangeKind.CREATE,
        cause=Cause.MISSING,
        owner=Owner.GENERATED,
        before=None,
        after=b"",
        executable=False,
        refusal="",
    )
    with pytest.raises(ValueError, match="not a path inside"):
        apply.apply(tmp_path, [change])


# Between compare and apply


def test_a_file_edited_after_compare_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old\n")
    (tmp_path / "gone").write_bytes(b"old\n")
    recorded = (generated("a", b"old\n"), generated("gone", b"old\n"))
    changes = compare(tmp_path, generated("a"), generated("created"), recorded=recorded)
    assert not any(change.refusal for change in changes)
    for name in ("a", "gone", "created"):
        (tmp_path / name).write_bytes(f"mine {name}\n".encode())
    before = tree(tmp_path)
    with pytest.raises(RefusedError) as caught:
        apply.apply(tmp_path, changes)
    assert caught.value.paths == ("a", "created", "gone")
    assert tree(tmp_path) == before
    apply.apply(tmp_path, changes, force=True)
    assert tree(tmp_path) == {
        "a": (b"new\n", False),
        "a.orig": (b"mine a\n", False),
        "created": (b"new\n", False),
        "created.orig": (b"mine created\n", False),
        "gone.orig": (b"mine gone\n", False),
    }


@pytest.mark.parametrize("kind", ["update", "create", "remove"])
def test_a_file_edited_at_the_last_moment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "a"
    if kind != "create":
        path.write_bytes(b"old\n")
    recorded = (generated("a", b"old\n"),)
    changes = compare(tmp_path, *([] if kind == "remove" else [generated("a")]), recorded=recorded)
    assert kinds(changes) == {"a": kind}
    look_in = files.look_in

    def edit_first(folder: int, name: str) -> files.PathState:
        path.write_bytes(b"mine\n")
        return look_in(folder, name)

    # `look` is the first look, before anything is written; `project` looks a second time by itself.
    monkeypatch.setattr(
        files,
        "look",
        lambda *_: files.PathState(kind=files.Kind.FILE, content=b"old\n") if kind != "create" else files.ABSENT,
    )
    monkeypatch.setattr(files, "look_in", edit_first)
    with pytest.raises(RefusedError):
        apply.apply(tmp_path, changes)
    assert tree(tmp_path) == {"a": (b"mine\n", False)}


def test_what_another_render_finished_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "gone").write_bytes(b"old\n")
    changes = compare(tmp_path, generated("a"), starter("s"), recorded=(generated("gone", b"old\n"),))
    apply.apply(tmp_path, changes)
    (tmp_path / "s").write_bytes(b"mine\n")
    before = {path: untouched(tmp_path / path) for path in ("a", "s")}
    apply.apply(tmp_path, changes)
    assert {path: untouched(tmp_path / path) for path in ("a", "s")} == before
    assert set(tree(tmp_path)) == {"a", "s"}


def test_a_link_put_where_nothing_was_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    changes = compare(tmp_path, recorded=(generated("old/gone"),))
    (tmp_path / "old/gone").symlink_to("nowhere")
    with pytest.raises(RefusedError):
        apply.apply(tmp_path, changes)
    assert (tmp_path / "old/gone").is_symlink()


@pytest.mark.parametrize("occupant", ["directory", "behind a link"])
def test_what_became_something_else_meanwhile_is_not_removed(tmp_path: Path, occupant: str) -> None:
    root = tmp_path / "root"
    render(root.parent, generated("root/old/gone"))
    changes = compare(root, recorded=(generated("old/gone"),))
    (root / "old").rename(tmp_path / "elsewhere")
    if occupant == "directory":
        (root / "old/gone").mkdir(parents=True)
        (root / "old/gone/note").write_bytes(b"mine\n")
    else:
        (root / "old").symlink_to(tmp_path / "elsewhere")
    before = tree(tmp_path)
    apply.apply(root, changes)
    assert tree(tmp_path) == before


def test_a_render_whose_temporary_file_is_cleared_by_another_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clear_first(folder: int, name: str) -> files.PathState:
        for path in filter(files.is_temporary_file, map(str, tmp_path.iterdir())):
            Path(path).unlink()
        return files.ABSENT

    changes = compare(tmp_path, generated("a"))
    monkeypatch.setattr(files, "look_in", clear_first)
    with pytest.raises(CannotDecideError, match=r"^a: another render is running"):
        apply.apply(tmp_path, changes)
    assert tree(tmp_path) == {}


def test_a_locked_project_is_left_alone(tmp_path: Path) -> None:
    changes = compare(tmp_path, generated("a"))
    with files.opened(tmp_path) as other:
        assert apply._lock(other)
        with pytest.raises(CannotDecideError, match="another render is running"):
            apply.apply(tmp_path, changes)
        assert tree(tmp_path) == {}
    apply.apply(tmp_path, changes)
    assert set(tree(tmp_path)) == {"a"}


def test_a_project_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotDecideError, match=f"^cannot read {tmp_path}/none: No such file or directory$"):
        compare(tmp_path / "none", generated("a"))


def test_the_answers_file_is_written_last_and_after_the_removals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    for name in ("rename", "unlink", "fsync"):
        real = getattr(os, name)

        def note(*words, _name: str = name, _real=real, **more):
            result = _real(*words, **more)
            events.append(f"{_name} {words[1] if _name == 'rename' else words[0]}" if _name != "fsync" else "sync")
            return result

        monkeypatch.setattr(os, name, note)
    (tmp_path / "gone").write_bytes(b"old\n")
    render(tmp_path, generated(ANSWERS), generated("z"), generated("a"), recorded=(generated("gone", b"old\n"),))
    assert events == [
        "sync",
        "rename a",
        "sync",
        "rename z",
        "unlink gone",
        "sync",
        "sync",
        f"rename {ANSWERS}",
        "sync",
    ]


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_single_file_is_replaced_at_once_with_its_mode_and_behind_its_link(tmp_path: Path, mode: int) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old\n")
    file.chmod(mode)
    link.symlink_to("file")
    apply.replace(link, before=b"old\n", after=b"new\n")
    assert (link.is_symlink(), file.read_bytes(), file.stat().st_mode & 0o777) == (True, b"new\n", mode)
    with pytest.raises(RefusedError, match="changed while this command was running"):
        apply.replace(file, before=b"old\n", after=b"newer\n")
    with pytest.raises(CannotDecideError, match=f"^cannot write {tmp_path}/none/file: "):
        apply.replace(tmp_path / "none/file", before=b"", after=b"")
    assert sorted(tree(tmp_path)) == ["file", "link"]


# git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def stage(root: Path) -> None:
    subprocess.run(["git", "-c", "core.autocrlf=false", "add", "-A"], cwd=root, check=True, capture_output=True)


def test_what_git_holds_is_ours_to_overwrite_and_to_remove(repository: Path) -> None:
    for name in ("a", "gone"):
        (repository / name).write_bytes(b"mine\n")
    recorded = (generated("a", b"old\n"), generated("gone", b"old\n"))
    assert all(change.refusal for change in compare(repository, generated("a"), recorded=recorded))
    stage(repository)
    changes = render(repository, generated("a"), recorded=recorded)
    assert {change.path: change.refusal for change in changes} == {"a": "", "gone": ""}
    assert {path.name for path in repository.iterdir()} == {".git", "a"}


def test_git_is_asked_only_about_edits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, bytes]] = []
    monkeypatch.setattr(project_git, "held", lambda _, wanted: asked.append(dict(wanted)) or set())
    render(tmp_path, generated("a"), generated("b"))
    render(tmp_path, generated("a", b"newer\n"), generated("b"), recorded=(generated("a"),))
    (tmp_path / "b").unlink()
    (tmp_path / "b").symlink_to("nowhere")
    compare(tmp_path, generated("a", b"newer\n"), generated("b"))
    assert not asked
    (tmp_path / "a").write_bytes(b"mine\n")
    compare(tmp_path, generated("a"), recorded=(generated("b"),))
    assert asked == [{"a": b"mine\n"}]


# Finding projects


def test_projects_are_found_sorted_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("b", "a/two", "a/one", "a", ".git/x", "b/node_modules/x", ".venv/x", "__pycache__", ".hidden"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / SPEC).write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("a")
    monkeypatch.chdir(tmp_path)
    expected = [tmp_path / name for name in (".hidden", "a", "a/one", "a/two", "b")]
    assert list(find.find([tmp_path])) == expected
    assert list(find.find([Path(), tmp_path, Path("link"), tmp_path / "a" / SPEC])) == [
        path.relative_to(tmp_path) for path in expected
    ]
    assert list(find.find([Path("b") / SPEC, Path("a/two")])) == [Path("b"), Path("a/two")]
    assert list(find.find([Path("link")])) == [Path("link"), Path("link/one"), Path("link/two")]
    assert list(find.find([Path("empty")])) == []


def test_what_was_made_from_a_spec_that_is_gone_is_a_project(tmp_path: Path) -> None:
    """Otherwise the check of a folder would pass once the spec was removed."""
    answers = (Path(__file__).parents[2] / "template/cases/minimal/expected" / answers_file.ANSWERS).read_bytes()
    other = b"# Changes here will be overwritten by Copier, and not lambda-image.yaml\ngenerated: yes\nname: x\n"
    for name, content in (("ours", answers), ("other", other), ("unreadable", b"spec: [\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / answers_file.ANSWERS).write_bytes(content)
    assert list(find.find([tmp_path])) == [tmp_path / "ours", tmp_path / "unreadable"]


@pytest.mark.parametrize("path", ["nothing", "file", f"nothing/{SPEC}"])
def test_a_path_that_is_neither_is_an_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidInputError, match="neither a directory nor"):
        list(find.find([tmp_path / path]))


def test_a_directory_that_cannot_be_searched_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object) -> Iterator[object]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CannotDecideError, match="Permission denied"):
        list(find.find([tmp_path]))


def test_a_project_in_order_costs_no_heavy_import(tmp_path: Path) -> None:
    render(tmp_path, generated("a"))
    code = (
        "import sys; from pathlib import Path; from scaffold.project import apply, changes, recorded\n"
        "from scaffold.rendering.rendered_file import *\n"
        "file = RenderedFile(path='a', owner=Owner.GENERATED, executable=False, content=b'new\\n')\n"
        f"earlier, root = recorded.Recorded(files=[file]), Path({str(tmp_path)!r})\n"
        "assert changes.compare(root, current=[file], recorded=earlier, offered=()) == []\n"
        "print(sorted({'subprocess', 'hashlib', 'difflib', 'tempfile', 'shutil', 'yaml', 'jinja2'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(apply.__file__).parents[2])}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


# Nobody's bytes are lost

PATHS = ("Dockerfile", "scripts/build", "scripts/run", "old/only", "src/app.py", SPEC)
RENDERS = (
    (
        generated("Dockerfile", b"0"),
        generated("scripts/build", b"same"),
        generated("old/only", b"0"),
        starter("src/app.py"),
        theirs(SPEC),
    ),
    (
        generated("Dockerfile", b"1"),
        generated("scripts/build", b"same", executable=True),
        generated("scripts/run", b"1"),
        theirs(SPEC),
    ),
    (
        generated("Dockerfile", b"2"),
        generated("scripts/run", b"2"),
        starter("src/app.py"),
        generated("README.md", b"2"),
    ),
)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(PATHS), st.integers(0, 3)),
        st.tuples(st.just("delete"), st.sampled_from(PATHS), st.just(0)),
        st.tuples(st.just("chmod"), st.sampled_from(PATHS), st.sampled_from([0o644, 0o755])),
        st.tuples(st.just("link"), st.sampled_from(PATHS), st.just(0)),
        st.tuples(st.just("render"), st.booleans(), st.integers(0, 2)),
        st.tuples(st.just("stage"), st.just(""), st.just(0)),
    ),
    min_size=2,
    max_size=14,
)


class World:
    """A project, the user's bytes in it, and what the answers file would remember."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mine: dict[str, bytes] = {}
        self.put_aside: list[bytes] = []
        self.recorded: tuple[RenderedFile, ...] = ()
        self.offered: set[str] = set()
        self.in_git: set[bytes] = set()

    def forget(self, path: str) -> None:
        """The user does away with what they had at a path themselves."""
        if (self.root / path).is_symlink() or (self.root / path).exists():
            (self.root / path).unlink()
        self.mine.pop(path, None)

    def edit(self, path: str, number: int) -> None:
        self.forget(path)
        (self.root / path).parent.mkdir(exist_ok=True)
        self.mine[path] = f"mine {number}".encode()
        (self.root / path).write_bytes(self.mine[path])

    def delete(self, path: str, _: int) -> None:
        self.forget(path)

    def chmod(self, path: str, mode: int) -> None:
        if (self.root / path).is_file() and not (self.root / path).is_symlink():
            (self.root / path).chmod(mode)

    def link(self, path: str, _: int) -> None:
        self.forget(path)
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).symlink_to(self.root.parent / "outside")

    def stage(self, *_: object) -> None:
        if not (self.root / ".git").exists():
            subprocess.run(["git", "init", "-q", self.root], check=True)
        stage(self.root)
        self.in_git |= {
            path.read_bytes() for path in self.root.rglob("*") if path.is_file() and ".git" not in path.parts
        }

    def compare(self, current: tuple[RenderedFile, ...], recorded: tuple[RenderedFile, ...]) -> list[Change]:
        return changes.compare(self.root, current=current, recorded=Recorded(files=recorded), offered=self.offered)

    def render(self, force: bool, variant: int) -> None:
        current = RENDERS[variant]
        before = tree(self.root)
        wanted = self.compare(current, self.recorded)
        try:
            apply.apply(self.root, wanted, force=force)
        except RefusedError:
            assert not force
            assert tree(self.root) == before
            return
        self.recorded = current
        self.offered |= {file.path for file in current if file.owner is Owner.STARTER}
        assert self.compare(current, current) == []
        owners = {file.path: file.owner for file in current}
        for path in [path for path in self.mine if owners.get(path, Owner.GENERATED) is Owner.GENERATED]:
            if tree(self.root).get(path, (b"",))[0] != self.mine[path]:  # type: ignore[index]
                self.put_aside.append(self.mine.pop(path))

    def check(self) -> None:
        now = tree(self.root)
        live = {
            name: entry[0] for name, entry in now.items() if isinstance(entry, tuple) and not name.startswith(".git/")
        }
        assert {path: live.get(path) for path in self.mine} == self.mine
        kept = {content for name, content in live.items() if ".orig" in name}
        assert set(self.put_aside) <= kept | self.in_git
        assert not any(files.is_temporary_file(name) for name in now)
        assert (self.root.parent / "outside").read_bytes() == b"outside"


@settings(max_examples=120, deadline=None)
@given(operations=OPERATIONS)
def test_no_sequence_of_edits_and_renders_loses_a_byte_of_the_user(operations: list[tuple[str, object, int]]) -> None:
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        world = World(Path(folder) / "root")
        world.root.mkdir()
        (world.root.parent / "outside").write_bytes(b"outside")
        for verb, subject, number in operations:
            getattr(world, verb)(subject, number)
            world.check()
