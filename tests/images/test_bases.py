"""The base images that other tests build on are laid out as the real ones are (`--bases=aws`: those are tested)."""

import io
import json
import os
import ssl
import sys
import tarfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import daemon
import pytest
import stand_ins
from emulated import running
from machine import HERE, CommandError, run
from registry import manifest
from second_engine import Engine

pytestmark = pytest.mark.images

PYTHON = "public.ecr.aws/lambda/python:3.13"
PYTHON_AL2 = "public.ecr.aws/lambda/python:3.11"
PROVIDED = "public.ecr.aws/lambda/provided:al2023"
SLIM = "public.ecr.aws/docker/library/python:3.13-slim-trixie"

ON_LAMBDA = pytest.mark.parametrize("reference", [PYTHON, PYTHON_AL2, PROVIDED])
WITH_PYTHON = pytest.mark.parametrize(
    ("reference", "version"), [(PYTHON, "3.13"), (PYTHON_AL2, "3.11"), (SLIM, "3.13")]
)

HANDLER = """
import os

def handler(event, context):
    return {"event": event, "memory": context.memory_limit_in_mb, "shared_memory": os.path.exists("/dev/shm")}

def broken(event, context):
    raise ValueError("on purpose")
"""

# What Lambda's sandbox denies and the emulator alone does not.
AS_LAMBDA_RUNS_IT: dict[str, Any] = {
    "read_only": True,
    "tmpfs": {"/tmp": "rw,exec,size=512m"},
    "mem_limit": "512m",
    "ipc_mode": "none",
    "user": "993:990",
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
}

Build = Callable[..., str]
BaseImage = Callable[[str], str]


def configuration(image: str) -> dict[str, Any]:
    found: dict[str, Any] = daemon.client().images.get(image).attrs["Config"]
    return found


def tagged(pattern: str) -> dict[str, str]:
    """The image of each tag."""
    return {tag: row["Id"] for row in daemon.client().api.images(pattern) for tag in row["RepoTags"] or ()}


def shell(image: str, script: str, **options: str) -> str:
    return daemon.output(image, "-euc", script, entrypoint="/bin/bash", **options)


def project(folder: Path, *instructions: str) -> Path:
    (folder / "app.py").write_text(HANDLER)
    (folder / "Dockerfile").write_text("\n".join(instructions) + "\n")
    return folder


@pytest.fixture
def isolated(bases: list[str]) -> dict[str, str]:
    """The stand-ins need no network for what is tested here; Amazon's package manager does."""
    return {"network_mode": "none"} if bases else {}


def test_the_engine_is_found_again_at_once_and_in_silence(docker_engine: Path) -> None:
    assert run(HERE / "engine") == ""


def test_making_the_stand_ins_again_changes_nothing(bases: list[str]) -> None:
    if not bases:
        pytest.skip("there are none with --bases=aws")
    before = tagged("scaffold.invalid/*")
    run(HERE / "bases" / "make", env=os.environ | {"PYTHON": sys.executable})
    assert tagged("scaffold.invalid/*") == before


@ON_LAMBDA
def test_lambda_configuration(base_image: BaseImage, reference: str) -> None:
    found = configuration(base_image(reference))
    assert found["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert found["WorkingDir"] == "/var/task"
    assert not any(found.get(key) for key in ("Cmd", "User", "ExposedPorts", "Volumes", "Healthcheck", "Labels"))
    assert sorted(found["Env"]) == [
        "LAMBDA_RUNTIME_DIR=/var/runtime",
        "LAMBDA_TASK_ROOT=/var/task",
        "LANG=en_US.UTF-8",
        "LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
        "PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ=:/etc/localtime",
    ]


@ON_LAMBDA
def test_lambda_image_lacks_what_the_minimal_system_lacks(base_image: BaseImage, reference: str) -> None:
    absent = "find xargs tar gzip which ps less vi git gcc make apt-get dpkg perl"
    present = "bash sh cat sha256sum sed grep awk curl rpm"
    script = f"""
        for program in {absent}; do ! type -P $program || exit 1; done
        for program in {present}; do type -P $program >/dev/null; done
        test -d /opt -a -d /var/task -a -x /usr/local/bin/aws-lambda-rie
        test "$(type -P sh)" -ef "$(type -P bash)"
        test ! -e /usr/lib64/libgomp.so.1
        . /etc/os-release && echo "$ID"
    """
    assert shell(base_image(reference), script) == "amzn\n"


@pytest.mark.parametrize("arguments", [[], ["app.handler", "more"]])
@ON_LAMBDA
def test_lambda_entry_point_wants_one_argument(base_image: BaseImage, reference: str, arguments: list[str]) -> None:
    with daemon.container(base_image(reference), *arguments) as container:
        container.start()
        assert container.wait(timeout=60)["StatusCode"] == 142
        said = container.logs(stdout=False).decode()
    assert "entrypoint requires the handler name to be the first argument" in said


@WITH_PYTHON
def test_python_is_where_its_makers_put_it(base_image: BaseImage, reference: str, version: str) -> None:
    prefix = "/usr/local" if reference == SLIM else "/var/lang"
    script = """
import json, site, sys, sysconfig
paths = sysconfig.get_path("purelib"), sysconfig.get_path("scripts"), sys.path[-1], site.getsitepackages()[0]
print(json.dumps([sys.prefix, sys.executable, "%d.%d" % sys.version_info[:2], *paths]))
"""
    said = daemon.output(base_image(reference), "-c", script, entrypoint="python")
    found_prefix, executable, found_version, pure, scripts, last, first = json.loads(said)
    assert (found_prefix, found_version, scripts) == (prefix, version, f"{prefix}/bin")
    assert executable.startswith(f"{prefix}/bin/python")
    assert pure == last == os.path.normpath(first) == f"{prefix}/lib/python{version}/site-packages"
    for program in ("python", "python3", f"python{version}", "pip", "pip3"):
        assert shell(base_image(reference), f"type -P {program}") == f"{prefix}/bin/{program}\n"


def test_dnf_is_microdnf(base_image: BaseImage, isolated: dict[str, str]) -> None:
    script = """
        dnf install -y --setopt=install_weak_deps=0 jq libgomp git >/dev/null 2>&1
        dnf install -y findutils --setopt '*.sslcacert=/etc/pki/tls/certs/ca-bundle.crt' --nodocs >/dev/null 2>&1
        dnf clean all >/dev/null
        test -e /usr/lib64/libgomp.so.1
        type -P find git >/dev/null
        ! type -P less
        echo '{"answer": 42}' | jq .answer
        test "$(type -P dnf)" -ef "$(type -P microdnf)"
    """
    assert shell(base_image(PYTHON), script, **isolated) == "42\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("install -y --setopt=sslcacert=/ca jq", "Unable to handle: sslcacert=/ca"),
        ("install -y -q jq", "Unknown option -q"),
        ("group install development", "Unknown command: 'group'"),
        ("install -y no-such-package", "no-such-package"),
    ],
)
def test_dnf_refuses_what_microdnf_refuses(
    base_image: BaseImage, isolated: dict[str, str], words: str, message: str
) -> None:
    with pytest.raises(CommandError) as caught:
        shell(base_image(PYTHON), f"dnf {words}", **isolated)
    assert message in str(caught.value)


def test_yum_installs_on_amazon_linux_2(base_image: BaseImage, isolated: dict[str, str]) -> None:
    script = """
        yum install -y --setopt=sslcacert=/etc/pki/tls/certs/ca-bundle.crt jq tar gzip >/dev/null 2>&1
        yum clean all >/dev/null
        tar --version >/dev/null
        ! type -P dnf microdnf
        echo '{"answer": 42}' | jq .answer
    """
    assert shell(base_image(PYTHON_AL2), script, **isolated) == "42\n"


@pytest.mark.parametrize("reference", [PYTHON, PYTHON_AL2])
def test_function_answers_as_lambda_runs_it(build: Build, tmp_path: Path, reference: str) -> None:
    image = build(project(tmp_path, f"FROM {reference}", "COPY app.py ./", 'CMD ["app.handler"]'))
    environment = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}
    with running(image, environment=environment, **AS_LAMBDA_RUNS_IT) as function:
        for number in range(2):
            answer = function.invoke({"number": number})
            assert answer.status == 200
            assert answer.json() == {"event": {"number": number}, "memory": "512", "shared_memory": False}


def test_function_that_raises_is_told_by_the_body(build: Build, tmp_path: Path) -> None:
    image = build(project(tmp_path, f"FROM {PYTHON}", "COPY app.py ./"))
    with running(image, "app.broken") as function:
        answer = function.invoke({})
    assert (answer.status, answer.json()["errorMessage"]) == (200, "on purpose")


def test_emulator_from_outside_runs_an_image_that_has_none(build: Build, rie: Path, tmp_path: Path) -> None:
    install = "RUN --mount=type=secret,id=ca PIP_CERT=/run/secrets/ca pip install --no-cache-dir awslambdaric"
    context = project(tmp_path, f"FROM {SLIM}", install, "WORKDIR /var/task", "COPY app.py ./")
    image = build(context, f"--secret=id=ca,src={certificates()}")
    options = AS_LAMBDA_RUNS_IT | {"volumes": [f"{rie}:/rie:ro"], "entrypoint": "/rie"}
    with running(image, "/usr/local/bin/python", "-m", "awslambdaric", "app.handler", **options) as function:
        assert function.invoke("hello").json()["event"] == "hello"


@pytest.mark.parametrize("reference", [PYTHON, PYTHON_AL2, SLIM])
def test_pip_installs_with_certificates_from_a_secret(build: Build, tmp_path: Path, reference: str) -> None:
    secret = "--mount=type=secret,id=ca,required=true,target=/run/ca"
    install = f"RUN {secret} pip install --cert /run/ca --no-cache-dir --target /packages snapshot-restore-py==1.0.0"
    image = build(project(tmp_path, f"FROM {reference}", install), f"--secret=id=ca,src={certificates()}")
    shell(image, "cd /packages && python -c 'import snapshot_restore_py' && test ! -e /run/ca")


def test_slim_image_is_debian(build: Build, base_image: BaseImage, tmp_path: Path) -> None:
    found = configuration(base_image(SLIM))
    assert found["Cmd"] == ["python3"]
    assert not found["Entrypoint"]
    path = "PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert path in found["Env"]
    shell(base_image(SLIM), "! type -P gcc curl && test -s /etc/ssl/certs/ca-certificates.crt")
    install = "RUN apt-get update && apt-get install -y --no-install-recommends jq && rm -rf /var/lib/apt/lists/*"
    assert shell(build(project(tmp_path, f"FROM {SLIM}", install)), "echo 42 | jq .") == "42\n"


def test_reference_with_a_dated_tag_and_a_digest(build: Build, bases: list[str], tmp_path: Path) -> None:
    if not bases:
        pytest.skip("the digest is made up")
    reference = f"{PYTHON}.2026.10.03.13@sha256:{'0' * 64}"
    image = build(project(tmp_path, f"FROM {reference}"), *stand_ins.build_words(reference))
    assert configuration(image)["Entrypoint"] == ["/lambda-entrypoint.sh"]


def test_pushed_image_has_a_digest(build: Build, registry: str, tmp_path: Path) -> None:
    content = uuid.uuid4().hex
    (tmp_path / "file").write_text(content)
    image = build(project(tmp_path, "FROM scratch", "COPY file /", 'CMD ["/file"]'))
    digests = daemon.push(image, f"{registry}/{content}:1")
    pushed = manifest(registry, content, "1")
    assert pushed.media_type == "application/vnd.docker.distribution.manifest.v2+json"
    assert digests == [f"{registry}/{content}@{pushed.digest}"]
    assert manifest(registry, content, pushed.digest) == pushed


def test_second_engine_rewrites_times_of_added_layers_only(
    snapshotter_engine: Engine, base_image: BaseImage, tmp_path: Path
) -> None:
    """Only times later than the epoch are changed: one between base and build keeps the ids of the base's layers."""
    base = base_image(PROVIDED)
    snapshotter_engine.take(base)
    project(tmp_path, f"FROM {base}", "RUN curl --version >/opt/curl", "COPY app.py ./")
    epoch = f"--build-arg=SOURCE_DATE_EPOCH={int(time.time())}"
    archives = [tmp_path / f"{number}.tar" for number in range(2)]
    for archive in archives:
        output = f"--output=type=oci,dest={archive},rewrite-timestamp=true"
        snapshotter_engine.buildx("build", "--no-cache", "--provenance=false", epoch, output, tmp_path)
    first, second = map(layers, archives)
    assert first == second
    assert first[:-2] == daemon.client().images.get(base).attrs["RootFS"]["Layers"]


def layers(archive: Path) -> list[str]:
    """The ids of the layers of the one image in an OCI archive."""
    with tarfile.open(archive) as files:

        def read(name: str) -> dict[str, Any]:
            with files.extractfile(name) or io.BytesIO() as file:
                content: dict[str, Any] = json.load(file)
            return content

        def blob(descriptor: dict[str, str]) -> dict[str, Any]:
            return read(f"blobs/{descriptor['digest'].replace(':', '/')}")

        image = blob(read("index.json")["manifests"][0])
        found: list[str] = blob(image["config"])["rootfs"]["diff_ids"]
    return found


def certificates() -> str:
    """The bundle that this machine trusts: it may hold a proxy's own authority."""
    found = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    return found or "/etc/ssl/certs/ca-certificates.crt"
