"""AWS, played by the stand-in, next to a real registry and real images. What that does not prove: `standin`.

The scripts ask the registry itself for what they must know of an image, and these tests have a real one.
"""

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
def serve(folder: Path, registry: str) -> Iterator[Cloud]:
    """An account whose functions run images of that registry, which takes ECR's password."""
    docker = str(folder / "docker")
    with serve_standin(folder, STANDIN_REGISTRY=registry, PATH=search_path(), DOCKER_CONFIG=docker) as cloud:
        yield cloud
