"""Reports a handler whose module is not in the code, with the code that it most likely means."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from scaffold.findings.suggest import nearest
from scaffold.project import files, git, observation
from scaffold.project.code import definition, looks
from scaffold.project.find import SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.documents.events import KeyPath
    from scaffold.findings.finding import Finding
    from scaffold.project.code.subject import Subject
    from scaffold.rendering.plan import Handler

_MOST_FILES = 200
"""How many files are read in search of a function."""


def finding(project: Subject, handler: Handler, key: KeyPath, places: Sequence[str], *, is_new: bool) -> Finding | None:
    """Return the finding about a handler with none of these source files, or None where nothing can be said.

    With `is_new`, its starter is about to be created, and only code that it resembles makes it a finding.
    """
    advice = _advice(project, handler)
    if not advice and (is_new or _is_brought(project)):
        return None
    observation.not_repeatable()
    if _is_compiled(project, handler) or _is_packaged(project, handler) or git.ignored(project.root, places):
        return None
    message = f"{handler['handler']} is not in the code"
    if places:
        message = f"{message}: there is no {places[0]}"
    ways = [advice.text] if advice else []
    if handler["file"] and not (advice and advice.certain):
        ways.append(f"To start with a new file, run `scaffold render --starters`, which creates {handler['file']}.")
    if not advice:
        ways.append(f"If a dependency contains it, add {handler['module']} to checks.imports: `make test` verifies it.")
    return project.finding("missing-handler", message, key, " ".join(ways))


class _Advice(NamedTuple):
    """A sentence about the code that a handler resembles, and whether it surely is what the handler means."""

    text: str
    certain: bool = False


def _advice(project: Subject, handler: Handler) -> _Advice | None:
    """Return advice about the code that a handler resembles; None if it resembles none."""
    wanted = _stem(project, handler["files"][0])
    modules = dict(_modules(project))
    for other, path in modules.items():
        if wanted.endswith(f"/{other}") or other.endswith(f"/{wanted}"):
            return _Advice(_suggestion(project, handler, other, path), certain=True)
    if outside := _outside(project, handler):
        return _Advice(_inclusion(project, handler, *outside), certain=True)
    taken = {_stem(project, file) for row in project.plan["functions"] for file in row["handler"]["files"]} - {wanted}
    free = {other: path for other, path in modules.items() if other not in taken}
    if near := nearest(wanted, free):
        return _Advice(_suggestion(project, handler, near, free[near]))
    starters = project.starters() if free else {}
    for other, path in list(free.items())[:_MOST_FILES]:
        source = observation.content(project.root, path) or b""
        # A starter as it was created is nobody's code yet.
        if source != starters.get(path) and project.surely_defines(source, handler["function"]):
            return _Advice(_suggestion(project, handler, other, path))
    return None


def _modules(project: Subject) -> Iterator[tuple[str, str]]:
    """Yield the path of each module of the code without its ending, and of its file."""
    for entry in project.entries:
        stem = _stem(project, entry.to)
        if stem != entry.to and entry.target is None:
            yield stem, entry.path


def _stem(project: Subject, file: str) -> str:
    # The longest first, since one ending can be part of another.
    for suffix in sorted(project.modules["suffixes"], key=len, reverse=True):
        if file.endswith(suffix):
            return file.removesuffix(suffix)
    return file


def _suggestion(project: Subject, handler: Handler, module: str, path: str) -> str:
    source, function = observation.content(project.root, path) or b"", handler["function"]
    if not project.surely_defines(source, function):
        defined = definition.read(source, project.plan["runtime"]["language"])
        functions = defined.functions if defined else ()
        function = nearest(function, functions) or next(iter(functions), function)
    name = module.replace("/", project.modules["separator"])
    return f'Did you mean "{name}.{function}", in {path}?'


def _outside(project: Subject, handler: Handler) -> tuple[str, str] | None:
    """Return a directory of the project, and the module's file below it, which is not in the code."""
    with files.opened(project.root) as tree:
        names = [name for name in files.names(tree, "") or () if name not in SKIPPED]
    for folder in ("", *names):
        for file in handler["files"]:
            if looks.place(project.root, f"{folder}/{file}" if folder else file) == looks.FILE:
                return folder, file
    return None


def _inclusion(project: Subject, handler: Handler, folder: str, file: str) -> str:
    rows = ", ".join(row["from"] for row in project.plan["code"])
    path = f"{folder}/{file}" if folder else file
    home = (handler["file"] or "").removesuffix(file)
    move = f", or move it to {home}" if home else ""
    wanted = folder or file.partition("/")[0]
    to = f", to: {wanted}" if not folder and "/" in file else ""
    whole = " (or {from: .} for the whole directory)" if wanted == file else ""
    return f"{path} is outside the code, which is {rows}: set code: [{{from: {wanted}{to}}}]{whole}{move}."


def _is_compiled(project: Subject, handler: Handler) -> bool:
    stem = _stem(project, handler["files"][0])
    endings = tuple(project.modules.get("compiled", ()))
    return any(entry.to.startswith(f"{stem}.") and entry.to.endswith(endings) for entry in project.entries)


def _is_packaged(project: Subject, handler: Handler) -> bool:
    """Return whether a local package or a wheel of the spec has the module."""
    dependencies = project.plan["dependencies"]
    for package in map(project.on_disk, dependencies["projects"]):
        here = project.root / package
        for file in handler["files"]:
            if (here / file).is_file() or any(here.glob(f"*/{file}")):  # such as src
                return True
    return any(_contains(project, project.on_disk(wheel), handler) for wheel in dependencies["wheels"])


def _contains(project: Subject, wheel: str, handler: Handler) -> bool:
    import zipfile

    with suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(project.root / wheel) as archive:
        return not set(handler["files"]).isdisjoint(archive.namelist())
    return False


def _is_brought(project: Subject) -> bool:
    """Return whether a local package or a wheel could have the module, where none of the code resembles it."""
    return bool(project.plan["dependencies"]["projects"] or project.plan["dependencies"]["wheels"])
