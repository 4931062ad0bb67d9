"""Whether Lambda's user can read the files, and what should not be in an image."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.gates.preflight.subject import below, every_entry, size, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.oci.layer import LayerEntry

_HOME = "~/"


def readable(subject: Subject) -> Iterator[Finding]:
    """Lambda runs the function as a user that owns nothing in the image."""
    system = subject.table.rows["system"]
    ours = {path: entry for path, entry in subject.own.items() if not below(path, system)}
    if closed := [path for path, entry in ours.items() if entry.kind == "file" and not entry.mode & 0o004]:
        message = f"other users cannot read {some(closed)}"
        fix = "Copy with --chmod=755, or run `chmod -R go+rX` in the step that creates the files."
        yield subject.finding("unreadable-file", message, fix)
    if shut := [path for path, entry in ours.items() if entry.kind == "folder" and entry.mode & 0o005 != 0o005]:
        message = f"other users cannot open the directories {some(shut)}"
        fix = "Copy with --chmod=755, or run `chmod -R go+rX` in the step that creates them."
        yield subject.finding("closed-directory", message, fix)


def parents(subject: Subject) -> Iterator[Finding]:
    """Lambda unpacks a file only into a directory that its layer or a lower one contains."""
    full = {posixpath.dirname(path) for path, row in subject.files.items() if row.entry}
    lost = [path for path, row in subject.files.items() if row.entry is None and path in full]
    if lost:
        message = f"no layer contains the directories {some(lost)}, although files are in them"
        fix = "Add the directories to the archive of the layer, as Docker and BuildKit do."
        yield subject.finding("missing-parent", message, fix)


def hidden(subject: Subject) -> Iterator[Finding]:
    """Lambda mounts file systems over some directories, and its user has another home."""
    rows = subject.table.rows
    files = _files(subject)
    if lost := [path for path in files if below(path, rows["mounted_over"])]:
        message = f"Lambda mounts something else over {some(lost)}"
        fix = "Keep files that the function reads below /opt or the task root, and remove the others in their own step."
        yield subject.finding("hidden-file", message, fix, Severity.WARNING)
    caches = _caches(subject)
    kept = [path for path in files if below(path, rows["homes"]) and not below(path, caches)]
    kept = [path for path in kept if posixpath.basename(path) not in rows["home_files"]]
    if kept:
        message = f"Lambda's user has another home, and may not read {some(kept)}"
        fix = "Keep what the function reads below /opt or the task root, and point to it with a variable."
        yield subject.finding("home-content", message, fix, Severity.WARNING)


def left_behind(subject: Subject) -> Iterator[Finding]:
    """Repositories, build tools and caches make an image larger, and may hold what was never meant to leave."""
    rows = subject.table.rows["left_behind"]
    found = {path: rows[name] for path in subject.own if (name := posixpath.basename(path)) in rows}
    if found:
        message = f"the image contains {_named(found)}"
        yield subject.finding("left-behind", message, "List it in .dockerignore.", Severity.WARNING)
    tools = subject.table.rows["build_tools"]
    programs = {
        path: tools.get(path) or tools[posixpath.basename(path)]
        for path, entry in _files(subject).items()
        if entry.mode & 0o001 and (path in tools or ((name := posixpath.basename(path)) in tools and entry.size > 0))
    }
    if programs:
        message = f"the image contains {_named(programs)}"
        fix = "Build in a stage of its own, and copy the result."
        yield subject.finding("build-tools", message, fix, Severity.WARNING)


def caches(subject: Subject) -> Iterator[Finding]:
    """A package manager's cache is of no use once the packages are installed."""
    total: dict[str, int] = {}
    folders = _caches(subject)
    for path, entry in _files(subject).items():
        if folder := next((folder for folder in folders if path.startswith(f"{folder}/")), ""):
            total[folder] = total.get(folder, 0) + entry.size
    large = {folder: number for folder, number in total.items() if number > subject.table.rows["cache_bytes"]}
    if large:
        listed = ", ".join(f"{folder} ({size(number)})" for folder, number in sorted(large.items()))
        fix = "Use `RUN --mount=type=cache`, or remove it in the step that fills it."
        yield subject.finding("package-cache", f"package managers left their caches: {listed}", fix, Severity.WARNING)


def _caches(subject: Subject) -> list[str]:
    homes = ["/root", *sorted(path for path in subject.files if path.startswith("/home/") and path.count("/") == 2)]
    folders = []
    for folder in subject.table.rows["caches"]:
        if folder.startswith(_HOME):
            folders += [f"{home}/{folder.removeprefix(_HOME)}" for home in homes]
        else:
            folders.append(folder)
    return folders


def gpu(subject: Subject) -> Iterator[Finding]:
    """Ordinary functions have no GPU."""
    names = tuple(f"{name}{end}" for name in subject.table.rows["gpu_libraries"] for end in (".so", "-"))
    found = {path: entry.size for path, entry in _files(subject).items() if posixpath.basename(path).startswith(names)}
    if found:
        message = f"libraries for GPUs take {size(sum(found.values()))}: {some(list(found))}"
        fix = "Install the build of the package for CPUs, for example torch from https://download.pytorch.org/whl/cpu."
        yield subject.finding("gpu-libraries", message, fix, Severity.WARNING)


def waste(subject: Subject) -> Iterator[Finding]:
    """Layers only add: a file that a later layer removes, or copies to change its mode, stays in the image."""
    least = subject.table.rows["waste_bytes"]
    removed: dict[str, int] = {}
    copied: dict[str, int] = {}
    lower: dict[str, LayerEntry] = {}
    for number, path, entry in every_entry(subject.layers):
        if entry.kind != "file":
            continue
        if number < subject.base:
            lower[path] = entry
            continue
        before = lower.get(path)
        if before and before.content == entry.content:
            copied[path] = entry.size
        lower[path] = entry
        placed = subject.files.get(path)
        if placed is None or (placed.entry != entry and placed.layer > number):
            removed[path] = entry.size
    for code, sizes, what, fix in (
        ("copied-content", copied, "contain files that lower layers have with the same bytes", _COPIED),
        ("removed-content", removed, "remove or replace files that stay in lower layers", _REMOVED),
    ):
        if sum(sizes.values()) >= least:
            message = f"layers {what}, {size(sum(sizes.values()))} in all: {some(_largest(sizes))}"
            yield subject.finding(code, message, fix, Severity.WARNING)


_COPIED = "Copy them once, and set mode and owner in the step that creates them."
_REMOVED = "Remove them in the step that creates them, or create them in a stage of their own."


def _files(subject: Subject) -> Mapping[str, LayerEntry]:
    return {path: entry for path, entry in subject.own.items() if entry.kind == "file"}


def _largest(sizes: Mapping[str, int]) -> list[str]:
    return sorted(sizes, key=lambda path: (-sizes[path], path))


def _named(found: Mapping[str, str]) -> str:
    listed = [f"{path} ({name})" for path, name in found.items()]
    return some(listed)
