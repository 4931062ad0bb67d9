"""The template as an organisation of the tests' own keeps it: other standards, a repository and a tag of its own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

from scaffold.locations import PARTS, template_root
from scaffold.rendering.engine import Engine
from scaffold.rendering.rendered_file import RenderedFile

TESTS = Path(__file__).resolve().parents[1]
CASES = TESTS / "template/cases"

Tree = dict[str, tuple[bytes, bool]]

PINNED = "{name: python3.13, digest: 'sha256:" + "0" * 64 + "'}"
"""The default base with a digest, as `base` in a spec; with one, `check` has nothing to note."""


def copy_template(target: Path, *, standards: Path = TESTS / "standards.yaml") -> Path:
    """Copy the template to `target`, with these standards instead of its own."""
    for part in PARTS:
        origin = template_root() / part
        if origin.is_dir():
            shutil.copytree(origin, target / part)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, target / part)
    shutil.copy(standards, target / "standards/standards.yaml")
    return target


def other_standards(path: Path, old: str, new: str) -> Path:
    """Write the tests' own standards to `path`, with one text for another."""
    text = (TESTS / "standards.yaml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def engine_on(folder: Path, old: str, new: str) -> Engine:
    """The template in `folder`, on those standards."""
    standards = other_standards(folder / "standards.yaml", old, new)
    return Engine(copy_template(folder / "template", standards=standards))


def commit(where: Path, message: str, tag: str = "") -> None:
    """Commit all of `where`, a repository from now on, and tag it."""
    git(where, "init", "--quiet")
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(where, "tag", tag)


def git(where: Path, *words: str) -> str:
    """Run git in `where` as nobody in particular, without the settings of this machine; its output."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    people = {
        f"GIT_{who}_{what}": "nobody@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *words], cwd=where, env=os.environ | settings | people, check=True, capture_output=True, text=True
    )
    return done.stdout


def tree(where: Path) -> Tree:
    """The files under a folder, but git's own: bytes and executable bit by path."""
    return {
        path.relative_to(where).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR))
        for path in sorted(where.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(where).parts
    }


def tree_of(files: list[RenderedFile]) -> Tree:
    """The same of rendered files."""
    return {file.path: (file.content, file.executable) for file in files}


def write_tree(where: Path, files: Tree) -> None:
    """Make a folder hold exactly these files."""
    shutil.rmtree(where, ignore_errors=True)
    for name, (content, executable) in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)
