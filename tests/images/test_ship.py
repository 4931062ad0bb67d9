"""push, deploy, rollback, destroy by the real `aws` command and a real registry. What moto leaves open: `cloud`."""

import dataclasses
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import daemon
import emulated
import projects
import pytest
import registry as registries
from cloud import ACCOUNT, PASSWORD, REGION, Cloud
from docker.auth import load_config
from machine import CommandError, buildx, search_path

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
NASTY = 'it\'s $HOME `id` "q" \\ * %s \u00e9'


def with_environment(project: projects.Project, **variables: str) -> projects.Project:
    return dataclasses.replace(project, environment={**project.environment, **variables})


def respecify(engine: Engine, project: projects.Project, spec: Mapping[str, Any]) -> None:
    """Render one script anew, as its owner does after an edit of the spec."""
    [script] = [
        file for file in engine.render(spec, engine.plan(spec), {"spec": spec}) if file.path == "scripts/deploy"
    ]
    (project.root / script.path).write_bytes(script.content)


def test_an_image_goes_into_service_and_back(
    engine: Engine, bases: Sequence[str], cloud: Cloud, closed_registry: str, tmp_path: Path
) -> None:
    name = f"shipped-{os.getpid()}"
    aws = {"region": REGION, "role": cloud.role(name), "repository": f"growth/{name}", "alias": "stable"}
    spec = projects.spec_of("minimal") | {"name": name, "aws": aws, "lambda": {"timeout": 7}}
    project = projects.make(engine, tmp_path / "project", spec).build(*bases)
    project = with_environment(project, ECR_REGISTRY=closed_registry, **cloud.environment)
    said: list[str] = []

    def script(*words: str, check: bool = True) -> str:
        done = project.script(*words, check=False)
        said.extend((done.stdout, done.stderr))
        assert (done.returncode == 0) == check, done.stderr
        return done.stdout + done.stderr

    def serving() -> dict[str, Any]:
        function: dict[str, Any] = cloud.aws("lambda", "get-function", "--function-name", name, "--qualifier", "stable")
        return function

    script("push")
    image = (project.root / ".image/digest").read_text().strip()
    assert re.fullmatch(rf"{ECR}/growth/{name}@sha256:[0-9a-f]{{64}}", image)
    assert (project.root / ".image/.gitignore").read_text() == "*\n"
    pushed = registries.manifest(closed_registry, f"growth/{name}", image.partition("@")[2], f"AWS:{PASSWORD}")
    assert pushed.content["config"]["digest"] == project.config()["Id"]
    assert_repository_is_safe(cloud, f"growth/{name}")
    assert "is there already" in script("push")
    assert (project.root / ".image/digest").read_text().strip() == image

    assert "stable is version 1 now" in script("deploy")
    function = serving()
    assert function["Code"]["ImageUri"] == image
    wanted = {"MemorySize": 512, "Timeout": 7, "Architectures": ["x86_64"], "Role": aws["role"], "Version": "1"}
    assert wanted.items() <= function["Configuration"].items()
    assert "Nothing to do" in script("deploy")

    # Other settings are another version.
    respecify(engine, project, spec | {"lambda": {"timeout": 7, "environment": {"NASTY": NASTY, "TABLE": "reviews"}}})
    assert "Updating the settings" in script("deploy")
    assert "Updating the code" not in said[-1]
    function = serving()
    assert function["Configuration"]["Version"] == "2"
    assert function["Configuration"]["Environment"]["Variables"] == {"NASTY": NASTY, "TABLE": "reviews"}
    assert "Nothing to do" in script("deploy")

    assert "stable is version 1 now" in script("rollback")
    assert serving()["Configuration"]["Version"] == "1"
    assert "there is none before it" in script("rollback", check=False)
    assert "has no version 9, only 1 2" in script("rollback", "9", check=False)
    assert "stable is version 2 now" in script("deploy")
    assert "stable is version 1 now" in script("rollback", "1")

    daemon.remove(f"{name}:latest")
    assert_answers(cloud, closed_registry, image.partition("/")[2])
    assert "there is nobody to ask" in script("destroy", check=False)
    assert "Deleted the function" in script("destroy", "--yes")
    assert cloud.aws("ecr", "describe-repositories", "--repository-names", f"growth/{name}")
    assert "There is no function" in script("destroy", "--yes", "--repository")
    assert "Deleted the repository" in said[-1]
    with pytest.raises(CommandError, match="RepositoryNotFoundException"):
        cloud.aws("ecr", "describe-repositories", "--repository-names", f"growth/{name}")
    assert not [line for line in said if PASSWORD in line or cloud.environment["AWS_SECRET_ACCESS_KEY"] in line]


def assert_answers(cloud: Cloud, registry: str, name: str) -> None:
    """What is in service answers, fetched by its digest."""
    logins = load_config(f"{cloud.environment['DOCKER_CONFIG']}/config.json")
    daemon.client().images.pull(f"{registry}/{name}", auth_config=logins.resolve_authconfig(registry))
    with emulated.running(f"{registry}/{name}", read_only=True, tmpfs={"/tmp": ""}) as running:
        assert "Hello, " in running.invoke({"name": "Ada"}).body


def assert_repository_is_safe(cloud: Cloud, repository: str) -> None:
    [found] = cloud.aws("ecr", "describe-repositories", "--repository-names", repository)["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE"
    policy = cloud.aws("ecr", "get-repository-policy", "--repository-name", repository)["policyText"]
    [statement] = json.loads(policy)["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    policy = cloud.aws("ecr", "get-lifecycle-policy", "--repository-name", repository)["lifecyclePolicyText"]
    [rule] = json.loads(policy)["rules"]
    assert rule["selection"]["tagStatus"] == "untagged", "what carries a tag may be in service"


@pytest.fixture
def project(engine: Engine, cloud: Cloud, registry: str, tmp_path: Path) -> projects.Project:
    """A project whose images are whatever a test pushes; the registry takes everybody."""
    spec = projects.spec_of("minimal") | {"name": f"refused-{os.getpid()}", "aws": {"region": REGION}}
    made = projects.make(engine, tmp_path / "project", spec)
    return with_environment(made, ECR_REGISTRY=registry, ECR_LOGIN="none", **cloud.environment)


@pytest.fixture
def push_nothing(registry: str, tmp_path: Path) -> Callable[..., str]:
    """Pushes an image with next to nothing in it; its name as Lambda would be given it."""

    def push(repository: str, platform: str = "linux/amd64", *, index: bool = False) -> str:
        (tmp_path / "context").mkdir(exist_ok=True)
        (tmp_path / "context/Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
        tag = f"{registry}/{repository}:{platform.rpartition('/')[2]}"
        buildx("build", f"--platform={platform}", "--provenance=false", "--load", f"--tag={tag}", tmp_path / "context")
        daemon.push(tag, tag)
        if index:
            buildx("imagetools", "create", f"--tag={registry}/{repository}:index", tag)
        digest = registries.manifest(registry, repository, "index" if index else tag.rpartition(":")[2]).digest
        return f"{ECR}/{repository}@{digest}"

    return push


def refusal(project: projects.Project, name: str = "deploy", *words: str, **variables: str) -> str:
    """The one sentence with which a script gives up."""
    done = project.script(name, *words, check=False, **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    [sentence] = done.stderr.strip().split("\n")
    return sentence


def test_what_lambda_would_not_take_is_refused_before_anything_is_changed(
    project: projects.Project, push_nothing: Callable[..., str], cloud: Cloud, registry: str
) -> None:
    role = {"LAMBDA_ROLE": cloud.role(f"refused-{os.getpid()}")}
    assert "nothing was pushed from here yet" in refusal(project)
    for image in ("python:3.13", f"{ECR}/a:latest", f"public.ecr.aws/a/b@sha256:{'0' * 64}"):
        assert "Lambda takes images of Amazon ECR" in refusal(project, IMAGE=image)
    elsewhere = f"{ECR}/a@sha256:{'0' * 64}".replace(REGION, "us-east-1")
    assert f"its own region, {REGION}, only" in refusal(project, IMAGE=elsewhere)
    fit = push_nothing("refused/fit")
    absent = fit[:-64] + "0" * 64
    assert "there is no image" in refusal(project, IMAGE=absent, **role)
    assert "takes one plain manifest" in refusal(project, IMAGE=push_nothing("refused/index", index=True), **role)
    arm = refusal(project, IMAGE=push_nothing("refused/arm", "linux/arm64"), **role)
    assert arm.endswith("is for linux/arm64, and the function is for linux/amd64.")
    assert "compressed by gzip only" in refusal(project, IMAGE=with_plain_layers(registry, fit), **role)
    with pytest.raises(CommandError, match="ResourceNotFoundException"):
        cloud.aws("lambda", "get-function", "--function-name", project.name)


def with_plain_layers(registry: str, image: str) -> str:
    """The same image, its layers declared as uncompressed."""
    repository, _, digest = image.removeprefix(f"{ECR}/").partition("@")
    content = registries.manifest(registry, repository, digest).content
    content["mediaType"] = "application/vnd.oci.image.manifest.v1+json"
    content["config"]["mediaType"] = "application/vnd.oci.image.config.v1+json"
    content["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar"
    return f"{ECR}/{repository}@{registries.put_manifest(registry, repository, 'plain', content)}"


def test_a_role_is_needed_once(project: projects.Project, push_nothing: Callable[..., str], cloud: Cloud) -> None:
    cloud.aws("ecr", "create-repository", "--repository-name", "roles/image")
    image = push_nothing("roles/image")
    variables = {"IMAGE": image, "LAMBDA_FUNCTION": f"roles-{os.getpid()}", "LAMBDA_ALIAS": "blue"}
    assert "takes a role: set LAMBDA_ROLE" in refusal(project, **variables)
    unknown = f"arn:aws:iam::{ACCOUNT}:role/unknown"
    done = project.script("deploy", check=False, LAMBDA_ROLE=unknown, **variables)
    assert "cannot be assumed by Lambda" in done.stderr
    role = cloud.role(f"roles-{os.getpid()}")
    assert project.script("deploy", check=False, LAMBDA_ROLE=role, **variables).returncode == 0
    assert "Nothing to do" in project.script("deploy", check=False, **variables).stderr
    # A tag of its own keeps what is in service.
    kept = cloud.aws("ecr", "describe-images", "--repository-name", "roles/image")["imageDetails"]
    assert [row["imageTags"] for row in kept] == [[f"deployed-{image.rpartition(':')[2][:16]}"]]


CONFLICT = """#!/bin/sh
case " $* " in
    *' update-function-code '*)
        echo 'An error occurred (ResourceConflictException) when calling the UpdateFunctionCode operation: busy' >&2
        exit 254
        ;;
esac
PATH=${PATH#*:} exec aws "$@"
"""


def test_snapshots_are_asked_for(
    engine: Engine, project: projects.Project, push_nothing: Callable[..., str], cloud: Cloud, tmp_path: Path
) -> None:
    name = f"snapshots-{os.getpid()}"
    spec = projects.spec_of("minimal") | {"name": name, "snap_start": True, "aws": {"region": REGION}}
    cloud.aws("ecr", "create-repository", "--repository-name", "snapshots/image")
    respecify(engine, project, spec)
    # moto takes the setting, and does not keep it: what is asked for is read from what the aws command was called with.
    calls = tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    spy = tmp_path / "bin/aws"
    real = shutil.which("aws", path=project.environment["PATH"])
    spy.write_text(f'#!/bin/sh\nprintf \'%s\\n\' "$*" >>{calls}\nexec {real} "$@"\n', encoding="utf-8")
    spy.chmod(0o755)
    watched = with_environment(project, PATH=f"{spy.parent}{os.pathsep}{project.environment['PATH']}")
    watched.script("deploy", IMAGE=push_nothing("snapshots/image"), LAMBDA_ROLE=cloud.role(name))
    [created] = [line for line in calls.read_text(encoding="utf-8").splitlines() if "create-function" in line]
    assert "--snap-start ApplyOn=PublishedVersions" in created
    assert cloud.aws("lambda", "get-alias", "--function-name", name, "--name", "live")["FunctionVersion"] == "1"


def test_another_update_under_way_is_told(
    project: projects.Project, push_nothing: Callable[..., str], cloud: Cloud, tmp_path: Path
) -> None:
    """moto's updates are over at once: the answer is put in its mouth."""
    cloud.aws("ecr", "create-repository", "--repository-name", "conflict/image")
    variables = {"LAMBDA_FUNCTION": f"conflict-{os.getpid()}", "LAMBDA_ROLE": cloud.role(f"conflict-{os.getpid()}")}
    variables["IMAGE"] = push_nothing("conflict/image")
    project.script("deploy", **variables)
    variables["IMAGE"] = push_nothing("conflict/other")
    (tmp_path / "context/Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /other\n")
    fake = tmp_path / "bin/aws"
    fake.parent.mkdir()
    fake.write_text(CONFLICT)
    fake.chmod(0o755)
    path = f"{fake.parent}{os.pathsep}{cloud.environment['PATH']}"
    cloud.aws("ecr", "create-repository", "--repository-name", "conflict/other")
    done = project.script("deploy", check=False, PATH=path, **variables)
    assert done.returncode == 1
    busy = f"another update of {variables['LAMBDA_FUNCTION']} is under way: run this again when it has finished."
    assert done.stderr.strip().endswith(busy)


def test_what_is_missing_is_said_in_one_sentence(
    project: projects.Project, build: Callable[..., str], cloud: Cloud, tmp_path: Path
) -> None:
    assert "there is no image" in refusal(project, "push")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    daemon.client().images.get(build(tmp_path)).tag(f"{project.name}:latest")
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    for name in ("push", "rollback", "destroy"):
        words = ["--yes"] if name == "destroy" else []
        assert "the aws command is not installed" in refusal(project, name, *words, PATH=without_aws(tmp_path))
        assert "Unable to locate credentials" in refusal(project, name, *words, **nobody)
        script = project.root / "scripts" / name
        script.write_text(re.sub("^region=.*", "region=", script.read_text(), flags=re.MULTILINE))
        assert "no region is given" in refusal(project, name, *words)
    daemon.remove(f"{project.name}:latest")


def without_aws(tmp_path: Path) -> str:
    """A PATH with everything but the `aws` command."""
    folder = tmp_path / "all-but-aws"
    folder.mkdir(exist_ok=True)
    for place in search_path().split(os.pathsep)[::-1]:
        for program in Path(place).glob("*"):
            if program.name != "aws":
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    return str(folder)


def test_a_repository_that_lambda_may_not_read_is_refused(
    project: projects.Project, build: Callable[..., str], cloud: Cloud, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    daemon.client().images.get(build(tmp_path)).tag(f"{project.name}:latest")
    cloud.aws("ecr", "create-repository", "--repository-name", "private/image")
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "ecr:BatchGetImage"}],
    }
    cloud.aws("ecr", "set-repository-policy", "--repository-name", "private/image", "--policy-text", json.dumps(policy))
    assert "does not let Lambda read images" in refusal(project, "push", ECR_REPOSITORY="private/image")
    daemon.remove(f"{project.name}:latest")


def test_destroy_asks(project: projects.Project, push_nothing: Callable[..., str], cloud: Cloud) -> None:
    pexpect = pytest.importorskip("pexpect")
    name = f"asked-{os.getpid()}"
    cloud.aws("ecr", "create-repository", "--repository-name", name)
    variables = {"IMAGE": push_nothing(name), "LAMBDA_FUNCTION": name, "ECR_REPOSITORY": name}
    project.script("deploy", LAMBDA_ROLE=cloud.role(name), **variables)
    for answers, gone in ((("no", "no"), False), (("yes", "no"), True)):
        environment = os.environ | project.environment | variables
        child = pexpect.spawn(str(project.root / "scripts/destroy"), env=environment, encoding="utf-8", timeout=60)
        for question, answer in zip(("Delete arn:aws:lambda", f"Delete {ECR}/{name}"), answers, strict=True):
            child.expect(question)
            child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        listed = subprocess.run(
            ["aws", "lambda", "get-function", "--function-name", name, "--region", REGION],
            env=os.environ | cloud.environment,
            capture_output=True,
            check=False,
        )
        assert (listed.returncode != 0) == gone
        assert cloud.aws("ecr", "describe-repositories", "--repository-names", name)


class TokenServer:
    """GitHub, asked for a job's token."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers["Authorization"]))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"count": 1, "value": "header.payload.signature"}')

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


def test_a_job_gets_credentials_that_nobody_sees(
    engine: Engine, cloud: Cloud, tmp_path: Path, docker_engine: Path
) -> None:
    spec = projects.spec_of("minimal") | {"name": f"job-{os.getpid()}", "ci": "github", "aws": {"region": REGION}}
    project = projects.make(engine, tmp_path / "project", spec)
    github = TokenServer()
    variables = {
        "HOME": str(tmp_path),
        "AWS_ROLE_TO_ASSUME": cloud.role(f"job-{os.getpid()}"),
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{github.server.server_address[1]}/token?version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer-of-the-job",
        "AWS_REGION": "",
    }
    job = with_environment(
        project, **(dict(cloud.environment) | {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    )
    assert "permission id-token: write" in refusal(
        job, "github-credentials", **(variables | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": ""})
    )
    done = job.script("github-credentials", check=False, **variables)
    github.server.shutdown()
    github.server.server_close()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert github.asked == [("/token?version=2&audience=sts.amazonaws.com", "bearer bearer-of-the-job")]
    written = tmp_path / ".aws/credentials"
    assert written.stat().st_mode & 0o777 == 0o600
    lines = dict(line.split(" = ") for line in written.read_text().splitlines()[1:])
    assert lines.keys() == {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}
    found = {"AWS_SHARED_CREDENTIALS_FILE": str(written), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert "assumed-role" in Cloud({**cloud.environment, **found}).aws("sts", "get-caller-identity")["Arn"]
