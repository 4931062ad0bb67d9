"""Answers of registries that Python and Go read alike.

Go takes keys for one another that differ in case only, and of a key that stands twice the last one, whole or in parts
(https://pkg.go.dev/encoding/json#Unmarshal), so that an engine may see another image than is judged here.
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
    """What a manifest or a configuration says; raises ValueError where another reader might read something else."""
    value = json.loads(body, object_pairs_hook=_once)
    _require_exact(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _require_exact(value: Any) -> None:
    for item in value if isinstance(value, list) else ():
        _require_exact(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if _MEANT.get(key.casefold(), key) != key:
            raise ValueError("a key is written in another case")
        if key not in _FREE:
            _require_exact(item)
