"""Standards → the policy by which BuildKit refuses every source that is not in them.

https://github.com/moby/buildkit/blob/master/docs/build-repro.md. Of the rules that match a source the last one wins, so
everything is denied first. A source is allowed by its whole name: a pattern such as `registry/bases*` would let
`registry/bases-of-a-stranger` through. BuildKit sees the name as the Dockerfile has it, made complete (`docker.io/…`):
by tag and digest once, by a tag alone twice, the second time with the digest it stood for. So what has no digest
cannot be allowed by its whole name, and is not allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffold.oci.names import in_full, repositories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from scaffold.standards.model import Base, Extension, Image, Standards

CONTEXTS = ("local://context", "local://dockerfile")
"""What every build reads: its context, and the folder of its Dockerfile. Named contexts have names of their own."""


def policy(images: Iterable[Image], mirrors: Mapping[str, str]) -> dict[str, Any]:
    """The policy that allows these images by digest, at their own place and at its mirror, and nothing else."""
    allowed = {name for image in images for name in identifiers(image, mirrors)}
    rules = [_rule("DENY", "*", "WILDCARD"), *(_rule("ALLOW", name, "EXACT") for name in (*CONTEXTS, *sorted(allowed)))]
    return {"version": 1, "rules": rules}


def _rule(action: str, identifier: str, match: str) -> dict[str, Any]:
    return {"action": action, "selector": {"identifier": identifier, "matchType": match}}


def identifiers(image: Image, mirrors: Mapping[str, str]) -> Iterator[str]:
    """The names by which BuildKit asks for an image that has digests, as a Dockerfile may write them."""
    for digest in image.digests.values():
        for repository in repositories(image.image, mirrors):
            for reference in (f"{repository}:{image.tag}@{digest}", f"{repository}@{digest}"):
                yield f"docker-image://{in_full(reference)}"


def catalogue(standards: Standards, today: date) -> list[Base | Extension]:
    """All images that a build may read today."""
    bases = [base for base in standards.bases.values() if base.usable(today)]
    return [*bases, *standards.extensions.values()]
