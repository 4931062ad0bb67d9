"""Go in real builds: private modules, workspaces, what needs C, and another processor."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import daemon
import package_index
import projects
import pytest
import yaml
from support.template import CASES
from traces import assert_absent

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

MODULE, VERSION = "git.acme.example/greet", f"v1.0.{os.getpid()}"
GO_MOD = f"module {MODULE}\n\ngo 1.26\n"
SECRET = {"id": "netrc", "env": "NETRC", "file": "~/.netrc", "for": ["dependencies"]}


@pytest.fixture
def index(docker_engine: Path, tmp_path: Path) -> Iterator[package_index.Index]:
    """A module proxy with TLS and a password, which has one module."""
    put(tmp_path / "index", {"go.mod": GO_MOD, "greet.go": 'package greet\n\nconst Word = "private"\n'})
    with package_index.serve(tmp_path / "index", tmp_path / "tls") as served:
        yield served


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Put the module there as a proxy serves it: https://go.dev/ref/mod#goproxy-protocol."""
    place = folder / MODULE / "@v"
    place.mkdir(parents=True)
    (place / "list").write_text(f"{VERSION}\n")
    (place / f"{VERSION}.info").write_text(json.dumps({"Version": VERSION, "Time": "2026-01-01T00:00:00Z"}))
    (place / f"{VERSION}.mod").write_text(GO_MOD)
    with zipfile.ZipFile(place / f"{VERSION}.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{MODULE}@{VERSION}/{name}", text)


def h1(files: Mapping[str, str]) -> str:
    """The hash of go.sum: https://go.dev/ref/mod#go-sum-files."""
    lines = (f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items()))
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


def test_a_private_module_arrives_and_its_password_stays_out(
    engine: Engine, bases: Sequence[str], index: package_index.Index, tmp_path: Path
) -> None:
    proxies = f"{index.url},https://proxy.golang.org"
    spec = projects.spec_of("go") | {"name": f"private-{os.getpid()}", "event": "none"}
    spec["build"] = {"secrets": [SECRET], "args": {"GOPROXY": proxies, "GONOPROXY": "none", "GOPRIVATE": MODULE}}
    spec["dependencies"] = {"files": ["go.mod", "go.sum"]}
    assert engine.problems(spec) == []
    project = projects.make(engine, tmp_path / "project", spec)
    (project.root / "greet.go").write_text(
        f'package main\n\nimport "{MODULE}"\n\nfunc init() {{ println(greet.Word) }}\n'
    )
    with (project.root / "go.mod").open("a") as file:
        file.write(f"\nrequire {MODULE} {VERSION}\n")
    bundle = tmp_path / "bundle.pem"
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    bundle.write_text(trusted + index.authority.read_text())
    netrc = tmp_path / "netrc"
    place = index.url.removeprefix("https://")  # since 1.24, Go compares the port too
    given = {"CA_BUNDLE": str(bundle), "NETRC": str(netrc)}

    def refused(password: str) -> str:
        netrc.write_text(f"machine {place} login {package_index.USER} password {password}\n")
        done = project.script("build", "--progress=plain", *bases, check=False, **given)
        assert done.returncode
        return done.stderr

    lock = (project.root / "go.sum").read_text()
    content = {f"{MODULE}@{VERSION}/{name}": text for name, text in {"go.mod": GO_MOD, "greet.go": "other"}.items()}
    manifest = f"{MODULE} {VERSION}/go.mod {h1({'go.mod': GO_MOD})}\n"
    (project.root / "go.sum").write_text(f"{lock}{MODULE} {VERSION} {h1(content)}\n{manifest}")
    assert "401" in refused("wrong")
    said = refused(package_index.PASSWORD)
    assert "checksum mismatch" in said, said
    content[f"{MODULE}@{VERSION}/greet.go"] = 'package greet\n\nconst Word = "private"\n'
    (project.root / "go.sum").write_text(f"{lock}{MODULE} {VERSION} {h1(content)}\n{manifest}")
    (project.root / "main.go").write_text((project.root / "main.go").read_text() + "\nvar _ = answer\n")
    (project.root / "answer.go").write_text('package main\n\nimport "C"\n\nvar answer = int(C.int(42))\n')
    assert "undefined: answer" in refused(package_index.PASSWORD), "what needs C is not compiled"
    (project.root / "answer.go").write_text("package main\n\nvar answer = 42\n")
    project.script("build", "--quiet", *bases, **given)
    with project.running() as function:
        assert "Hello, " in function.script("invoke").stdout
    saved = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
    for said in (json.dumps(project.config()), daemon.history(f"{project.name}:latest")):
        assert package_index.PASSWORD not in said
    assert_absent(saved, package_index.PASSWORD.encode())


def test_a_program_for_another_processor_needs_no_emulation(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    machines = {"x86_64": 0x3E, "arm64": 0xB7}
    other = "x86_64" if os.uname().machine in {"aarch64", "arm64"} else "arm64"
    spec = projects.spec_of("go-scratch") | {"name": f"cross-{os.getpid()}", "architecture": other}
    project = projects.make(engine, tmp_path / "project", spec).build(*bases)
    assert project.config()["Architecture"] == {"arm64": "arm64", "x86_64": "amd64"}[other]
    container = daemon.client().containers.create(
        f"{project.name}:latest", platform=f"linux/{project.config()['Architecture']}"
    )
    try:
        stream, _ = container.get_archive("/var/runtime/bootstrap")
        archive = b"".join(stream)
    finally:
        container.remove()
    program = archive[archive.index(b"\x7fELF") :]
    assert struct.unpack("<H", program[18:20]) == (machines[other],)


def test_a_time_zone_is_looked_up_where_the_program_runs(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("go") | {"name": f"zone-{os.getpid()}", "base": "debian-trixie", "timezone": "Asia/Tokyo"}
    project = projects.make(engine, tmp_path / "project", spec)
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode
    assert "does not know the time zone Asia/Tokyo" in done.stderr


def test_the_modules_of_a_workspace_are_locked_together(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("go-debian") | {"name": f"workspace-{os.getpid()}"}
    project = projects.make(engine, tmp_path, spec, CASES / "go-debian/project")
    shared = tmp_path / "shared/go.mod"
    shared.write_text(shared.read_text() + "\nrequire github.com/aws/aws-lambda-go v1.50.0\n")
    project.script("lock", *bases)
    assert "aws-lambda-go v1.55.1" in (project.root / "go.mod").read_text()
    assert yaml.safe_load((CASES / "go-debian/lambda-image.yaml").read_text())["dependencies"]["files"][0] == "/go.work"
