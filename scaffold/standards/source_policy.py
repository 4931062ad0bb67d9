"""BuildKit's source policy for the standards: it denies every source that is not in them.

https://github.com/moby/buildkit/blob/master/docs/build-repro.md. The last rule that matches a source wins, so the first
one denies everything. A source is allowed by its whole name: a pattern such as `registry/bases*` would also allow
`registry/bases-of-someone-else`. BuildKit sees the Dockerfile's name, completed (`docker.io/…`): once for a reference
with tag and digest, twice for one with only a tag, the second time with the resolved digest. An image without a digest
therefore cannot be allowed by its whole name, and is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.oci.names import in_full, repositories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scaffold.standards.model import Base, Builder, Extension, Image, Standards

CONTEXTS = ("local://context", "local://dockerfile")
"""The sources of every build: its context, and the directory of its Dockerfile. Named contexts have other names."""


def policy(images: Iterable[Image], mirrors: Mapping[str, str]) -> dict[str, Any]:
    """Return the policy that allows these images by digest, in their own registry and its mirror, and nothing else."""
    allowed = {name for image in images for name in identifiers(image, mirrors)}
    rules = [_rule("DENY", "*", "WILDCARD"), *(_rule("ALLOW", name, "EXACT") for name in (*CONTEXTS, *sorted(allowed)))]
    return {"version": 1, "rules": rules}


def _rule(action: str, identifier: str, match: str) -> dict[str, Any]:
    return {"action": action, "selector": {"identifier": identifier, "matchType": match}}


def identifiers(image: Image, mirrors: Mapping[str, str]) -> Iterator[str]:
    """Yield the names under which BuildKit requests an image with digests, as a Dockerfile may write them."""
    for digest in image.all_digests:
        for repository in repositories(image.image, mirrors):
            for reference in (f"{repository}:{image.tag}@{digest}", f"{repository}@{digest}"):
                yield f"docker-image://{in_full(reference)}"


def catalogue(standards: Standards, today: date) -> list[Base | Builder | Extension]:
    """Return all images that a build may read on this day: the empty one is never read."""
    usable = [image for image in standards.foundations if image.usable(today) and not image.empty]
    return [*usable, *standards.extensions.values()]
