"""AWS, played by moto, and the `aws` command that talks to it.

What moto does not prove: it takes any image, or none, for a function; it knows no image that was pushed, and computes
the digest of one it is told of wrongly; every update is over at once, so no wait ever waits and nothing conflicts; and
it grants everything, so no policy is ever put to the test. The scripts ask the registry itself for what they must know,
and these tests have a real one; whether the roles of an account suffice, only an account can show.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import run
from registry import free_port, wait

ACCOUNT = "123456789012"
REGION = "eu-west-1"
# What moto gives as the password of ECR, and its line of htpasswd.
PASSWORD = f"{ACCOUNT}-auth-token"
USERS = "AWS:$2b$04$5jB9c8II4Hb7vZoWzxQoZe37sXzLcWi9ds1Wh3L8FTWYmn4AFbeAy\n"
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
        said = run("aws", "--region", REGION, "--output", "json", *words, env=os.environ | self.environment)
        return json.loads(said or "null")

    def role(self, name: str) -> str:
        """The ARN of a new role that Lambda may take."""
        words = ["--role-name", name, "--assume-role-policy-document", json.dumps(TRUST)]
        return str(self.aws("iam", "create-role", *words)["Role"]["Arn"])


@contextmanager
def serve(folder: Path) -> Iterator[Cloud]:
    port, log, docker = free_port(), folder / "moto.log", folder / "docker"
    docker.mkdir()
    environment = {
        # The aws command of the tests' own packages.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DOCKER_CONFIG": str(docker),
    }
    with log.open("wb") as output:
        words = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
        variables = os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        process = subprocess.Popen(words, env=variables, stdout=output, stderr=output)
        try:
            wait(process, port, log)
            yield Cloud(environment)
        finally:
            process.terminate()
            process.wait(10)
