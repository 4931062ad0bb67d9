"""The facts that the preflight checks: an image's configuration, its layers, and the files that they produce."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding, Severity
from scaffold.oci import filesystem
from scaffold.oci.layer import Whiteout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.gates.preflight.table import Table
    from scaffold.oci.filesystem import Placed
    from scaffold.oci.image import ImageFacts
    from scaffold.oci.layer import Layer, LayerEntry

_MOST_LINKS = 40
_LAST_OF_BASE = re.compile(r"(?:/bin/sh -c #\(nop\)\s+)?(CMD|ENTRYPOINT)\s+(\[.*\])$")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An image, the table of facts about Lambda, its layers if they were read, and how many of them are its base's.

    `c_library` is that of the base by the standards, such as `glibc 2.34`; empty if they do not say.
    """

    facts: ImageFacts
    layers: Sequence[Layer]
    table: Table
    base: int
    c_library: str = ""

    @cached_property
    def files(self) -> Mapping[str, Placed]:
        """The files and directories of the image, by absolute path, sorted."""
        return dict(sorted(filesystem.placed(self.layers).items()))

    @cached_property
    def own(self) -> Mapping[str, LayerEntry]:
        """The files and directories that the layers above the base contain, by absolute path, sorted."""
        return {path: row.entry for path, row in self.files.items() if row.entry and row.layer >= self.base}

    @cached_property
    def machine(self) -> str:
        """The machine of the image's architecture, as ELF calls it."""
        return self.table.machines.get(self.facts.platform, "")

    @property
    def on_aws_entrypoint(self) -> bool:
        """Whether the image starts as AWS's base images do."""
        return self.facts.entrypoint == self.table.entrypoint

    @property
    def task_root(self) -> str:
        """The directory of the function's code."""
        return self.facts.environment.get("LAMBDA_TASK_ROOT") or self.facts.working_directory or "/"

    @cached_property
    def python_version(self) -> int | None:
        """The minor version of the Python that runs the function, if it is clear."""
        if found := re.match(r"3\.(\d+)", self.facts.environment.get("PYTHON_VERSION", "")):
            return int(found[1])
        for prefix in ("/var/lang", "/usr/local", "/usr"):
            pattern = re.compile(rf"{prefix}/lib(?:64)?/python3\.(\d+)")
            if minors := {int(found[1]) for path in self.files if (found := pattern.fullmatch(path))}:
                return minors.pop() if len(minors) == 1 else None
        return None

    def search(self) -> list[str]:
        """Return the directories in which modules of the function are looked for."""
        row = self.table.rows["search"]
        listed = ":".join(self.facts.environment.get(name, "") for name in row["variables"])
        folders = (self.task_root, self.facts.working_directory or "/", *listed.split(":"), *row["directories"])
        return list(dict.fromkeys(filter(None, folders)))

    def find(self, path: str) -> tuple[str, LayerEntry] | None:
        """Return the file or directory that a path leads to, through symbolic links, and its own path."""
        found = self.resolve(path)
        placed = self.files.get(found) if found else None
        return (found, placed.entry) if found and placed and placed.entry else None

    def resolve(self, path: str) -> str | None:
        """Return the path without symbolic links at which a file or directory is; None if there is none."""
        parts = [part for part in posixpath.join(self.facts.working_directory or "/", path).split("/") if part]
        found, links = "", 0
        entry: LayerEntry | None = None
        while parts:
            part = parts.pop(0)
            if part in {".", ".."}:
                found = found if part == "." else posixpath.dirname(found).rstrip("/")
                continue
            placed = self.files.get(f"{found}/{part}")
            if placed is None:
                return None
            entry = placed.entry
            if entry and entry.kind == "symlink":
                links += 1
                parts = [word for word in entry.content.split("/") if word] + parts
                found = "" if entry.content.startswith("/") else found
                if links > _MOST_LINKS:
                    return None
                continue
            found = f"{found}/{part}"
        return found

    def program(self, word: str) -> tuple[str, LayerEntry] | None:
        """Return the program that a word of a command names, as the kernel or the shell looks for it."""
        if "/" in word:
            return self.find(word)
        path = self.facts.environment.get("PATH") or "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return next(filter(None, (self.find(f"{folder}/{word}") for folder in path.split(":") if folder)), None)

    def finding(self, code: str, message: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
        """Return a finding about the image."""
        return Finding(code=code, message=message, fix=fix, file=self.facts.reference, severity=severity)


def below(path: str, folders: Sequence[str]) -> bool:
    """Return whether a path is one of these directories, or in one."""
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def some(paths: Sequence[str], most: int = 5) -> str:
    """Return the first of these paths, and their number if there are more."""
    listed = ", ".join(paths[:most])
    return f"{listed}, … ({len(paths)} in total)" if len(paths) > most else listed


def size(number: int) -> str:
    """Return a number of bytes for people."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} bytes"


def base_by_history(facts: ImageFacts, entrypoint: Sequence[str]) -> int:
    """Return the number of lowest layers that seem to be a base's, by the commands in the history; a guess.

    An image inherits the history of its base, which ends with the base's own CMD or ENTRYPOINT: AWS's entry point, or
    the last that the image replaces.
    """
    words = {"CMD": facts.command, "ENTRYPOINT": facts.entrypoint}
    layers = found = 0
    for command, made_layer in facts.history:
        layers += made_layer
        if matched := _LAST_OF_BASE.match(command.strip()):
            instruction, given = matched[1], tuple(re.findall(r'"([^"]*)"', matched[2]))
            aws = instruction == "ENTRYPOINT" and given == tuple(entrypoint)
            if aws or given != words[instruction]:
                found = layers
    return found if layers == len(facts.diff_ids) and found < layers else 0


def every_entry(layers: Sequence[Layer], base: int = 0) -> Iterator[tuple[int, str, LayerEntry]]:
    """Yield the layer's number, the path and the entry of each file, hidden ones too, but for the `base` layers."""
    for number, layer in enumerate(layers[base:], start=base):
        for path, entry in layer:
            if path and not isinstance(entry, Whiteout):
                yield number, f"/{'/'.join(path)}", entry


def total(layers: Sequence[Layer]) -> int:
    """Return the size of all files in all layers, which is what Lambda limits."""
    return sum(entry.size for _, _, entry in every_entry(layers))


def largest(subject: Subject, most: int = 3) -> list[str]:
    """Return the largest directories of an image, three levels deep at most, with their sizes."""
    sizes: dict[str, int] = {}
    for path, entry in subject.own.items():
        if entry.kind == "file":
            folder = "/".join(path.split("/")[:-1][:4]) or "/"
            sizes[folder] = sizes.get(folder, 0) + entry.size
    return [f"{path} ({size(sizes[path])})" for path in sorted(sizes, key=lambda path: (-sizes[path], path))[:most]]
