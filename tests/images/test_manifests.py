"""What manifests name, in real locks and builds: it reaches every step, or one line names manifest, line and key."""

import base64
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import daemon
import package_index
import projects
import pytest
from machine import until
from support.template import commit, git
from traces import assert_absent

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

SPEC = {"version": 1, "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}
HANDLER = (
    "import greetlib\nimport idna\n\n\ndef handler(event, context):\n    return greetlib.WORD + idna.__version__\n"
)
GREETLIB = {
    "pyproject.toml": '[project]\nname = "greetlib"\nversion = "0.1.0"\ndependencies = ["six"]\n'
    '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
    "greetlib/__init__.py": "import six\n\nWORD = six.text_type('hello ')\n",
}
WHEEL, ARCHIVE = "greetlib-0.1.0-py3-none-any.whl", "greetlib-0.1.0.tar.gz"
MANIFESTS = {"pip": "requirements.in", "uv": "pyproject.toml", "poetry": "pyproject.toml", "pipenv": "Pipfile"}
TEXTS = {
    "uv": '[project]\nname = "f"\nversion = "0.1.0"\nrequires-python = ">=3.13"\n'
    'dependencies = ["idna==3.10", "greetlib"]\n[tool.uv.sources]\ngreetlib = {%s}\n',
    "poetry": '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.13"\nidna = "3.10"\n'
    'greetlib = {%s}\n[[tool.poetry.source]]\nname = "simple"\nurl = "https://pypi.org/simple/"\n',
    "pipenv": '[[source]]\nurl = "https://pypi.org/simple"\nverify_ssl = true\nname = "pypi"\n'
    '[packages]\nidna = "==3.10"\ngreetlib = {%s}\n',
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a manifest can name: its path, the key that lists it, and how each sort of manifest writes it."""

    path: str
    key: str
    line: str = ""
    table: str = ""


KINDS = {
    "folder": Kind(path="libs/greetlib", key="projects", line="./libs/greetlib", table='path = "libs/greetlib"'),
    "editable": Kind(
        path="libs/greetlib",
        key="projects",
        line="-e ./libs/greetlib",
        table='path = "libs/greetlib", editable = true',
    ),
    "wheel": Kind(path=f"vendor/{WHEEL}", key="wheels", line=f"vendor/{WHEEL}", table=f'path = "vendor/{WHEEL}"'),
    "archive": Kind(
        path=f"vendor/{ARCHIVE}", key="wheels", line=f"./vendor/{ARCHIVE}", table=f'path = "vendor/{ARCHIVE}"'
    ),
    "-r": Kind(path="more/common.in", key="includes", line="-r more/common.in"),
    "-c": Kind(path="more/limits.in", key="includes", line="-c more/limits.in"),
}
FEW = [("pip", "editable"), ("pip", "-c"), ("uv", "wheel"), ("poetry", "folder"), ("pipenv", "archive")]
ALL = [(manager, kind) for manager in MANIFESTS for kind, row in KINDS.items() if manager == "pip" or row.table]


def made(engine: Engine, root: Path, manager: str, **dependencies: Any) -> projects.Project:
    """A project with all kinds of local packages, whatever its manifest names."""
    spec: dict[str, Any] = SPEC | {"name": f"manifests-{os.getpid()}"}
    spec["dependencies"] = {"manager": manager} | dependencies
    assert engine.problems(spec) == []
    project = projects.make(engine, root, spec)
    files = {f"libs/greetlib/{path}": text for path, text in GREETLIB.items()}
    files |= {"more/common.in": "greetlib\n-r ../deeper.in\n", "deeper.in": "six\n", "src/app.py": HANDLER}
    files["more/limits.in"] = "idna==3.10\nflask==3.1.1\n"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    package_index.wheel(root, "greetlib", "0.1.0", {"greetlib/__init__.py": "WORD = 'hello '\n"}, requires="six")
    (root / "vendor").mkdir()
    (root / "simple/greetlib" / WHEEL).rename(root / "vendor" / WHEEL)
    with tarfile.open(root / "vendor" / ARCHIVE, "w:gz") as archive:
        for path, text in GREETLIB.items():
            member = tarfile.TarInfo(f"greetlib-0.1.0/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return project


def write(project: projects.Project, manager: str, kind: str) -> str:
    """Write the manifest; the place of the line that names what it names."""
    row, manifest = KINDS[kind], project.root / MANIFESTS[manager]
    if manager == "pip":
        extra = {"-r": "", "-c": "./libs/greetlib\n"}.get(kind, "")
        (project.root / "more/common.in").write_text("./libs/greetlib\n-r ../deeper.in\n", encoding="utf-8")
        manifest.write_text(f"idna{'' if kind == '-c' else '==3.10'}\n{row.line}\n{extra}", encoding="utf-8")
        return f"{manifest.name}:2"
    table = row.table.replace("editable", "develop") if manager == "poetry" else row.table
    manifest.write_text(TEXTS[manager] % table, encoding="utf-8")
    numbered = enumerate(manifest.read_text(encoding="utf-8").splitlines(), 1)
    return f"{manifest.name}:{next(number for number, line in numbered if line.startswith('greetlib ='))}"


def said(project: projects.Project, script: str, *words: str) -> list[str]:
    """The lines that a script prints which must fail, without the builder's numbers."""
    done = project.script(script, "--progress=plain", *words, check=False)
    assert done.returncode != 0
    lines = [re.sub(r"^(#[0-9]+ )?[0-9.]+ ", "", line) for line in done.stderr.splitlines()]
    # The builder shows the instruction that failed, after a number, a bar or the name of the shell.
    own = [line for line in lines if not re.search(r"^ *[0-9]+ \||/bin/sh -c|\[[a-z]+ +[0-9]+/[0-9]+\] ", line)]
    assert not [line for line in own if re.search(r"/build/(project|manifests|lock)\b", line)], "a path nobody wrote"
    return lines


@pytest.mark.parametrize(
    ("manager", "kind"),
    [pytest.param(*pair, marks=() if pair in FEW else pytest.mark.full) for pair in ALL],
)
def test_what_a_manifest_names_reaches_lock_and_build(
    manager: str, kind: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    row = KINDS[kind]
    project = made(engine, tmp_path / "unlisted", manager)
    place = write(project, manager, kind)
    lines = [line for line in said(project, "lock", *bases) if line.startswith(place)]
    assert len(set(lines)) == 1, lines
    assert f"list it in dependencies.{row.key} of lambda-image.yaml" in lines[0]
    listed = {row.key: [row.path]}
    if kind in ("-r", "-c"):
        listed["projects"] = ["libs/greetlib"]
    project = made(engine, tmp_path / "listed", manager, **listed)
    write(project, manager, kind)
    project.script("lock", "--quiet", *bases)
    project.build(*bases)
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == "hello 3.10"
    listing = daemon.output(f"{project.name}:latest", "-c", "ls /var/task", entrypoint="/bin/sh").split()
    assert not {"flask", "click"} & set(listing)
    # The build without its list: what the lock names is said too, not what a tool cannot find below /build.
    if row.key != "includes":
        bare = made(engine, tmp_path / "bare", manager)
        for name in {MANIFESTS[manager], *(file.name for file in project.root.glob("*.lock")), "requirements.txt"}:
            if (project.root / name).is_file():
                (bare.root / name).write_bytes((project.root / name).read_bytes())
        lines = [line for line in said(bare, "build", *bases) if "list it in dependencies." in line]
        assert len(set(lines)) == 1, lines
        assert f"dependencies.{row.key}" in lines[0]


@pytest.fixture
def repository(docker_engine: Path, tmp_path: Path) -> Iterator[tuple[package_index.Index, str]]:
    """A server with a repository of a package at tool.git, which takes a password; its commit."""
    source = tmp_path / "tool"
    for path, text in GREETLIB.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text(
            text.replace('["six"]', "[]").replace("import six\n", "").replace("six.text_type", "str")
        )
    commit(source, "A tool")
    (tmp_path / "index").mkdir()
    git(source, "clone", "--quiet", "--bare", ".", str(tmp_path / "index/tool.git"))
    git(tmp_path / "index/tool.git", "update-server-info")
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as served:
        yield served, git(source, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize(
    "manager", ["pip", *(pytest.param(manager, marks=pytest.mark.full) for manager in ("uv", "poetry", "pipenv"))]
)
def test_git_reads_the_netrc_that_the_build_is_given(
    manager: str, engine: Engine, bases: Sequence[str], repository: tuple[package_index.Index, str], tmp_path: Path
) -> None:
    index, revision = repository
    url = f"{index.url}/tool.git"
    spec: dict[str, Any] = SPEC | {
        "name": f"from-git-{os.getpid()}",
        "base": "python3.13-debian",
        "dependencies": {"manager": manager},
        "build": {
            "secrets": [
                {"id": "netrc", "env": "NETRC", "file": "~/.netrc", "for": ["dependencies"]},
                {"id": "git_token", "env": "GIT_TOKEN", "for": ["dependencies"]},
            ]
        },
    }
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    (tmp_path / "bundle.pem").write_text(trusted + index.authority.read_text(), encoding="utf-8")
    login = f"machine {index.host} login {package_index.USER} password {package_index.PASSWORD}\n"
    (tmp_path / "netrc").write_text(login, encoding="utf-8")
    variables = {"CA_BUNDLE": str(tmp_path / "bundle.pem"), "NETRC": str(tmp_path / "netrc")}
    variables["GIT_TOKEN"] = f"{package_index.USER}:{package_index.PASSWORD}"
    for packages in ([], ["git"]):
        assert engine.problems(spec | {"build_packages": packages}) == []
        project = projects.make(engine, tmp_path / f"project{len(packages)}", spec | {"build_packages": packages})
        (project.root / "src/app.py").write_text(HANDLER)
        script = "build" if manager == "pip" else "lock"
        if manager == "pip":
            (project.root / "requirements.txt").write_text(f"idna==3.10\ngreetlib @ git+{url}@{revision}\n")
        else:
            (project.root / MANIFESTS[manager]).write_text(TEXTS[manager] % f'git = "{url}", rev = "{revision}"')
        if manager == "pipenv":
            manifest = (project.root / "Pipfile").read_text().replace("rev =", "ref =")
            (project.root / "Pipfile").write_text(manifest)
        project = project.with_variables(**variables)
        if not packages:
            lines = [line for line in said(project, script, *bases) if "add build_packages: [git]" in line]
            assert len(set(lines)) == 1
            assert lines[0].startswith(("requirements.txt:2: ", "pyproject.toml:", "Pipfile:"))
        elif manager != "pip":
            project.script("lock", "--quiet", *bases)
    project.build(*bases)
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == "hello 3.10"
    if manager == "pip":
        (tmp_path / "netrc").write_text("")
        address = url.replace("https://", "https://${GIT_TOKEN}@")
        (project.root / "requirements.txt").write_text(f"idna==3.10\ngreetlib @ git+{address}@{revision}\n")
        done = project.script("build", "--progress=plain", *bases, check=False)
        assert done.returncode == 0, done.stderr
        archive = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
        assert_absent(archive, package_index.PASSWORD.encode())
        config = json.dumps(project.config()) + daemon.history(f"{project.name}:latest")
        assert package_index.PASSWORD not in done.stdout + done.stderr + config


def test_a_file_at_a_url_is_taken_with_its_digest(
    engine: Engine, bases: Sequence[str], docker_engine: Path, tmp_path: Path
) -> None:
    (tmp_path / "index").mkdir()
    digest = package_index.wheel(tmp_path / "index/public", "greetlib", "0.1.0", {"greetlib.py": "WORD = 'hello '\n"})
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as index:
        trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
        (tmp_path / "bundle.pem").write_text(trusted + index.authority.read_text(), encoding="utf-8")
        url = f"{index.url}/public/simple/greetlib/{WHEEL}"
        for right in (False, True):
            package = f"greetlib @ {url}#sha256={digest if right else '0' * 64}"
            spec = SPEC | {"name": f"url-{os.getpid()}", "dependencies": {"packages": ["idna==3.10", package]}}
            assert engine.problems(spec) == []
            project = projects.make(engine, tmp_path / f"project{right:d}", spec)
            (project.root / "src/app.py").write_text(HANDLER)
            project = project.with_variables(CA_BUNDLE=str(tmp_path / "bundle.pem"))
            if not right:
                assert any("DO NOT MATCH THE HASHES" in line for line in said(project, "build", *bases))
        project.build(*bases)
    with project.running() as function:
        assert json.loads(function.script("invoke").stdout) == "hello 3.10"


AGENT = """\
import os, pathlib, socket
from setuptools import setup

# The first key that the agent lists: https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent
with socket.socket(socket.AF_UNIX) as agent:
    agent.connect(os.environ["SSH_AUTH_SOCK"])
    agent.sendall(b"\\0\\0\\0\\1\\x0b")
    with agent.makefile("rb") as answer:
        said = answer.read(int.from_bytes(answer.read(4), "big"))
size = int.from_bytes(said[5:9], "big")
pathlib.Path("tool.py").write_text(f"KEY = {said[9:9 + size].hex()!r}\\n")
setup(name="tool", version="1", py_modules=["tool"])
"""


def test_an_ssh_agent_reaches_the_step_that_installs(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
        environment = os.environ | {"SSH_AUTH_SOCK": str(socket)}
        assert until(socket.exists, 20)
        subprocess.run(["ssh-add", "-q", tmp_path / "key"], check=True, env=environment)
        spec = SPEC | {"name": f"agent-{os.getpid()}", "build": {"ssh": True}, "dependencies": {"projects": ["tool"]}}
        spec["dependencies"]["files"] = ["requirements.txt"]
        assert engine.problems(spec) == []
        project = projects.make(engine, tmp_path / "project", spec).with_variables(SSH_AUTH_SOCK=str(socket))
        (project.root / "tool").mkdir()
        (project.root / "tool/setup.py").write_text(AGENT)
        (project.root / "src/app.py").write_text("import tool\n\n\ndef handler(event, context):\n    return tool.KEY\n")
        assert (
            "build.ssh needs an SSH agent"
            in project.with_variables(SSH_AUTH_SOCK="").script("build", *bases, check=False).stderr
        )
        # Whatever agent an earlier run of this test had: its step would come from the builder's cache.
        project.build("--no-cache-filter=build", *bases)
        with project.running() as function:
            key = base64.b64decode((tmp_path / "key.pub").read_text().split()[1]).hex()
            assert json.loads(function.script("invoke").stdout) == key
    finally:
        agent.terminate()
        agent.wait()
