"""An account of AWS, which is the stand-in, and the `aws` command that talks to it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standin.client import CLIENT

TESTS = Path(__file__).resolve().parents[1]
ACCOUNT = "123456789012"
REGION = "eu-west-1"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


@dataclass(frozen=True)
class Cloud:
    """An account; `environment` leads the `aws` command, and Docker's logins, here and nowhere else."""

    environment: Mapping[str, str]

    def aws(self, *words: str) -> Any:
        """The answer of one `aws` command."""
        command = ["aws", "--region", REGION, "--output", "json", *words]
        done = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"exit {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}"
            raise RuntimeError(msg)
        return json.loads(done.stdout or "null")

    def role(self, name: str) -> str:
        """The ARN of a new role that Lambda may take."""
        words = ["--role-name", name, "--assume-role-policy-document", json.dumps(TRUST)]
        return str(self.aws("iam", "create-role", *words)["Role"]["Arn"])


@contextmanager
def serve(folder: Path, command: str = "", **variables: str) -> Iterator[Cloud]:
    """Start the stand-in, and stop it. `command` is an `aws` command, if not that of the tests' packages."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log, docker, programs = folder / "standin.log", folder / "docker", folder / "programs"
    docker.mkdir()
    programs.mkdir()
    if command:
        (programs / "aws").symlink_to(command)
    else:
        client = CLIENT.format(python=sys.executable, path=str(folder / "aws.socket"))
        (programs / "aws").write_text(client, encoding="utf-8")
        (programs / "aws").chmod(0o755)
    (folder / "emulators.json").write_text("{}", encoding="utf-8")
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "DOCKER_CONFIG": str(docker),
        "STANDIN_EMULATORS": str(folder / "emulators.json"),
    }
    given = {"PYTHONPATH": str(TESTS), "STANDIN_EMULATORS": environment["STANDIN_EMULATORS"], **variables}
    servers: list[tuple[list[str], tuple[str, int] | str]] = [(["standin", str(port)], ("127.0.0.1", port))]
    servers += [] if command else [(["standin.command", str(folder / "aws.socket")], str(folder / "aws.socket"))]
    with log.open("wb") as output, ExitStack() as running:
        for words, address in servers:
            arguments = [sys.executable, "-m", *words]
            process = subprocess.Popen(arguments, env=os.environ | given, stdout=output, stderr=output)
            running.callback(process.wait, 20)
            running.callback(process.terminate)
            wait(process, address, log)
        yield Cloud(environment)


def wait(process: subprocess.Popen[bytes], address: tuple[str, int] | str, log: Path) -> None:
    """Wait until a server listens, at a port or at a socket that is a file."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with closing(socket.socket(family)) as probe:
            if probe.connect_ex(address) == 0:
                return
        time.sleep(0.05)
    msg = f"the stand-in did not start\n{log.read_text(encoding='utf-8')}"
    raise RuntimeError(msg)
