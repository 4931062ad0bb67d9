"""What the standards have moved: a file that only names an image as they had it before was not edited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffold.oci.names import in_full, parts
from scaffold.rendering.rendered_file import Owner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scaffold.rendering.engine import Plan
    from scaffold.rendering.rendered_file import RenderedFile

_TAG = rb":[A-Za-z0-9_][A-Za-z0-9._-]*"
_ANYWHERE = rb"[a-z0-9.-]+(?::[0-9]+)?/(?:[a-z0-9._-]+/)*"
_END = rb"(?![A-Za-z0-9._:@-])"


def images_of(plan: Plan) -> list[Mapping[str, Any]]:
    """Every image that the files of a plan name: its `image`, and the `reference` that they write for it."""
    return [plan["base"], *plan["extensions"], plan["emulator"]]


def named(content: bytes, references: Iterable[str]) -> list[str]:
    """Those of these references that a file names."""
    return [name for name in references if re.search(re.escape(name.encode()) + _END, content)]


def as_it_stood(root: Path, file: RenderedFile, plan: Plan, standards: Mapping[str, Any]) -> RenderedFile:
    """The file as it was rendered when these standards had other tags, digests or mirrors, if that stands there.

    A digest must be one that they have or had (`superseded`), and then may come from anywhere. Where they demand none,
    a tag may be any, of the image at its own place or its mirror.
    """
    images = {row["reference"].encode(): row for row in images_of(plan)}
    if file.owner is not Owner.GENERATED or not any(reference in file.content for reference in images):
        return file
    try:
        standing = (root / file.path).read_bytes()
    except OSError:
        return file
    if standing == file.content:
        return file  # as nearly always: to compile a pattern of a whole file takes longer than all the rest
    longest_first = sorted(images, key=len, reverse=True)
    texts = re.split(b"(%s)" % b"|".join(map(re.escape, longest_first)), file.content)
    pattern = b"".join(
        _of_any_time(images[text], plan, standards) if text in images else re.escape(text) for text in texts
    )
    return replace(file, content=standing) if re.fullmatch(pattern, standing) else file


def _of_any_time(image: Mapping[str, Any], plan: Plan, standards: Mapping[str, Any]) -> bytes:
    """A pattern of what files may have said for an image."""
    digests = _digests(image, plan["architecture"]["name"], standards)
    repository = parts(image["image"])[0]
    ways = []
    if digests:
        path = in_full(repository).partition("/")[2]
        known = b"|".join(re.escape(digest.encode()) for digest in digests)
        ways.append(_ANYWHERE + re.escape(path.encode()) + _TAG + rb"@(?:%s)" % known)
    if image is not plan["base"] or standards["rules"].get("base_digest") != "required":
        places = sorted({repository, parts(image["reference"])[0]})
        ways.append(rb"(?:%s)" % b"|".join(re.escape(place.encode()) for place in places) + _TAG)
    return rb"(?:%s)" % b"|".join(ways)


def _digests(image: Mapping[str, Any], architecture: str, standards: Mapping[str, Any]) -> list[str]:
    """Every digest that the standards have or had for an image of the plan."""
    own = [image["digest"]] if image.get("digest") else []
    for section in ("bases", "extensions"):
        row = standards.get(section, {}).get(image.get("name"), {})
        if row.get("image") == image["image"]:
            own += row.get("superseded", {}).get(architecture, {})
    return own
