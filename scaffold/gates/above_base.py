"""What the layers above a base change in it, and what they put in front of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.gates.preflight import loader_cache
from scaffold.gates.preflight.subject import below
from scaffold.oci import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.gates.preflight.subject import Subject
    from scaffold.oci.layer import LayerEntry
    from scaffold.standards.base_paths import BasePaths

USERS, LOADER_CACHE = "/etc/passwd", "/etc/ld.so.cache"
READ = frozenset({USERS, LOADER_CACHE})
"""Files whose content is compared, since packages rewrite them."""
_LOADS_FIRST = ("/etc/ld.so.preload", "/etc/ld-musl-aarch64.path", "/etc/ld-musl-x86_64.path")
"""Files that the loader reads if they are there, and that no base has."""
_SYSTEM_LIBRARIES = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
_NOT_OF_BASES = ("/opt", "/tmp")  # noqa: S108 - a path in an image


def altered(subject: Subject, layers: int, rewritten: Sequence[str], paths: BasePaths) -> list[str]:
    """Return the paths of the lowest `layers` that the image changes: files, and directories by their rights.

    `rewritten` are those that packages or certificates rewrite; one that ends in a slash stands for all below it.
    """
    kept, folders = {*rewritten} - READ, tuple(row for row in rewritten if row.endswith("/"))
    theirs = [*_NOT_OF_BASES, subject.task_root]
    if not paths.owner_of(subject.table.runtime_directory, paths.own):
        theirs.append(subject.table.runtime_directory)
    found = filesystem.altered(subject.layers, layers)
    found = [path for path in found if path not in kept and not path.startswith(folders)]
    found = [path for path in found if not (path.endswith("/") and below(path.rstrip("/"), theirs))]
    before = filesystem.flattened(subject.layers[:layers])
    for path in READ & {*rewritten} & {*found}:
        entry = subject.files[path].entry if path in subject.files else None
        if entry and _still_holds(path, before[path], entry):
            found.remove(path)
    new = [path for path in _LOADS_FIRST if path in subject.own and path not in before]
    return sorted({*found, *new})


def _still_holds(path: str, before: LayerEntry, after: LayerEntry) -> bool:
    """Return whether a file that packages rewrite still says what it said in the base."""
    if (before.kind, before.mode, before.owner) != (after.kind, after.mode, after.owner):
        return False
    old, new = (entry.seen.text if entry.seen else "" for entry in (before, after))
    if path == USERS:
        added = [line.split(":") for line in new.splitlines() if line not in old.splitlines()]
        # A second user with the rights of root would be one that the base does not have.
        return {*old.splitlines()} <= {*new.splitlines()} and all(len(row) > 2 and row[2].strip("0") for row in added)
    known, now = (loader_cache.libraries(text.encode("latin-1", "replace")) for text in (old, new))
    return known is not None and now is not None and all(now.get(name) == where for name, where in known.items())


def in_front(subject: Subject, layers: int) -> list[str]:
    """Return the files of the image that programs or the loader find instead of one of the base's, with that one."""
    before = filesystem.flattened(subject.layers[:layers])
    environment = subject.facts.environment
    programs = environment.get("PATH", "").split(":")
    libraries = [*environment.get("LD_LIBRARY_PATH", "").split(":"), *_SYSTEM_LIBRARIES]
    return sorted({*_shadowing(subject, before, programs), *_shadowing(subject, before, libraries)})


def _shadowing(subject: Subject, before: Mapping[str, LayerEntry], folders: Sequence[str]) -> Iterator[str]:
    by_folder: dict[str, dict[str, str]] = {}
    for path in before:
        folder, _, name = path.rpartition("/")
        by_folder.setdefault(folder, {})[name] = path
    # A directory may be a link to another one.
    real = list(dict.fromkeys(subject.resolve(folder) or folder for folder in folders if folder.startswith("/")))
    own: dict[str, list[tuple[str, str]]] = {}
    for path, entry in subject.own.items():
        folder, _, name = path.rpartition("/")
        if entry.kind != "folder" and path not in before:
            own.setdefault(folder, []).append((name, path))
    for number, folder in enumerate(real):
        for name, path in own.get(folder, []):
            for later in real[number + 1 :]:
                if name in by_folder.get(later, {}):
                    yield f"{path} (before {by_folder[later][name]})"
                    break
