"""Where model files may come from: `model_files`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.standards.facts import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.standards.facts import Facts

_HUGGING_FACE = "huggingface.co"


def check(facts: Facts) -> Iterator[Violation]:
    """Refuse model files from hosts and buckets that the standards do not list."""
    hosts = facts.standards.rules.get("model_files", {}).get("hosts")
    if hosts is None:
        return
    for address in dict.fromkeys(facts.models):
        host = _host(address)
        if host not in hosts:
            message = f"the standards of {facts.standards.organisation} do not allow model files from {host}"
            fix = f"Use one of: {', '.join(hosts)}."
            yield Violation(code="foreign-model-host", message=message, fix=fix, about=("model_files", address))


def _host(address: str) -> str:
    """Return the host or the bucket of an address."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return _HUGGING_FACE if parts.scheme == "hf" else (parts.hostname or "")
