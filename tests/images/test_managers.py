"""Package managers in real builds: locks are enforced and made, local packages arrive, secrets leave no trace."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import daemon
import package_index
import projects
import pytest
from support.template import CASES, commit, git
from traces import assert_absent

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pipenv": "Pipfile.lock"}
MANIFESTS = {"uv": "pyproject.toml", "poetry": "pyproject.toml", "pipenv": "Pipfile"}
HANDLER = "import {0}\n\n\ndef handler(event, context):\n    return {0}.__name__\n"


def make(engine: Engine, root: Path, case: str, **changes: Any) -> projects.Project:
    """The project of a case, not yet built, under a name of this process's own."""
    spec = projects.spec_of(case) | {"name": f"{projects.spec_of(case)['name']}-{os.getpid()}"} | changes
    spec = {key: value for key, value in spec.items() if value is not None}
    return projects.make(engine, root, spec, CASES / case / "project")


def files(root: Path) -> set[Path]:
    """The files of a project, without what scripts remember in .image."""
    return {path for path in root.rglob("*") if path.is_file() and ".image" not in path.parts}


def refused(project: projects.Project, script: str, *words: str, **variables: str) -> str:
    """What a build says that must fail."""
    done = project.script(script, "--progress=plain", *words, check=False, **variables)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize("manager", LOCKS)
def test_a_stale_lock_is_refused(manager: str, engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", manager)
    manifest = project.root / MANIFESTS[manager]
    manifest.write_text(manifest.read_text().replace("1.17.0", "1.16.0"))
    assert f"\n{LOCKS[manager]} does not fit {MANIFESTS[manager]}" in re.sub(
        r"\n#?[0-9]+ [0-9.]+ ", "\n", refused(project, "build", *bases)
    )


@pytest.mark.parametrize("manager", LOCKS)
def test_a_group_that_is_not_there_is_refused(
    manager: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    dependencies = {"manager": manager, "groups": ["absent"]}
    said = refused(make(engine, tmp_path / "project", manager, dependencies=dependencies), "build", *bases)
    assert re.search(r"^#[0-9]+ [0-9.]+ .*absent", said, re.MULTILINE), said


@pytest.mark.parametrize("manager", LOCKS)
def test_a_lock_without_hashes_is_refused(manager: str, engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", manager)
    lock = project.root / LOCKS[manager]
    text = re.sub(r', hash = "[^"]*"', "", lock.read_text())  # uv
    text = re.sub(r"^ +\{file = .*$", "", text, flags=re.MULTILINE)  # Poetry
    lock.write_text(re.sub(r'^ +"sha256:[0-9a-f]{64}",?$', "", text, flags=re.MULTILINE))  # Pipenv
    assert "six==1.17.0" in (said := refused(project, "build", *bases))
    assert "the lock has no hash for it" in said


@pytest.mark.parametrize("manager", LOCKS)
def test_the_manager_is_not_in_the_image(manager: str, engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", manager).build(*bases)
    image = f"{project.name}:latest"
    listing = daemon.output(image, "-c", "ls -R / 2>/dev/null | grep -v '^/proc'", entrypoint="/bin/sh")
    assert "idna" in listing
    assert not {"uv", "poetry", "pipenv", "hashed.txt", "requirements"} & set(listing.splitlines())


@pytest.mark.parametrize("case", [*LOCKS, "monorepo", "projects", "pytest"])
def test_locks_are_made_in_the_image_s_own_base(
    case: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = make(engine, tmp_path / "project", case)
    names = {"monorepo": "../../uv.lock", "projects": "requirements.txt", "pytest": "requirements-test.txt"}
    name = (names | LOCKS)[case]
    lock = project.root / name
    committed = lock.read_text()
    lock.unlink()
    if case == "pytest":  # the image's requirements are written by hand, and stay as they are
        (project.root / "requirements.in").unlink()
    before = files(tmp_path / "project")
    if case == "uv":
        assert "uv.lock is missing: make lock writes it." in refused(project, "build")
    project.script("lock", "--quiet", *bases)
    assert lock.read_text() == committed
    assert files(tmp_path / "project") == before | {lock.resolve()}


def test_what_has_no_wheel_for_the_image_cannot_be_locked(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", "projects")
    (project.root / "requirements.in").write_text("docopt==0.6.2\n")
    assert "docopt" in refused(project, "lock", *bases)
    (project.root / "requirements.in").unlink()
    assert "requirements.in is missing" in refused(project, "lock", *bases)


def test_packages_of_tests_need_hashes(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", "pytest")
    (project.root / "requirements-test.txt").write_text("pytest==8.4.2\n")
    assert "Each package in requirements-test.txt needs a version and a hash: run make lock." in refused(
        project, "test", *bases
    )
    (project.root / "requirements-test.txt").unlink()
    assert "requirements-test.txt is missing: make lock writes it." in refused(project, "test", *bases)


@pytest.mark.parametrize("case", ["uv", "monorepo", "projects"])
def test_two_uncached_builds_have_the_same_layers(
    case: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    layers = []
    for turn in (1, 2):
        project = make(engine, tmp_path / str(turn), case).build("--no-cache", *bases)
        layers.append(project.config()["RootFS"]["Layers"])
    assert layers[0] == layers[1]


def test_an_argument_can_be_overridden_and_is_not_in_the_image(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = make(engine, tmp_path / "project", "projects").build("--build-arg=CHANNEL=canary-51d0", *bases)
    image, metadata = f"{project.name}:latest", "/var/task/shared-0.3.0.dist-info/METADATA"
    assert "Summary: canary-51d0" in daemon.output(image, metadata, entrypoint="/bin/cat")
    assert "canary-51d0" not in json.dumps(project.config())
    assert "CHANNEL" not in daemon.history(image)


def test_a_project_at_another_place_is_told(engine: Engine, tmp_path: Path, bases: Sequence[str]) -> None:
    project = make(engine, tmp_path / "repository", "monorepo")
    moved = project.root.rename(project.root.with_name("find"))
    said = refused(projects.Project(moved, project.name, project.environment), "build", *bases)
    assert f"places this project in {moved.with_name('search')}, but it is in {moved}: correct one." in said


def test_a_moving_git_dependency_is_refused(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    project = make(engine, tmp_path / "project", "debian", build_packages=None, system_packages=None, base=None)
    (project.root / "requirements.txt").write_text("six==1.17.0\ntool @ git+https://git.example.com/tool.git@main\n")
    said = refused(project, "build", *bases)
    assert " requirements.txt:2: tool @ git+https://git.example.com/tool.git@main: write @ and the whole" in said


def test_a_git_dependency_has_no_hash_to_enforce(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    hashed = {"files": ["requirements.txt"], "require_hashes": True}
    changes = {"build_packages": None, "system_packages": None, "base": None, "dependencies": hashed}
    project = make(engine, tmp_path / "project", "debian", **changes)
    (project.root / "requirements.txt").write_text("tool @ git+https://git.example.com/tool.git@main\n")
    assert "hash" in refused(project, "build", *bases).lower()


@pytest.fixture
def index(docker_engine: Path, tmp_path: Path) -> Iterator[package_index.Index]:
    (tmp_path / "index").mkdir()
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as served:
        yield served


def with_netrc(index: package_index.Index, tmp_path: Path) -> dict[str, str]:
    """The variables that let a build read the index: trust in its authority, and the password."""
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    (tmp_path / "bundle.pem").write_text(trusted + index.authority.read_text(), encoding="utf-8")
    (tmp_path / "netrc").write_text(
        f"machine {index.host} login {package_index.USER} password {package_index.PASSWORD}\n", encoding="utf-8"
    )
    return {"CA_BUNDLE": str(tmp_path / "bundle.pem"), "NETRC": str(tmp_path / "netrc")}


def repository(folder: Path) -> str:
    """Put a repository of a package on the index, at public/tool.git; its commit."""
    source = folder.parent / "tool"
    source.mkdir()
    (source / "tool.py").write_text("")
    setup = 'from setuptools import setup\n\nsetup(name="tool", version="1.0", py_modules=["tool"])\n'
    (source / "setup.py").write_text(setup)
    commit(source, "A tool")
    git(source, "clone", "--quiet", "--bare", ".", str(folder / "public/tool.git"))
    git(folder / "public/tool.git", "update-server-info")
    return git(source, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize("manager", ["pip", "uv"])
def test_a_package_from_git_is_taken_at_its_commit(
    manager: str, engine: Engine, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    package = f"tool @ git+{index.url}/public/tool.git@{repository(tmp_path / 'index')}"
    dependencies: dict[str, Any] = {"packages": [package]} if manager == "pip" else {"manager": "uv"}
    packages = None if manager == "pip" else ["git"]
    changes = {"base": "python3.13-debian", "dependencies": dependencies, "build_packages": packages}
    project = make(engine, tmp_path / "project", "minimal", **changes)
    (project.root / "src/app.py").write_text(HANDLER.format("tool"))
    variables = with_netrc(index, tmp_path)
    if manager == "uv":
        manifest = project.root / "pyproject.toml"
        manifest.write_text(manifest.read_text().replace("dependencies = [\n", f'dependencies = [\n"{package}",\n'))
        project.script("lock", "--quiet", *bases, **variables)
    project.script("build", "--quiet", *bases, **variables)
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == "tool"
    said = daemon.output(f"{project.name}:latest", "-c", "command -v git || echo none", entrypoint="/bin/sh")
    assert said == "none\n"


SECRET = {"id": "netrc", "env": "NETRC", "file": "~/.netrc", "for": ["dependencies"]}


def test_a_private_index_is_read_and_its_password_leaves_no_trace(
    engine: Engine, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    package_index.wheel(tmp_path / "index", "inhouse", "1.0", {"inhouse.py": ""})
    spec = {
        "version": 1,
        "name": f"private-{os.getpid()}",
        "runtime": "python3.13",
        "architecture": "x86_64",
        "handler": "app.handler",
        "dependencies": {
            "packages": ["inhouse==1.0", "six==1.17.0"],
            "indexes": [{"url": f"{index.url}/simple", "packages": ["inhouse"]}],
        },
        "build": {"secrets": [SECRET, {"id": "token", "env": "CANARY", "for": ["dependencies"]}]},
    }
    assert engine.problems(spec) == []
    project = projects.make(engine, tmp_path / "project", spec)
    (project.root / "src/app.py").write_text(HANDLER.format("inhouse"))
    dockerfile = project.root / "Dockerfile"
    proof = 'test "$CANARY" = canary-9a40 && python3 -m pip'
    dockerfile.write_text(dockerfile.read_text().replace("&& python3 -m pip", f"&& {proof}"))
    variables = with_netrc(index, tmp_path)
    assert "the secret token is missing: set CANARY" in refused(project, "build", *bases, **variables)
    missing = variables | {"CANARY": "canary-9a40", "NETRC": str(tmp_path / "absent")}
    assert "the secret netrc is missing" in refused(project, "build", *bases, **missing)
    done = project.script(
        "build", "--no-cache", "--progress=plain", *bases, check=False, **variables, CANARY="canary-9a40"
    )
    assert done.returncode == 0, done.stderr
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == "inhouse"
    archive = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
    said = json.dumps(project.config()) + daemon.history(f"{project.name}:latest")
    for canary in (package_index.PASSWORD, "canary-9a40"):
        assert canary not in said + (done.stdout + done.stderr).replace(proof, "").replace("= canary-9a40", "")
        assert_absent(archive, canary.encode())


def test_torch_is_the_cpu_build_even_where_another_package_asks_for_it(
    template: Path, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    where = tmp_path / "template"
    shutil.copytree(template, where)
    table = where / "catalogue/languages.json"
    table.write_text(table.read_text().replace("https://download.pytorch.org/whl/cpu", f"{index.url}/simple"))
    for version, cuda in (("99.0+cpu", "None"), ("99.1+cu130", "'13.0'")):
        about = f"from typing import Optional\ncuda: Optional[str] = {cuda}\n"
        package_index.wheel(tmp_path / "index", "torch", version, {"torch/__init__.py": "", "torch/version.py": about})
    package_index.wheel(tmp_path / "index", "encoder", "1.0", {"encoder.py": "import torch\n"}, requires="torch<99.1")
    package_index.wheel(tmp_path / "index", "encoder", "1.1", {"encoder.py": "import torch\n"}, requires="torch")
    engine = Engine(where)
    variables = with_netrc(index, tmp_path)
    for version in ("1.0", "1.1"):
        project = make(
            engine,
            tmp_path / version,
            "minimal",
            dependencies={"torch": "cpu", "packages": [f"encoder=={version}"]},
            build={"secrets": [SECRET]},
        )
        (project.root / "src/app.py").write_text(HANDLER.format("encoder"))
        done = project.script("build", "--progress=plain", *bases, check=False, **variables)
        assert (done.returncode == 0) == (version == "1.0"), done.stderr
    assert "torch: this is a build with CUDA" in done.stderr


def test_a_base_whose_python_is_elsewhere_is_refused_by_the_build(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    base = {"image": "public.ecr.aws/lambda/python", "tag": "3.13", "system": "al2023"}
    assert engine.problems(projects.spec_of("minimal") | {"base": base}) == []
    said = refused(make(engine, tmp_path / "project", "minimal", base=base), "build", *bases)
    assert "/usr/local/bin/python3, which is to start the function, is not a Python 3.13 in the base image" in said


def test_the_image_of_another_version_is_refused_by_the_build(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """As a digest that belongs to another base would bring it."""
    other = "--build-context=public.ecr.aws/lambda/python:3.13=docker-image://scaffold.invalid/lambda-python:3.11"
    said = "the base image does not have Python 3.13: correct base or runtime in lambda-image.yaml."
    for name, dependencies in (("code", None), ("requirements", {"files": ["requirements.txt"]})):
        project = make(engine, tmp_path / name, "minimal", dependencies=dependencies)
        (project.root / "requirements.txt").write_text("no-such-package==1.0\n")
        assert f"{said}\n" in refused(project, "build", *bases, other)
