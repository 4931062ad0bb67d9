"""The tutorial in a real account of AWS, whose number AWS_TEST_ACCOUNT has to be: `make test-aws`. It cleans up."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from cloud import ACCOUNT, REGION, Cloud
from pages import TUTORIAL, follow, somebody
from support import docs

NAME = "flowers"
WANTED = os.environ.get("AWS_TEST_ACCOUNT", "")

pytestmark = pytest.mark.images


def aws(*words: str, **variables: str) -> Any:
    command = ["aws", "--region", REGION, "--output", "json", *words]
    done = subprocess.run(command, env=os.environ | variables, check=True, capture_output=True, text=True)
    return json.loads(done.stdout or "null")


def there(*words: str) -> bool:
    """Whether the account has something."""
    with suppress(subprocess.CalledProcessError):
        aws(*words)
        return True
    return False


@contextmanager
def borrowed(account: str) -> Iterator[dict[str, str]]:
    """The credentials of the account that was asked for, in which nothing has the names of the tutorial."""
    assert aws("sts", "get-caller-identity")["Account"] == account, "the credentials are those of another account"
    for words in (
        ("cloudformation", "describe-stacks", "--stack-name", NAME),
        ("ecr", "describe-repositories", "--repository-names", NAME),
        ("lambda", "get-function", "--function-name", NAME),
    ):
        assert not there(*words), f"the account has a {NAME} of its own: {words[0]}"
    found = boto3.Session().get_credentials()
    assert found is not None
    keys = found.get_frozen_credentials()
    # The tutorial runs with another home, so without files of credentials.
    credentials = {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
    try:
        yield credentials | ({"AWS_SESSION_TOKEN": keys.token} if keys.token else {})
    finally:
        aws("cloudformation", "delete-stack", "--stack-name", NAME)
        aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", NAME)
        if there("ecr", "describe-repositories", "--repository-names", NAME):
            aws("ecr", "delete-repository", "--repository-name", NAME, "--force")
        groups = aws("logs", "describe-log-groups", "--log-group-name-prefix", f"{NAME}-FlowersLogs-")["logGroups"]
        for group in groups:
            aws("logs", "delete-log-group", "--log-group-name", group["logGroupName"])


@pytest.mark.full
@pytest.mark.skipif(not WANTED, reason="AWS_TEST_ACCOUNT names no account")
def test_the_tutorial_works_in_a_real_account(bases: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    ecr = f"{WANTED}.dkr.ecr.{REGION}.amazonaws.com"
    with borrowed(WANTED) as account:
        environment = somebody(tmp_path, bases, ecr, ecr) | account | {"DOCKER_CONFIG": str(tmp_path / "docker")}
        names = {ecr: ecr.replace(WANTED, ACCOUNT), WANTED: ACCOUNT}
        follow(docs.blocks(TUTORIAL), tmp_path / "work", environment, names)


def test_an_account_is_borrowed_only_if_it_is_the_one_and_given_back_as_it_was(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `make test-aws` does before and after the tutorial, with the stand-in as the account."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AssertionError, match="another account"), borrowed("999999999999"):
        pass
    repository = ("ecr", "describe-repositories", "--repository-names", NAME)
    aws("ecr", "create-repository", "--repository-name", NAME)
    with pytest.raises(AssertionError, match="the account has a flowers of its own: ecr"), borrowed(ACCOUNT):
        pass
    assert there(*repository), "what is somebody else's stays"
    aws("ecr", "delete-repository", "--repository-name", NAME)
    with borrowed(ACCOUNT) as credentials:
        assert credentials == {name: cloud.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        aws("ecr", "create-repository", "--repository-name", NAME)
        for group in (f"{NAME}-FlowersLogs-1", "someone"):
            aws("logs", "create-log-group", "--log-group-name", group)
    assert not there(*repository)
    assert [row["logGroupName"] for row in aws("logs", "describe-log-groups")["logGroups"]].count("someone") == 1
    assert not aws("logs", "describe-log-groups", "--log-group-name-prefix", NAME)["logGroups"]
    aws("logs", "delete-log-group", "--log-group-name", "someone")
