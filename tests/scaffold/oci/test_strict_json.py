"""Manifests and configurations that an engine, written in Go, would read otherwise than Python does."""

from __future__ import annotations

import json

import pytest

from scaffold.oci import strict_json

PLAIN = {
    "schemaVersion": 2,
    "config": {"Labels": {"size": "1", "Size": "2", "LAYERS": ""}, "Cmd": ["x"], "Volumes": {"/Config": {}}},
    "rootfs": {"diff_ids": ["a"]},
    "history": [{"created_by": "x", "empty_layer": True}],
    "annotations": {"Config": "x"},
}


def test_what_is_plain_is_read() -> None:
    assert strict_json.loads(json.dumps(PLAIN).encode()) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        '{"config": 1, "config": 2}',
        '{"config": {"Env": [], "Env": ["x"]}}',
        '{"config": 1, "Config": 2}',
        '{"Layers": []}',
        '{"rootfs": {"diff_ids": []}, "rootFS": {"diff_ids": ["evil"]}}',
        '{"rootfs": {"Diff_IDs": []}}',
        '{"manifests": [{"Digest": "x"}]}',
        '{"config": {"onbuild": ["RUN evil"]}}',
        '{"config": {"cmd": ["/evil"]}}',
        '{"con\u017fig": 1, "layer\u017f": []}',
        '{"config": {"\u212aey": 1, "Wor\u212aingDir": "/"}}',
        "{",
        "",
    ],
)
def test_what_may_be_read_in_two_ways_is_not(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of the parser, too
        strict_json.loads(text.encode())
