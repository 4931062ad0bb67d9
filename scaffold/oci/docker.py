"""The user's own docker client."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from scaffold.errors import CannotDecideError
from scaffold.findings.source import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 300
"""Seconds in which a docker command must end."""


def docker(reference: str, *words: str, patience: int = PATIENCE) -> bytes:
    """Return the output of a docker command. Raises CannotDecideError, with the image's reference, if it fails."""
    import subprocess

    try:
        done = subprocess.run(["docker", *words], capture_output=True, check=False, timeout=patience)
    except FileNotFoundError as error:
        raise CannotDecideError(
            f"{reference}: docker is not installed (https://docs.docker.com/get-docker/)"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotDecideError(f"{reference}: docker did not respond ({type(error).__name__})") from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().split("\n")
        reason = lines[-1].removeprefix("ERROR: ").removeprefix(f"{reference}: ")
        raise CannotDecideError(f"{reference}: {visible(reason) or 'docker failed'}")
    return done.stdout


@contextmanager
def saved(name: str) -> Iterator[IO[bytes]]:
    """Yield the stream that `docker image save` writes for an image.

    Adds the image's name to a CannotDecideError of the body, and the error message of a client that failed.
    """
    import subprocess
    import tempfile

    with tempfile.TemporaryFile() as errors:
        try:
            saving = subprocess.Popen(["docker", "image", "save", name], stdout=subprocess.PIPE, stderr=errors)
        except OSError as error:
            raise CannotDecideError(f"{name}: docker did not respond ({type(error).__name__})") from error
        with saving as process:
            pipe = cast("IO[bytes]", process.stdout)
            try:
                yield pipe
            except CannotDecideError as error:
                failed = not pipe.read(1) and process.wait() > 0
                errors.seek(0)
                reason = errors.read().decode(errors="replace").strip().rpartition("\n")[2] if failed else str(error)
                raise CannotDecideError(f"{name}: {visible(reason)}") from error


def credential(helper: str, host: str) -> tuple[str, str]:
    """Return the user and the secret that a credential helper of Docker keeps for a registry; empty if it has none."""
    import json
    import subprocess

    try:
        done = subprocess.run(
            [f"docker-credential-{helper}", "get"],
            input=host.encode(),
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        found = json.loads(done.stdout)
        return str(found["Username"]), str(found["Secret"])
    except (OSError, subprocess.SubprocessError, KeyError, TypeError, ValueError):
        return "", ""
