"""The table of the preflight, `catalogue/preflight.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold.gates.writers import table as writers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaffold.gates.writers.table import Writer
    from scaffold.rendering.engine import Engine


_BYTECODE = ".pyc"  # without its source beside it


class Format(NamedTuple):
    """The format of a kind of secret; what has not the `anchor` in it need not be searched."""

    name: str
    anchor: bytes
    pattern: re.Pattern[bytes]


@dataclass(frozen=True, kw_only=True)
class Table:
    """The facts that checks compare with: the rows of the table, and what other tables say.

    `reserved` are Lambda's own variables, `secret_name` and `secret_reference` the patterns of the names of variables
    that hold a secret, and of those that only refer to one. `handlers` has, by language, the suffixes of the files of
    handlers: those that follow the name at once, and those of compiled files.
    """

    rows: Mapping[str, Any]
    secrets: tuple[Format, ...]
    setting_secrets: tuple[Format, ...]
    reserved: tuple[str, ...]
    secret_name: re.Pattern[str]
    secret_reference: re.Pattern[str]
    entrypoint: tuple[str, ...]
    task_root: str
    runtime_directory: str
    machines: Mapping[str, str]
    handlers: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    c_libraries: Mapping[str, str]
    snap_start: Mapping[str, str]
    writers: tuple[Writer, ...]
    megabytes: int


def load(engine: Engine) -> Table:
    """Return the table of a template."""
    rows, limits = engine.preflight, engine.table("lambda")
    handlers = {name: row["handler"] for name, row in engine.table("languages").items()}
    return Table(
        rows=rows,
        secrets=_formats(rows["secrets"]),
        setting_secrets=_formats([*rows["secrets"], *rows["setting_secrets"]]),
        reserved=tuple(name for name in limits["reserved_environment"] if name not in rows["reserved_in_base"]),
        secret_name=re.compile(limits["secret_names"], re.IGNORECASE),
        secret_reference=re.compile(limits["secret_references"], re.IGNORECASE),
        entrypoint=tuple(limits["entrypoint"]),
        task_root=limits["task_root"],
        runtime_directory=limits["runtime_directory"],
        machines={row["platform"]: row["machine"] for row in limits["architectures"].values()},
        handlers={
            name: (tuple(row["suffixes"]), (*row.get("compiled", ()), _BYTECODE))
            for name, row in handlers.items()
            if "suffixes" in row
        },
        c_libraries={name: row["c_library"] or "" for name, row in engine.table("systems").items()},
        snap_start=limits["snap_start"]["label"],
        writers=writers.of(rows["writers"]),
        megabytes=limits["image_megabytes"],
    )


def _formats(rows: Iterable[Mapping[str, str]]) -> tuple[Format, ...]:
    return tuple(Format(row["name"], row["anchor"].encode(), re.compile(row["pattern"].encode())) for row in rows)
