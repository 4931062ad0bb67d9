"""The table of the preflight's checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffold.gates import above_base
from scaffold.gates.preflight import binaries, files, languages, secrets, start
from scaffold.gates.writers import image as writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.preflight.table import Table
    from scaffold.oci.content import Look

OF_SETTINGS: Final[tuple[Callable[[Subject], Iterable[Finding]], ...]] = (
    *(start.snapshots, start.settings, secrets.settings, secrets.names),
)
"""The checks of what an image's configuration says: each takes the facts, and yields what is wrong."""

OF_FILES: Final[tuple[Callable[[Subject], Iterable[Finding]], ...]] = (
    *(start.entrypoint, start.directory, start.client, start.extensions),
    *(binaries.machines, binaries.versions, binaries.loaders),
    *(languages.compiled, languages.bytecode, languages.development, languages.jars, writers.check),
    *(files.readable, files.parents, files.hidden, files.left_behind, files.caches, files.gpu, files.waste),
    *(secrets.files,),
)
"""The checks that read layers."""


OF_FUNCTIONS: Final[tuple[Callable[[Subject], Iterable[Finding]], ...]] = (start.bootstrap, start.handler)
"""The checks that read layers, of images that have a function and are not only a base for others."""


def of(subject: Subject, *, function: bool = True) -> list[Finding]:
    """Return what all checks find; without layers, those of the settings, and without a function, those of bases."""
    checks = [*([start.command] if function else []), *OF_SETTINGS]
    if subject.layers:
        checks += [*OF_FILES, *(OF_FUNCTIONS if function else [])]
    return [finding for check in checks for finding in check(subject)]


def look(table: Table, command: Sequence[str]) -> Look:
    """Return what the checks need of the files of an image with this command, besides their digests."""
    from functools import partial

    from scaffold.oci.content import Look

    handlers = start.handler_ends(table, command)
    return Look(marks=partial(secrets.marks, table), kept=partial(_kept, handlers))


def _kept(handlers: tuple[str, ...], path: str) -> bool:
    if f"/{path.removeprefix('./')}" in above_base.READ or secrets.kept(path):
        return True
    return bool(handlers) and path.endswith(handlers)
