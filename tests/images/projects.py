"""Generated projects, as their owner has them on disk, and what their scripts do."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import daemon
import stand_ins
import yaml
from support.template import CASES, tree_of, write_tree

from scaffold.rendering.engine import Engine

CA_BUNDLE = stand_ins.CA_BUNDLE


@dataclass(frozen=True)
class Project:
    """A generated project in a folder; its image has the name of its spec."""

    root: Path
    name: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def script(self, name: str, *words: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of its scripts, as `make` would."""
        return subprocess.run(
            [self.root / "scripts" / name, *words],
            env=os.environ | self.environment | variables,
            check=check,
            text=True,
            stdout=subprocess.PIPE,
            stderr=None if check else subprocess.PIPE,
        )

    def build(self, *words: str) -> "Project":
        self.script("build", "--quiet", *words)
        return self

    def stop(self, **variables: str) -> None:
        """Stop its functions, or the one that FUNCTION names."""
        environment = os.environ | self.environment | variables
        subprocess.run(
            ["make", "--silent", "stop"], cwd=self.root, env=environment, check=True, stderr=subprocess.DEVNULL
        )

    @contextmanager
    def running(self) -> Iterator["Project"]:
        """The project with its function running on a port of its own."""
        name = f"test-{self.name}-{os.getpid()}"
        named = self.with_variables(CONTAINER=name)
        try:
            named.script("run", PORT="0")
            with daemon.shown(daemon.client().containers.get(name)) as container:
                yield named.with_variables(PORT=str(daemon.port(container)))
        finally:
            named.stop()

    def with_variables(self, **variables: str) -> "Project":
        """The same project, whose scripts see these variables."""
        return Project(self.root, self.name, {**self.environment, **variables})

    def config(self) -> dict[str, Any]:
        """What the engine says of its image."""
        found: dict[str, Any] = daemon.client().images.get(f"{self.name}:latest").attrs
        return found


def make(engine: Engine, root: Path, spec: Mapping[str, Any], *overlays: Path) -> Project:
    """Write the project of a spec to `root`, with the owner's files of these folders over it.

    Where the spec places the project in a repository, `root` and the folders are the repository's.
    """
    where = root / spec.get("context", {}).get("project", "")
    write_tree(where, tree_of(engine.render(spec, engine.plan(spec), {})))
    for overlay in overlays:
        if overlay.is_dir():
            shutil.copytree(overlay, root, dirs_exist_ok=True)
    # The machine's own certificates, by the way that is meant for them: a network may intercept TLS.
    trusted = {"CA_BUNDLE": str(CA_BUNDLE)} if CA_BUNDLE.exists() else {}
    return Project(where, spec["name"], {"LAMBDA_RIE": str(stand_ins.emulator()), **trusted})


def spec_of(case: str) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load((CASES / case / "lambda-image.yaml").read_text(encoding="utf-8"))
    return spec


def layers_of_two_builds(
    engine: Engine, tmp_path: Path, case: str, words: Sequence[str], below: str = "project"
) -> tuple[Project, list[list[str]]]:
    """Build a case twice, with other folders, times and modes. Gives the second project, and the layers of both."""
    layers = []
    for turn in (1, 2):
        spec = spec_of(case) | {"name": f"{case}-twice-{os.getpid()}"}
        project = make(engine, tmp_path / str(turn) / below, spec, CASES / case / "project")
        shake(project.root, turn)
        layers.append(project.build(*words).config()["RootFS"]["Layers"])
    return project, layers


def shake(root: Path, turn: int) -> None:
    """Give the files of a project times and modes that differ by turn."""
    for path in sorted(root.rglob("*")):
        os.utime(path, (turn * 1_000_000, turn * 1_000_000))
        path.chmod(path.stat().st_mode & ~(0o077 if turn % 2 else 0))


def case(engine: Engine, root: Path, name: str, bases: Sequence[str], **changes: Any) -> Project:
    """Build the project of a case, with some keys of its spec changed; its image has a name of this process's own."""
    spec = spec_of(name) | {"name": f"{spec_of(name)['name']}-{os.getpid()}"} | changes
    spec = {key: value for key, value in spec.items() if value is not None}
    return make(engine, root, spec, CASES / name / "project").build(*bases)
