"""An organisation from nothing to enforced, with a real registry and a real builder: see each gate pass and refuse."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import daemon
import projects
import pytest
import registry as registries
import stand_ins
from gates import codes
from support.template import copy_template

from scaffold.cli.main import main
from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

STANDARDS = """\
version: 1
organisation: acme
mirrors: {bases.acme.example: HOST}  # nothing is ever pulled from bases.acme.example itself: there is no such host
bases:
  acme-python3.13:
    image: bases.acme.example/bases/python
    tag: "3.13"  # moves: what counts is its digest
    system: al2023
    runtime_client: included
    runtimes: [python3.13]
    default: true
    owner: platform@acme.example
    supported_until: "2029-06-30"
rules:
  inline_base: refused
  base_digest: required
"""
Scaffold = Callable[..., tuple[int, str]]


@dataclass(frozen=True)
class Organisation:
    """Its registry, its template, and the command that has that template for its own."""

    host: str
    folder: Path
    template: Path
    bases: Sequence[str]
    scaffold: Scaffold

    @property
    def standards(self) -> Path:
        return self.template / "standards/standards.yaml"

    @property
    def policy(self) -> Path:
        return self.folder / "policy.json"

    def enforce(self) -> None:
        """Make the source policy anew."""
        code, said = self.scaffold("standards", "policy", "--standards", self.standards)
        assert code == 0
        assert json.loads(said)["rules"][0]["action"] == "DENY"
        self.policy.write_text(said, encoding="utf-8")

    def digest(self) -> str:
        return registries.manifest(self.host, "bases/python", "3.13").digest

    def proof(self, project: projects.Project) -> tuple[int, str]:
        words = ("--format", "json", "--project", project.root, "--standards", self.standards)
        return self.scaffold("image", "check", *words)

    def check(self, *words: object) -> tuple[int, list[str]]:
        code, said = self.scaffold("check", "--format", "json", *words)
        return code, codes(said)


def publish(acme: Organisation, release: str) -> None:
    """Build the organisation's base from its spec, and push it under the tag that always names the newest."""
    spec = {
        "version": 1,
        "kind": "base",
        "name": f"acme-{os.getpid()}",
        "runtime": "python3.13",
        "architecture": "x86_64",
        "base": "python3.13",
        "environment": {"ACME": "yes"},
        "hooks": {"after_system": [{"name": "release", "run": f"echo {release} >/etc/acme-release"}]},
    }
    # The template that the base is made with has AWS's bases.
    project = projects.make(Engine(acme.folder / "first"), acme.folder / f"base-{release}", spec).build(*acme.bases)
    daemon.push(f"{project.name}:latest", f"{acme.host}/bases/python:3.13")
    daemon.remove(f"{project.name}:latest")


@pytest.fixture
def acme(
    bases: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Organisation]:
    def scaffold(*words: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out + said.err

    with registries.serve(tmp_path) as host:
        copy_template(tmp_path / "first")
        (tmp_path / "standards.yaml").write_text(STANDARDS.replace("HOST", host), encoding="utf-8")
        template = copy_template(tmp_path / "template", standards=tmp_path / "standards.yaml")
        monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
        yield Organisation(host, tmp_path, template, bases, scaffold)


def test_from_nothing_to_enforced(acme: Organisation) -> None:
    publish(acme, "first")
    # The file keeps its comments, and has the digest and the layers.
    assert acme.scaffold("standards", "pin", "--standards", acme.standards)[0] == 0
    assert "# moves: what counts is its digest" in acme.standards.read_text(encoding="utf-8")

    spec = projects.spec_of("minimal") | {"name": f"search-{os.getpid()}"}
    project = projects.make(Engine(acme.template), acme.folder / "shop/search", spec)
    reference = f"{acme.host}/bases/python:3.13@{acme.digest()}"
    assert f"FROM {reference} AS base" in (project.root / "Dockerfile").read_text(encoding="utf-8")
    acme.enforce()
    project.script("build", "--quiet", SOURCE_POLICY=str(acme.policy))
    assert acme.check(acme.folder / "shop") == (0, [])
    assert acme.check("--dockerfile", project.root, "--standards", acme.standards) == (0, [])
    assert acme.proof(project)[0] == 0

    _a_newer_base_is_followed(acme, project)
    _another_base_is_refused(acme, project)


def _a_newer_base_is_followed(acme: Organisation, project: projects.Project) -> None:
    first, shop = acme.digest(), acme.folder / "shop"
    publish(acme, "second")
    code, said = acme.scaffold("standards", "pin", "--standards", acme.standards, "--projects", shop)
    second = acme.digest()
    assert (code, first != second) == (0, True)
    for word in (first[:19], second[:19], str(project.root)):
        assert word in said

    assert acme.check(shop) == (1, ["stale-base"])
    code, said = acme.proof(project)
    assert code
    assert "stale-base" in codes(said), "an image on the earlier one is told from one on a stranger's"
    acme.enforce()
    done = project.script("build", "--progress=plain", check=False, SOURCE_POLICY=str(acme.policy))
    assert done.returncode, "the first one is not allowed any more"

    assert acme.scaffold("render", shop) == (0, f"update {project.root}/Dockerfile\n1 changed\n")
    assert acme.check(shop) == (0, [])
    project.script("build", "--quiet", SOURCE_POLICY=str(acme.policy))
    assert acme.proof(project)[0] == 0


def _another_base_is_refused(acme: Organisation, project: projects.Project) -> None:
    stranger = f"{acme.host}/strangers/python:3.13"
    daemon.push(stand_ins.find("public.ecr.aws/lambda/python:3.13")["tag"], stranger)
    dockerfile = project.root / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace(f"{acme.host}/bases/python:3.13@{acme.digest()}", stranger), encoding="utf-8")

    assert acme.check(acme.folder / "shop") == (1, ["drift"])
    assert acme.check("--dockerfile", dockerfile, "--standards", acme.standards) == (1, ["uncatalogued-base"])
    done = project.script("build", "--progress=plain", check=False, SOURCE_POLICY=str(acme.policy))
    assert done.returncode
    assert "denied by policy" in done.stderr
    project.build()  # without a policy nothing stops it, but the image tells
    code, said = acme.proof(project)
    assert code
    assert "uncatalogued-base" in codes(said)
