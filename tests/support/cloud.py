"""An account of AWS, which is the stand-in, and the `aws` command that talks to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def commands() -> Sequence[str]:
    """The `aws` command of the tests' own packages, and others, whose paths are in AWS_COMMANDS."""
    own = shutil.which("aws", path=str(Path(sys.executable).parent)) or "aws"
    return [own, *filter(None, os.environ.get("AWS_COMMANDS", "").split(os.pathsep))]


@contextmanager
def serve(folder: Path, command: str = "", **variables: str) -> Iterator[Cloud]:
    """Start the stand-in, and stop it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log, docker, programs = folder / "standin.log", folder / "docker", folder / "programs"
    docker.mkdir()
    programs.mkdir()
    (programs / "aws").symlink_to(command or commands()[0])
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
    with log.open("wb") as output:
        given = (
            os.environ | {"PYTHONPATH": str(TESTS), "STANDIN_EMULATORS": environment["STANDIN_EMULATORS"]} | variables
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "standin", str(port)], env=given, stdout=output, stderr=output
        )
        try:
            wait(process, port, log)
            yield Cloud(environment)
        finally:
            process.terminate()
            process.wait(10)


def wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    msg = f"the stand-in did not start\n{log.read_text(encoding='utf-8')}"
    raise RuntimeError(msg)
