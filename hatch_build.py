"""Hatch's hook: a wheel ships its templates compiled to Python, so that its first run is quick."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTemplates(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `scaffold/_template/compiled` to a wheel; an editable installation has none."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every template into a temporary folder, and have it included."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from scaffold.locations import COMPILED
        from scaffold.rendering.engine import Engine

        self._folder = tempfile.TemporaryDirectory()
        for name, source in Engine(Path(self.root)).compiled():
            Path(self._folder.name, name).write_text(source, encoding="utf-8")
        build_data["force_include"][self._folder.name] = f"scaffold/_template/{COMPILED}"

    def finalize(self, version: str, *_: object) -> None:
        """Remove the temporary folder."""
        if version != "editable":
            self._folder.cleanup()
