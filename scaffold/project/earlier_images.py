"""Recognises files that differ from a render only by image references that the standards have since replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scaffold.oci.names import in_full, parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.rendering.plan import Image, Plan

_WORD = re.compile(
    rb"([A-Za-z0-9._/:@-]+)"
)  # the characters of references, so that no reference matches part of a word
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_ANY_REGISTRY = re.compile(r"[a-z0-9.-]+(?::[0-9]+)?/(?:[a-z0-9._-]+/)*")


@dataclass(frozen=True, kw_only=True)
class EarlierImages:
    """The images of a plan, and the standards, which record their earlier references."""

    plan: Plan
    standards: Mapping[str, Any]

    @cached_property
    def _images(self) -> dict[bytes, Image]:
        return {image["reference"].encode(): image for image in self.plan["images"]}

    def superseded(self, rendered: bytes, found: bytes) -> tuple[str, ...]:
        """Return the references of a rendered file for which another file has earlier ones of the same images.

        Empty if the files differ in anything else.
        """
        if not any(reference in rendered for reference in self._images):
            return ()
        ours, theirs = _WORD.split(rendered), _WORD.split(found)
        if len(ours) != len(theirs):
            return ()
        differing = {pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]}
        if not all(our in self._images and self._is_earlier(self._images[our], their) for our, their in differing):
            return ()
        replaced = {our for our, _ in differing}
        return tuple(image["reference"] for reference, image in self._images.items() if reference in replaced)

    def _is_earlier(self, image: Image, word: bytes) -> bool:
        """Return whether a word is a reference that a render may have written for an image.

        A digest must be a current or earlier one (`superseded`) in the standards, from any registry. If they do not
        require digests, the image's own repository or its mirror may have any tag.
        """
        repository, tag, digest = parts(word.decode())
        own = parts(image["image"])[0]
        if not _TAG.fullmatch(tag):
            return False
        if digest:
            path = in_full(own).partition("/")[2]
            known = digest in self._digests(image) and repository.endswith(path)
            return known and _ANY_REGISTRY.fullmatch(repository.removesuffix(path)) is not None
        pinned = image["role"] in {"base", "builder"} and self.standards["rules"].get("base_digest") == "required"
        return not pinned and repository in {own, parts(image["reference"])[0]}

    def _digests(self, image: Image) -> set[str]:
        """Return every digest that the standards have or had for an image."""
        digests = {image["digest"]} if image["digest"] else set()
        for section in ("bases", "builds", "extensions"):
            row = self.standards.get(section, {}).get(image["name"], {})
            if row.get("image") == image["image"]:
                for key in (self.plan["architecture"]["name"], "index"):
                    digests |= row.get("superseded", {}).get(key, {}).keys()
        return digests
