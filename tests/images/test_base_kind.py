"""An organisation's base image: built, published to a real registry, and functions of other people that stand on it."""

import json
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
import registry as registries
import yaml
from cloud import ACCOUNT, REGION, Cloud
from machine import buildx
from support.template import CASES, TESTS, copy_template

from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load

pytestmark = pytest.mark.images

ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
PARENTS = ("python3.13", "python3.13-debian")
SHARED = (
    "import importlib.metadata, iniconfig, os; "
    "print(iniconfig.__file__, importlib.metadata.version('iniconfig'), os.environ['ACME_LOGS'])"
)


def base_spec(name: str, parent: str) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "base",
        "name": name,
        "runtime": "python3.13",
        "architecture": "x86_64",
        "base": parent,
        "dependencies": {"packages": ["iniconfig==2.0.0"]},
        "environment": {"ACME_LOGS": 'js\u00f6n\'s "$HOME"'},
        "owner": 'Platform "team" \u00e9',
        "supported_until": "2028-06-30",
        "replaced_by": "python3.14",
        "checks": {"imports": ["iniconfig"], "commands": ['test -n "$ACME_LOGS"']},
        "aws": {"region": REGION, "repository": f"bases/{name}"},
    }


def with_certificates(spec: dict[str, Any]) -> dict[str, Any]:
    return spec | {"certificates": ["certificates/acme-root.pem"]}


@pytest.fixture(scope="module", params=PARENTS)
def published(
    request: pytest.FixtureRequest,
    engine: Engine,
    bases: Sequence[str],
    cloud: Cloud,
    registry: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[projects.Project, Path]]:
    """The project of a base image that was built, tested and pushed; and a standards file with its entry."""
    folder = tmp_path_factory.mktemp("base")
    spec = base_spec(f"acme-{request.param.replace('.', '-')}-{os.getpid()}", request.param)
    project = projects.make(engine, folder / "project", with_certificates(spec), CASES / "base/project").build(*bases)
    project.script("test")
    project = project.with_variables(ECR_REGISTRY=registry, ECR_LOGIN="none", **cloud.environment)
    project.script("push")
    entry = (project.root / ".image/standards-entry.yaml").read_text(encoding="utf-8")
    usual = (TESTS / "standards.yaml").read_text(encoding="utf-8")
    (folder / "standards.yaml").write_text(usual.replace("\nbases:\n", f"\nbases:\n{entry}"), encoding="utf-8")
    yield project, folder / "standards.yaml"
    daemon.remove(f"on-{project.name}:latest", force=True)
    daemon.remove(f"{project.name}:latest")


def function(
    published: tuple[projects.Project, Path], tmp_path: Path, registry: str, **changes: Any
) -> tuple[projects.Project, list[str]]:
    """A function on that base, rendered by a template with the new standards, and where the builder finds the base."""
    base, file = published
    engine = Engine(copy_template(tmp_path / "template", standards=file))
    spec = projects.spec_of("minimal") | {"name": f"on-{base.name}", "base": base.name} | changes
    assert engine.problems(spec) == []
    reference = engine.plan(spec)["base"]["reference"]
    there = f"{registry}/{reference.partition('/')[2].partition(':')[0]}@{reference.partition('@')[2]}"
    return projects.make(engine, tmp_path / "project", spec), [f"--build-context={reference}=docker-image://{there}"]


def test_the_entry_says_what_the_image_is(
    published: tuple[projects.Project, Path], engine: Engine, registry: str
) -> None:
    project, file = published
    base = load(file, engine).bases[project.name]
    pushed = (project.root / ".image/digest").read_text(encoding="utf-8").strip()
    config = project.config()
    assert f"{base.image}@{base.digests['x86_64']}" == pushed
    assert base.image == f"{ECR}/bases/{project.name}"
    assert registries.manifest(registry, f"bases/{project.name}", base.tag).digest == base.digests["x86_64"]
    assert list(base.diff_ids["x86_64"]) == config["RootFS"]["Layers"]
    assert (base.runtimes, base.runtime_client, base.tier) == (("python3.13",), "included", "recommended")
    assert (base.owner, str(base.supported_until), base.replaced_by) == (
        'Platform "team" é',
        "2028-06-30",
        "python3.14",
    )
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["bases"][project.name]["packages"] == {"iniconfig": "2.0.0"}
    variables = dict(word.split("=", 1) for word in config["Config"]["Env"])
    assert base.environment.items() <= variables.items()
    assert base.environment["ACME_LOGS"] == 'jsön\'s "$HOME"'
    assert list(base.entrypoint or ["/lambda-entrypoint.sh"]) == config["Config"]["Entrypoint"]
    assert not config["Config"].get("OnBuild")


def test_pushing_again_changes_nothing(published: tuple[projects.Project, Path]) -> None:
    project, _ = published
    before = (project.root / ".image/standards-entry.yaml").read_bytes()
    assert "is there already" in project.script("push", check=False).stderr
    assert (project.root / ".image/standards-entry.yaml").read_bytes() == before


def test_a_function_takes_from_the_base_what_is_there(
    published: tuple[projects.Project, Path], registry: str, tmp_path: Path
) -> None:
    wanted = {"packages": ["iniconfig==2.0.0", "pluggy==1.6.0"]}
    project, words = function(published, tmp_path, registry, dependencies=wanted, environment={"LOG_LEVEL": "INFO"})
    said = project.script("build", "--progress=plain", "--no-cache-filter=build", *words, check=False)
    assert said.returncode == 0, said.stderr
    assert "left to the base image: iniconfig 2.0.0" in said.stderr
    shell = partial(daemon.output, f"{project.name}:latest", "-c", entrypoint="/bin/sh")
    assert shell(f'python3 -c "{SHARED}"') == '/opt/python/iniconfig/__init__.py 2.0.0 jsön\'s "$HOME"\n'
    assert shell("ls -d /var/task/pluggy") == "/var/task/pluggy\n"
    assert "iniconfig" not in shell("ls /var/task")
    base = published[0].config()["RootFS"]["Layers"]
    assert project.config()["RootFS"]["Layers"][: len(base)] == base
    with project.running() as running:
        assert "Hello, " in json.dumps(json.loads(running.script("invoke").stdout))
    project.script("test")


def test_another_version_than_the_base_has_stops_the_build(
    published: tuple[projects.Project, Path], registry: str, tmp_path: Path
) -> None:
    project, words = function(published, tmp_path, registry, dependencies={"packages": ["iniconfig==2.1.0"]})
    said = project.script("build", "--progress=plain", *words, check=False)
    assert said.returncode != 0
    assert "iniconfig==2.0.0" in said.stderr
    assert "a (constraint) above is what the base image has" in said.stderr


def test_a_function_cannot_override_what_the_base_promises(
    published: tuple[projects.Project, Path], tmp_path: Path
) -> None:
    base, file = published
    engine = Engine(copy_template(tmp_path / "template", standards=file))
    spec = projects.spec_of("minimal") | {"base": base.name, "environment": {"ACME_LOGS": "text"}}
    [problem] = engine.problems(spec)
    assert (problem.code, problem.path) == ("overrides-base", ("environment", "ACME_LOGS"))


def test_certificates_are_trusted_by_the_system_and_by_programs_with_lists_of_their_own(
    published: tuple[projects.Project, Path],
) -> None:
    project, _ = published
    trusted = (
        "import os, ssl; "
        "found = [c for c in ssl.create_default_context().get_ca_certs() if 'Acme Test Root' in str(c)]; "
        "print(len(found), os.environ['REQUESTS_CA_BUNDLE'])"
    )
    system = "/etc/ssl/certs/ca-certificates.crt" if "debian" in project.name else "/etc/pki/tls/certs/ca-bundle.crt"
    said = daemon.output(f"{project.name}:latest", "-c", trusted, entrypoint="python3", user="993:990")
    assert said == f"1 {system}\n"


def test_make_test_tells_what_functions_could_not_rely_on(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    locked = {"after_dependencies": [{"name": "secret", "run": "chmod 0600 /opt/python/iniconfig/__init__.py"}]}
    name = f"broken-base-{os.getpid()}"
    spec = base_spec(name, "python3.13") | {"hooks": locked, "checks": {"imports": ["nowhere"], "commands": ["false"]}}
    project = projects.make(engine, tmp_path / "project", spec).build(*bases)
    said = project.script("test", check=False)
    daemon.remove(f"{name}:latest")
    assert said.returncode == 1
    assert "/opt/python/iniconfig/__init__.py" in said.stderr
    assert "FAILED: readable files, import of nowhere, false." in said.stderr


EXTENSION = r"""#!/bin/sh
exec python3 -c '
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2020-01-01/extension/"
open("/tmp/hello-extension", "w").close()
name = {"Lambda-Extension-Name": "hello"}
asked = urllib.request.Request(api + "register", json.dumps({"events": []}).encode(), name)
key = urllib.request.urlopen(asked).headers["Lambda-Extension-Identifier"]
urllib.request.urlopen(urllib.request.Request(api + "event/next", headers={"Lambda-Extension-Identifier": key}))
'
"""


def test_an_extension_comes_by_its_digest_and_is_started(
    engine: Engine, bases: Sequence[str], registry: str, tmp_path: Path
) -> None:
    folder = tmp_path / "extension"
    (folder / "extensions").mkdir(parents=True)
    (folder / "extensions/hello").write_text(EXTENSION, encoding="utf-8")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY --chmod=0755 extensions /opt/extensions\n", encoding="utf-8")
    image = f"{registry}/extensions/hello"
    buildx("build", "--provenance=false", "--sbom=false", "--load", f"--tag={image}:1", folder)
    [digest] = daemon.push(f"{image}:1", f"{image}:1")
    pinned = f'digests: {{x86_64: "{digest.partition("@")[2]}"}}, paths: [/opt/extensions/]'
    row = f'  hello: {{image: "{image}", tag: "1", {pinned}}}\n'
    text = (TESTS / "standards.yaml").read_text(encoding="utf-8").replace("\nextensions:\n", f"\nextensions:\n{row}")
    (tmp_path / "standards.yaml").write_text(text, encoding="utf-8")
    own = Engine(copy_template(tmp_path / "template", standards=tmp_path / "standards.yaml"))
    spec = projects.spec_of("minimal") | {"name": f"extended-{os.getpid()}", "extensions": ["hello"]}
    project = projects.make(own, tmp_path / "project", spec).build(*bases)
    with project.running() as running:
        assert "Hello, " in running.script("invoke").stdout
        daemon.inside(running.environment["CONTAINER"], "ls", "/opt/extensions/hello", "/tmp/hello-extension")
    daemon.remove(f"{project.name}:latest")


def test_the_golden_base_builds_and_passes_its_own_tests(
    engine: Engine, bases: Sequence[str], registry: str, tmp_path: Path
) -> None:
    spec = projects.spec_of("base") | {"name": f"golden-base-{os.getpid()}"}
    spec.pop("extensions")  # it lies on a host of no one
    project = projects.make(engine, tmp_path / "project", spec, CASES / "base/project").build(*bases)
    project.script("test")
    daemon.remove(f"{project.name}:latest")
    assert validation.findings(validation.read(CASES / "base/lambda-image.yaml"), engine) == []
