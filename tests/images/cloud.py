"""AWS, played by the stand-in, with real registries and real images. What that does not prove: `standin`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import search_path
from support.cloud import ACCOUNT, ECR, REGION, Cloud
from support.cloud import serve as serve_standin

# What the stand-in gives as the password of ECR, and its line of htpasswd.
PASSWORD = f"{ACCOUNT}-auth-token"
USERS = "AWS:$2b$04$5jB9c8II4Hb7vZoWzxQoZe37sXzLcWi9ds1Wh3L8FTWYmn4AFbeAy\n"

__all__ = ["ACCOUNT", "ECR", "PASSWORD", "REGION", "USERS", "Cloud", "serve"]


@contextmanager
def serve(folder: Path, registries: str) -> Iterator[Cloud]:
    """An account that has the images of these registries; its functions run those of the first."""
    docker = str(folder / "docker")
    with serve_standin(folder, STANDIN_REGISTRY=registries, PATH=search_path(), DOCKER_CONFIG=docker) as cloud:
        yield cloud
