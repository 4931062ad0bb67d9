"""Broken images in a real engine and a real registry are refused as those made by hand are in the unit tests."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import daemon
import pytest
from support.archives import configuration, layer, saved
from support.broken_images import FAULTS, GOOD

from scaffold.cli import main

pytestmark = pytest.mark.images

NAMES = ("newer glibc", "extension for arm64", "key in the history", ".env", "file for its owner", "cache of pip")


@pytest.fixture
def loaded(docker_engine: Path) -> Iterator[str]:
    """The name of an image with these faults, loaded into the engine."""
    faults, good = [FAULTS[name] for name in NAMES], GOOD["python"]
    layers = [layer(*good.base), layer(*good.own), *(layer(*fault.add) for fault in faults if fault.add)]
    history = [fault.history for fault in faults if fault.history]
    name = f"scaffold.invalid/test/broken-{os.getpid()}:1"
    archive = saved(layers, configuration(layers, good.config, history, "amd64"), name)
    subprocess.run(["docker", "load", "--quiet"], input=archive, check=True, stdout=subprocess.DEVNULL)
    yield name
    daemon.remove(name)


def test_an_engine_gives_what_the_checks_need(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = sorted(FAULTS[name].code for name in NAMES)
    for options, expected in (((), wanted), (("--no-files",), [])):
        capsys.readouterr()
        code = main.main(["image", "check", "--local", "--any-base", "--format=json", *options, loaded])
        assert sorted(row["code"] for row in json.loads(capsys.readouterr().out)["findings"]) == expected
        assert code == bool(expected)
