"""The paths that a base has itself: nothing that is built on it may write them.

The catalogue has them by system, and those of Lambda's runtime; an entry of the standards may replace them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffold.rendering.engine import Engine


@dataclass(frozen=True, kw_only=True)
class BasePaths:
    """The base's own paths: one that ends in a slash stands for everything below it, another one for itself.

    `runtime` are those of them with Lambda's runtime. `environment` and `working_directory` are those that an image
    inherits, as far as they are known.
    """

    own: tuple[str, ...] = ()
    runtime: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = "/"

    def owner_of(self, path: str, rows: Sequence[str]) -> str:
        """Return the row of these that a path belongs to; empty if there is none."""
        return next((row for row in rows if path == row.rstrip("/") or (row[-1] == "/" and path.startswith(row))), "")

    def below(self, path: str) -> str:
        """Return one of the base's own paths that is inside a directory; empty if there is none."""
        return next((row for row in self.own if row.startswith(f"{path.rstrip('/')}/")), "")


def of(row: Mapping[str, Any], engine: Engine) -> BasePaths:
    """Return the paths of a base from its entry in the standards and the tables of the catalogue."""
    aws, system = engine.table("lambda"), engine.table("systems").get(row["system"], {})
    included = row["runtime_client"] == "included"
    entry_point = [word for word in row.get("entrypoint", [])[:1] if word.startswith("/")]
    runtime = [*aws["runtime_paths"], *entry_point] if included else []
    # A base that serves several runtimes leaves open what all of them do.
    served = [{*engine.table("runtimes").get(name, {}).get("open_paths", [])} for name in row["runtimes"]]
    left_open = {*row.get("open_paths", [])} | set[str].intersection(*served)
    runtime = row.get("own_paths", runtime)
    own = row.get("own_paths", [*system.get("own_paths", []), *runtime])
    variables = aws["runtime_variables"] if included else {}
    return BasePaths(
        own=tuple(path for path in own if path not in left_open),
        runtime=tuple(path for path in runtime if path not in left_open),
        environment=variables | row.get("environment", {}),
        working_directory=aws["task_root"] if included else "/",
    )
