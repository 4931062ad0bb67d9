"""Node.js in real builds: dialects, managers and bases, locks, private registries, and what reaches the image."""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import daemon
import package_index
import projects
import pytest
from machine import until
from traces import assert_absent

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

LOCKS = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock"}
SPEC = {
    "version": 1,
    "name": f"node-{os.getpid()}",
    "runtime": "nodejs24.x",
    "architecture": "x86_64",
    "event": "none",
    "handler": "app.handler",
}
# The cases have the others.
FEW = {
    ("javascript", "yarn", "nodejs24.x"),
    ("typescript", "pnpm", "nodejs24.x"),
    ("javascript", "npm", "nodejs24-debian"),
}
ALL = [
    (dialect, manager, base)
    for dialect in ("javascript", "commonjs", "typescript")
    for manager in LOCKS
    for base in ("nodejs24.x", "nodejs24-debian")
]


def make(engine: Engine, root: Path, spec: dict[str, Any]) -> projects.Project:
    assert engine.problems(spec) == []
    return projects.make(engine, root, spec)


@pytest.mark.parametrize(
    ("dialect", "manager", "base"),
    [pytest.param(*row, marks=() if row in FEW else pytest.mark.full) for row in ALL],
)
def test_a_new_project_builds_and_answers(
    dialect: str, manager: str, base: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """With the lock that it starts with, which `make lock` leaves as it is."""
    spec = SPEC | {"language": dialect, "base": base, "dependencies": {"manager": manager}}
    project = make(engine, tmp_path / "project", spec).build(*bases)
    project.script("test", *bases)
    lock = project.root / LOCKS[manager]
    before = lock.read_text(encoding="utf-8")
    project.script("lock", "--quiet", *bases)
    assert lock.read_text(encoding="utf-8") == before


@pytest.mark.parametrize("case", ["node-workspace", "node-typescript", "node-yarn"])
def test_two_uncached_builds_have_the_same_layers(
    case: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """Of what is compiled once for all projects, no more than the last step is done again: it takes minutes."""
    words = ["--no-cache-filter=build", *bases]
    _, layers = projects.layers_of_two_builds(engine, tmp_path, case, words, below="a/b")
    assert layers[0] == layers[1]


def test_what_reaches_the_image(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """Of packages, what this function needs at run time; of TypeScript, the bundle and its map."""
    words = "cd /var/task; for path in * node_modules/* node_modules/@*/* node_modules/.*; do echo $path; done; ls /"
    found = {}
    for case in ("node-workspace", "node-commonjs", "node-yarn"):
        project = projects.case(engine, tmp_path / case, case, bases)
        listing = daemon.output(f"{project.name}:latest", "-c", words, entrypoint="/bin/sh").split()
        found[case] = {path for path in listing if path.startswith(("node_modules/", "app", "main", "package"))}
    assert found["node-workspace"] >= {"node_modules/ms", "node_modules/@shop/shapes", "main.mjs", "package.json"}
    assert "node_modules/ms" in found["node-commonjs"]
    assert {path for path in found["node-yarn"] if not path.startswith("node_modules/.")} >= {"app.mjs", "app.mjs.map"}
    names = {path.split("/")[1] for paths in found.values() for path in paths if "/" in path}
    assert names - {"*", ".*", ".", "..", "@*"} == {"ms", "@shop"}
    # Compiled code has a map to the lines of the sources.
    event = tmp_path / "event.json"
    event.write_text('{"name": "nobody"}')
    with project.running() as function:
        done = function.script("invoke", str(event), check=False)
    assert "nobody is there" in done.stdout + done.stderr
    assert "src/app.ts:4:" in done.stdout + done.stderr


def test_a_lock_that_does_not_fit_is_refused(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    for manager, said in {"npm": "npm ci", "pnpm": "ERR_PNPM_OUTDATED_LOCKFILE", "yarn": "YN0028"}.items():
        project = make(engine, tmp_path / manager, SPEC | {"dependencies": {"manager": manager}})
        manifest = json.loads((project.root / "package.json").read_text())
        (project.root / "package.json").write_text(json.dumps(manifest | {"dependencies": {"ms": "2.1.3"}}))
        done = project.script("build", "--progress=plain", *bases, check=False)
        assert done.returncode
        assert said in done.stderr, manager


def test_types_are_checked(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", SPEC | {"language": "typescript"})
    (project.root / "src/app.ts").write_text("export const handler = async (): Promise<number> => 'text';\n")
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode
    assert "src/app.ts(1,53): error TS2322" in re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)


@pytest.fixture
def index(docker_engine: Path, tmp_path: Path) -> Iterator[package_index.Index]:
    (tmp_path / "index").mkdir()
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as served:
        package_index.npm_package(tmp_path / "index", served.url, "inhouse", "1.0.0", {"index.js": "exports.day = 1;"})
        yield served


SETTINGS = {
    "npm": (".npmrc", "registry={0}/npm/\n//{1}/npm/:_authToken=${{NPM_TOKEN}}\n"),
    "pnpm": (".npmrc", "registry={0}/npm/\n//{1}/npm/:_authToken=${{NPM_TOKEN}}\n"),
    "yarn": (".yarnrc.yml", 'npmRegistryServer: "{0}/npm"\nnpmAuthToken: "${{NPM_TOKEN}}"\nnpmAlwaysAuth: true\n'),
}


@pytest.mark.parametrize("manager", ["npm", *(pytest.param(name, marks=pytest.mark.full) for name in ("pnpm", "yarn"))])
def test_a_private_registry_is_read_and_its_token_leaves_no_trace(
    manager: str, engine: Engine, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    secret = {"id": "npm_token", "env": "NPM_TOKEN", "for": ["dependencies"]}
    spec = SPEC | {"dependencies": {"manager": manager}, "build": {"secrets": [secret]}}
    project = make(engine, tmp_path / "project", spec | {"checks": {"imports": ["inhouse"]}})
    name, text = SETTINGS[manager]
    (project.root / name).write_text(text.format(index.url, index.url.removeprefix("https://")))
    manifest = json.loads((project.root / "package.json").read_text())
    (project.root / "package.json").write_text(json.dumps(manifest | {"dependencies": {"inhouse": "1.0.0"}}))
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    (tmp_path / "bundle.pem").write_text(trusted + index.authority.read_text(), encoding="utf-8")
    variables = {"CA_BUNDLE": str(tmp_path / "bundle.pem"), "NPM_TOKEN": package_index.PASSWORD}
    project.script("lock", "--quiet", *bases, **variables)
    project.script("build", "--quiet", "--no-cache-filter=build", *bases, **variables)
    project.script("test", *bases)
    archive = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
    assert_absent(archive, package_index.PASSWORD.encode())
    assert name not in daemon.output(f"{project.name}:latest", "-c", "ls -Ra /var/task", entrypoint="/bin/sh")
    assert package_index.PASSWORD not in json.dumps(project.config()) + daemon.history(f"{project.name}:latest")


def test_a_debugger_attaches(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", SPEC).build(*bases)
    container, port = f"debug-{os.getpid()}", str(20000 + os.getpid() % 10000)
    variables = os.environ | project.environment | {"CONTAINER": container, "PORT": "0", "DEBUG_PORT": port}
    with subprocess.Popen([project.root / "scripts/debug"], env=variables, stdout=subprocess.PIPE) as debug:

        def listed() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
                    return bool(json.loads(answer.read()))
            except OSError:
                return False

        try:
            assert until(listed, 60)
        finally:
            debug.terminate()
