"""push, deploy, rollback, destroy by the real `aws` command and a real registry. What moto leaves open: `cloud`."""

import dataclasses
import http.server
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
import registry as registries
from cloud import ACCOUNT, PASSWORD, REGION, Cloud
from machine import search_path

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
NASTY = 'it\'s $HOME `id` "q" \\ * %s \u00e9'


def with_environment(project: projects.Project, **variables: str) -> projects.Project:
    return dataclasses.replace(project, environment={**project.environment, **variables})


def test_an_image_goes_into_service_and_back(
    engine: Engine, bases: Sequence[str], cloud: Cloud, closed_registry: str, tmp_path: Path
) -> None:
    """From a build to a response of the deployed function; a second image with other code, and back."""
    name = f"shipped-{os.getpid()}"
    aws = {"region": REGION, "repository": f"growth/{name}", "alias": "stable"}
    spec = projects.spec_of("minimal") | {"name": name, "aws": aws, "lambda": {"environment": {"NASTY": NASTY}}}
    project = projects.make(engine, tmp_path / "project", spec).build(*bases)
    project = with_environment(project, ECR_REGISTRY=closed_registry, **cloud.environment)
    said: list[str] = []

    def script(*words: str, check: bool = True, **variables: str) -> str:
        done = project.script(*words, check=False, **variables)
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
    manifest = json.loads((project.root / ".image/manifest.json").read_bytes())
    assert manifest["config"]["digest"] == project.config()["Id"]
    pushed = registries.manifest(closed_registry, f"growth/{name}", image.partition("@")[2], f"AWS:{PASSWORD}")
    assert pushed.content["config"]["digest"] == project.config()["Id"]
    assert_repository_is_safe(cloud, f"growth/{name}", image.partition("@")[2], project.config()["Id"][7:23])
    assert "is there already" in script("push")
    assert (project.root / ".image/digest").read_text().strip() == image

    assert f"{name}:stable is version 1." in script("deploy")
    assert serving()["Code"]["ImageUri"] == image
    assert serving()["Configuration"]["Environment"]["Variables"] == {"NASTY": NASTY}
    (project.root / "event.json").write_text('{"name": "Ada"}', encoding="utf-8")
    assert "Hello, Ada" in script("invoke-live", EVENT=str(project.root / "event.json"))
    assert "REPORT version 1" in said[-1], "the end of the log"
    assert_log_follows(project)

    (project.root / "src/app.py").write_text("def handler(event, context):\n    raise ValueError(event)\n")
    project.build(*bases)
    assert "the image was built again after it was pushed" in script("deploy", check=False)
    script("push")
    assert "version 2." in script("deploy")
    assert "ValueError" in script("invoke-live", check=False)
    assert f"the handler of {name}:stable failed" in said[-1]
    assert "stable is version 1 now" in script("rollback")
    daemon.remove(f"{name}:latest")
    assert "Hello, " in script("invoke-live")

    assert "there is nobody to ask" in script("destroy", check=False)
    assert f"the repository growth/{name} with its images" in script("destroy", "--yes")
    assert cloud.aws("ecr", "describe-repositories", "--repository-names", f"growth/{name}")
    assert "there is no stack" in script("destroy", "--yes", check=False)
    assert not [line for line in said if PASSWORD in line or cloud.environment["AWS_SECRET_ACCESS_KEY"] in line]


def assert_log_follows(project: projects.Project) -> None:
    words = [project.root / "scripts/logs-live"]
    environment = os.environ | project.environment
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as following:
        try:
            assert following.stdout
            assert "REPORT version 1" in following.stdout.readline()
        finally:
            following.terminate()


def assert_repository_is_safe(cloud: Cloud, repository: str, digest: str, tag: str) -> None:
    [image] = cloud.aws("ecr", "describe-images", "--repository-name", repository)["imageDetails"]
    assert (image["imageDigest"], image["imageTags"]) == (digest, [tag, f"digest-{digest.removeprefix('sha256:')}"])
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


def refusal(project: projects.Project, name: str = "deploy", *words: str, **variables: str) -> str:
    """The one sentence with which a script gives up."""
    done = project.script(name, *words, check=False, **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    [sentence] = done.stderr.strip().split("\n")
    return sentence


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
    script = project.root / "scripts/aws.sh"
    script.write_text(script.read_text().replace(f"region={REGION}", "region="))
    assert "no region is given" in refusal(project, "push")
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
    policy["Statement"] = [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:ListImages"},
    ]
    cloud.aws("ecr", "set-repository-policy", "--repository-name", "private/image", "--policy-text", json.dumps(policy))
    assert "does not let Lambda read images" in refusal(project, "push", ECR_REPOSITORY="private/image")
    daemon.remove(f"{project.name}:latest")


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


def test_a_stage_gets_the_bytes_of_the_stage_before_from_another_registry(
    engine: Engine, bases: Sequence[str], cloud: Cloud, registry: str, closed_registry: str, tmp_path: Path
) -> None:
    name = f"copied-{os.getpid()}"
    spec = projects.spec_of("minimal") | {
        "name": name,
        "aws": {"region": REGION},
        "stages": {"dev": {"aws": {"repository": f"dev/{name}"}}, "prod": {"aws": {"repository": f"prod/{name}"}}},
    }
    project = projects.make(engine, tmp_path / "project", spec).build(*bases)
    project = with_environment(project, **cloud.environment)
    assert "no image of the stage dev was pushed from here" in refusal(project, "push", STAGE="prod")
    project.script("push", ECR_REGISTRY=registry, ECR_LOGIN="none")
    digest = (project.root / ".image/digest.dev").read_text().strip().partition("@")[2]
    # Where a registry is not Amazon's, Docker has credentials for it.
    login = {"DOCKER_CONFIG": str(tmp_path / "docker"), "HOME": str(tmp_path)}
    given = {"STAGE": "prod", "ECR_REGISTRY": closed_registry, "IMAGE": f"{registry}/dev/{name}@{digest}", **login}
    done = project.script("push", check=False, **given)
    assert done.stdout == f"{ECR}/prod/{name}@{digest}\n", done.stderr
    assert (project.root / ".image/digest.prod").read_text() == done.stdout
    copied = registries.manifest(closed_registry, f"prod/{name}", digest, f"AWS:{PASSWORD}")
    assert copied.content == registries.manifest(registry, f"dev/{name}", digest).content
    assert "is there already" in project.script("push", check=False, **given).stderr
    assert f"{name}-prod:live is version 1." in project.script("deploy", check=False, STAGE="prod").stderr
    project.script("destroy", "--yes", STAGE="prod")
    daemon.remove(f"{name}:latest")
