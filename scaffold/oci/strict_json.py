"""Parses JSON that Python and Go read alike, for responses of registries.

Go treats keys that differ only in case as equal, and merges repeated keys (https://pkg.go.dev/encoding/json#Unmarshal),
so an engine could see a different image from the one checked here.
"""

from __future__ import annotations

import json
from typing import Any

_KEYS = """
annotations architecture artifactType config created data diff_ids digest features history layers manifests mediaType
os os.features os.version platform rootfs schemaVersion size subject type urls variant
ArgsEscaped AttachStderr AttachStdin AttachStdout Cmd Domainname Entrypoint Env ExposedPorts Healthcheck Hostname Image
Labels OnBuild OpenStdin Shell StdinOnce StopSignal StopTimeout Tty User Volumes WorkingDir
"""
_MEANT = {key.casefold(): key for key in _KEYS.split()}
_FREE = frozenset({"annotations", "ExposedPorts", "Labels", "Volumes"})


def loads(body: bytes) -> Any:
    """Parse a manifest or a configuration. Raises ValueError if another parser might read it differently."""
    value = json.loads(body, object_pairs_hook=_once)
    _require_exact(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found


def _require_exact(value: Any) -> None:
    for item in value if isinstance(value, list) else ():
        _require_exact(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if _MEANT.get(key.casefold(), key) != key:
            raise ValueError("a key is in the wrong case")
        if key not in _FREE:
            _require_exact(item)
