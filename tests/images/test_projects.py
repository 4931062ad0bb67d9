"""Every case whose base can be had is built, run within Lambda's limits, tested by its own tests, and invoked."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
import stand_ins
import yaml
from support.template import CASES
from traces import assert_absent, names

from scaffold.cli import main
from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images


def buildable(case: str) -> bool:
    """Whether this is a function, with a base that is here, and nothing that lies on hosts of no one."""
    plan = json.loads((CASES / case / "plan.json").read_text(encoding="utf-8"))
    if not plan["functions"] or plan["extensions"] or plan["picked"]:
        return False
    elsewhere = plan["downloads"] or [model for model in plan["models"] if model["files"]]
    pulled = {row["reference"] for row in plan["images"] if row["role"] in {"base", "builder"}}
    return pulled <= {"scratch", *stand_ins.table()} and plan["architecture"]["name"] != "arm64" and not elsewhere


BUILDABLE = sorted(path.name for path in CASES.iterdir() if buildable(path.name))


@pytest.mark.parametrize("name", BUILDABLE)
def test_case_builds_runs_and_answers(
    name: str, engine: Engine, bases: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = projects.case(engine, tmp_path / "project", name, bases)
    project.script("test", *bases)
    with project.running() as function:
        body = json.loads(function.script("invoke").stdout)
    assert "Hello, " in json.dumps(body)
    assert_as_planned(project, engine.plan(projects.spec_of(name)))
    if name in CHECKED:
        capsys.readouterr()
        main.main(["image", "check", "--local", "--any-base", "--format=json", f"{project.name}:latest"])
        assert json.loads(capsys.readouterr().out)["findings"] == []


CHECKED = {"custom-built", "debian", "full", "go", "models", "poetry", "stack", "uv"}
"""Cases that differ in what is in their images: the preflight has no finding about any of them."""


def assert_as_planned(project: projects.Project, plan: dict[str, Any]) -> None:
    """The configuration of the image says what the plan says, and nothing that is the build's alone."""
    config = project.config()["Config"]
    assert config["Cmd"] == plan["command"]
    assert config["Entrypoint"] == (plan["entrypoint"] or ["/lambda-entrypoint.sh"])
    assert config["WorkingDir"] == plan["task_root"]
    assert not config.get("User")
    variables = dict(word.split("=", 1) for word in config["Env"])
    assert plan["environment"].items() <= variables.items()
    titles = {"org.opencontainers.image.title": project.name}
    tag, _, digest = plan["base"]["reference"].partition("@")
    base = {"name": tag, "digest": digest} if plan["base"]["tag"] else {}
    bases = {f"org.opencontainers.image.base.{key}": value for key, value in base.items() if value}
    assert (plan["labels"] | titles | bases).items() <= config["Labels"].items()
    built = json.loads((project.root / ".image/build.json").read_bytes())
    image = project.config()
    assert built["platform"] == f"{image['Os']}/{image['Architecture']}"
    assert built["spec"] == hashlib.sha256((project.root / "lambda-image.yaml").read_bytes()).hexdigest()
    assert built["build"]["containerimage.config.digest"] == image["Id"]


def test_build_packages_and_excluded_code_are_not_in_the_image(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = projects.case(engine, tmp_path / "project", "full", bases)
    words = "command -v make gcc; jq --version; ls -R /var/task /opt/ml"
    listing = daemon.output(f"{project.name}:latest", "-c", words, entrypoint="/bin/sh")
    assert "/make" not in listing
    assert "/gcc" not in listing
    assert "jq-" in listing
    assert "never.py" not in listing
    assert "words.py" in listing
    assert "vocab.json" in listing
    assert "finish-layer" not in listing


def test_bodies_are_equal_on_both_bases(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    bodies = []
    for base, packages in (("python3.13", ["libgomp"]), ("python3.13-debian", ["libgomp1"])):
        project = projects.case(engine, tmp_path / base, "debian", bases, base=base, system_packages=packages)
        with project.running() as function:
            bodies.append(function.script("invoke").stdout)
    assert bodies[0] == bodies[1]
    assert json.loads(bodies[0])["statusCode"] == 200


HANDLER = """
{imports}


def handler(event, context):
    {statement}
    return "done"
"""


@pytest.mark.parametrize(
    ("imports", "statement", "answers"),
    [
        ("import os", "open('/tmp/fine', 'w').close()", True),
        ("import os", "open('/var/task/not-fine', 'w').close()", False),
        ("import os", "open('/not-fine', 'w').close()", False),
        ("import multiprocessing", "multiprocessing.Lock()", False),
        ("import os", "open('/dev/shm/not-fine', 'w').close()", False),
        ("import os", "os.setuid(0)", False),
        ("import os", "open('/tmp/big', 'wb').write(bytes(600 * 1024 * 1024))", False),
        ("import time", "time.sleep(60)", False),
        ("import os", "os._exit(1)", False),
        ("import os", "raise ValueError('no')", False),
    ],
)
def test_what_lambda_forbids_fails_here(
    imports: str, statement: str, answers: bool, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    spec = projects.spec_of("minimal") | {
        "name": f"forbidden-{os.getpid()}",
        "lambda": {"timeout": 3, "memory_size": 2048},
    }
    project = projects.make(engine, tmp_path / "project", spec)
    (project.root / "src/app.py").write_text(HANDLER.format(imports=imports, statement=statement))
    project.build(*bases)
    with project.running() as function:
        done = function.script("invoke", check=False)
    assert (done.returncode == 0) == answers, done.stderr
    assert ('"done"' in done.stdout) == answers
    assert answers or done.stderr


def test_two_uncached_builds_have_the_same_layers(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    """But for those that the system's own programs write: its package manager, and the list of what it trusts."""
    layers = []
    for turn, base in ((1, "python3.13"), (2, "python3.13"), (3, "python3.13-debian"), (4, "python3.13-debian")):
        root = tmp_path / str(turn) / "project"
        spec = projects.spec_of("full") | {"name": f"twice-{os.getpid()}", "base": base}
        del spec["system_packages"], spec["build_packages"], spec["certificates"]
        project = projects.make(engine, root, spec, CASES / "full/project")
        projects.shake(root, turn)
        project.build("--no-cache", *bases)
        layers.append(project.config()["RootFS"]["Layers"])
    assert layers[0] == layers[1]
    assert layers[2] == layers[3]


@pytest.mark.parametrize("base", ["python3.13", "python3.13-debian"])
def test_certificates_and_proxy_reach_the_build_and_leave_no_trace(
    base: str, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    canary = "canary-3b1f"
    bundle = bundle_with(canary, tmp_path)
    path = "/etc/ssl/certs/ca-certificates.crt" if base.endswith("debian") else "/etc/pki/tls/certs/ca-bundle.crt"
    seen = f"grep -q '{canary.replace('y', '[y]')}' {path} && test -n \"$no_proxy\""
    spec = projects.spec_of("debian") | {"name": f"traceless-{os.getpid()}", "base": base}
    spec["hooks"] = {place: [{"name": place, "run": seen}] for place in ("after_system", "after_code")}
    del spec["system_packages"], spec["build_packages"]
    project = projects.make(engine, tmp_path / "project", spec, CASES / "debian/project")
    dockerfile = project.root / "Dockerfile"
    text = dockerfile.read_text()
    steps = text.count("python3 -m pip") + 2
    assert text.count(f"--mount=type=secret,id=ca_bundle,target={path}") == steps, "client, dependencies, hooks"
    dockerfile.write_text(text.replace("python3 -m pip", f"{seen} && python3 -m pip"))
    project.script("build", "--quiet", "--no-cache", *bases, CA_BUNDLE=str(bundle), no_proxy=f"{canary}.example.com,*")
    saved = daemon.save(f"{project.name}:latest", tmp_path / "image.tar")
    for said in (json.dumps(project.config()), daemon.history(f"{project.name}:latest")):
        assert canary not in said
    assert_absent(saved, canary.encode())


SLIM = {"image": "public.ecr.aws/docker/library/python", "tag": "3.13-slim-trixie"}


@pytest.mark.parametrize(
    ("runtime", "base"),
    [
        ("python3.13", "python3.13"),
        ("python3.11", "python3.11"),
        ("python3.13", SLIM | {"system": "debian", "runtime_client": "included"}),
    ],
)
def test_certificates_leave_no_stub(
    runtime: str, base: object, engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    """The layers of an image that was built with a CA bundle have the files of one that was built without."""
    found = []
    for turn, bundle in ((1, ""), (2, str(bundle_with("canary", tmp_path)))):
        spec = projects.spec_of("minimal") | {"name": f"stubs-{os.getpid()}", "runtime": runtime, "base": base}
        spec["hooks"] = {place: [{"name": place, "run": "true"}] for place in ("after_system", "after_code")}
        project = projects.make(engine, tmp_path / str(turn), spec)
        project.script("build", "--quiet", "--no-cache", *bases, CA_BUNDLE=bundle)
        found.append(names(daemon.save(f"{project.name}:latest", tmp_path / f"{turn}.tar")))
    assert found[0] == found[1]


def bundle_with(comment: str, folder: Path) -> Path:
    """The certificates of this machine, with a comment that nothing else contains."""
    trusted = projects.CA_BUNDLE.read_text(encoding="utf-8") if projects.CA_BUNDLE.exists() else ""
    (folder / "bundle.pem").write_text(f"# {comment}\n{trusted}", encoding="utf-8")
    return folder / "bundle.pem"


def test_code_with_a_syntax_error_fails_the_build_and_a_package_does_not(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    spec = projects.spec_of("projects") | {"name": f"syntax-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec, CASES / "projects/project")
    (project.root / "packages/shared/shared/template.py").write_text("{{ name }} =\n")
    project.build(*bases)
    (project.root / "src/app.py").write_text("def handler(:\n")
    done = project.script("build", "--progress=plain", *bases, check=False)
    assert done.returncode != 0
    assert "SyntaxError" in done.stderr
    assert "/var/task/app.py" in done.stderr
    assert "In this project, /var/task is src." in done.stderr


def test_a_made_up_version_is_one_row(template: Path, bases: Sequence[str], tmp_path: Path) -> None:
    """A runtime version that no file knows renders and builds once its row is there."""
    import shutil

    root = tmp_path / "template"
    shutil.copytree(template, root)
    table = root / "catalogue/runtimes.json"
    rows = json.loads(table.read_text())
    rows["runtimes"]["python3.99"] = {
        "language": "python",
        "version": "3.99",
        "deprecated": "2039-06-30",
        "successor": None,
    }
    table.write_text(json.dumps(rows))
    spec = projects.spec_of("own-base") | {"name": f"made-up-{os.getpid()}", "runtime": "python3.99"}
    engine = Engine(root)
    assert engine.problems(spec) == []
    reference = f"{spec['base']['image']}:{spec['base']['tag']}"
    found = stand_ins.find(reference)["tag"]
    project = projects.make(engine, tmp_path / "project", spec)
    project.build(*bases, f"--build-context={reference}=docker-image://{of_version('3.99', found)}")
    with project.running() as function:
        assert "Hello, " in function.script("invoke").stdout


def of_version(version: str, image: str) -> str:
    """An image with a Python that says it has this version."""
    lines = (
        f"FROM {image}",
        "RUN mv /usr/local/bin/python3 /usr/local/bin/real-python3",
        f"""RUN printf '#!/bin/sh\\n[ "$*" != -V ] || exec echo Python {version}.0\\nexec real-python3 "$@"\\n' \\""",
        "    >/usr/local/bin/python3 && chmod 755 /usr/local/bin/python3",
    )
    made, _ = daemon.client().images.build(
        fileobj=io.BytesIO("\n".join(lines).encode()), tag=f"made-up-{os.getpid()}:latest", rm=True
    )
    return str(made.tags[0])


def test_the_example_passes_its_own_tests(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    example = CASES.parents[2] / "examples/iris"
    spec = yaml.safe_load((example / "lambda-image.yaml").read_text()) | {"name": f"iris-{os.getpid()}"}
    project = projects.make(engine, tmp_path / "project", spec, example).build(*bases)
    project.script("test")
