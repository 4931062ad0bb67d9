"""Each evasion against the gates that must stop it: the source policy at the build, the proof of the image after it."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import daemon
import pytest
import stranger
from docker.errors import APIError
from machine import docker_client, local_builder
from support.evasions import Evasion, Names, evasions

from scaffold.cli.main import main
from scaffold.findings.image_codes import MEANINGS
from scaffold.gates.image_facts import facts_for_rules, match_base
from scaffold.oci import inspect
from scaffold.rendering.engine import Engine
from scaffold.standards.evaluate import violations
from scaffold.standards.load import load

pytestmark = pytest.mark.images

HARMFUL = {"evil", "baseless"}
POLICY = [row for row in evasions() if "buildkit" in row.seen and "T" in row.gates]
PROOF = [row for row in evasions() if HARMFUL & set(row.seen.values()) and "I" in row.gates and "buildkit" in row.seen]
ABOVE = {"49": "/bin/cp", "49c": "/bin/cp", "49d": "/bin/cp"} | dict.fromkeys(
    ("82", "83", "83b"), "/var/runtime/bootstrap"
)
"""What changes this file of the approved base from above it: to be seen in layers alone."""
BESIDE = {"84"}
"""What leaves the approved base as it is, and does not use it."""


@dataclass(frozen=True)
class World:
    """The images of the evasions, and standards with the layers of the approved ones."""

    names: Names
    folder: Path
    pinned: Path


@pytest.fixture(scope="module")
def world(registry: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("stranger")
    with stranger.world(folder, registry) as names:
        for kind in ("pinned", "by-tag"):
            names.standards(folder, kind)
        pinned = folder / "proof.yaml"
        pinned.write_bytes((folder / "pinned.yaml").read_bytes())
        # Others are in no registry that can be reached from here, have ONBUILD, or are gone.
        assert main(["standards", "pin", "--standards", str(pinned), "python3.13", "python3.12"]) == 0
        yield World(names, folder, pinned)


@pytest.mark.parametrize("row", POLICY, ids=lambda row: row.id)
def test_the_source_policy_stops_it(
    row: Evasion,
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capsys.readouterr()
    assert main(["standards", "policy", "--standards", str(world.folder / f"{row.standards}.yaml")]) == 0
    policy = tmp_path / "policy.json"
    policy.write_text(capsys.readouterr().out, encoding="utf-8")
    monkeypatch.setenv("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", str(policy))
    (tmp_path / "context").mkdir()
    made = stranger.build("buildkit", row, world.names, tmp_path / "context")
    if row.seen["buildkit"] in HARMFUL:
        assert made == "refused"
        assert "denied by policy" in capsys.readouterr().out
    else:
        assert made not in HARMFUL


@pytest.mark.parametrize("row", PROOF, ids=lambda row: row.id)
def test_the_proof_of_the_image_stops_it(
    row: Evasion, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Engine()
    known = load(world.pinned, engine)
    bases = {name: base for name, base in known.bases.items() if base.diff_ids}
    assert sorted(bases) == ["python3.12", "python3.13"]
    for builder in sorted(name for name, made in row.seen.items() if made in HARMFUL):
        with built(builder, row, world.names, tmp_path / builder) as name:
            words = ["image", "check", "--local", name, "--standards", str(world.pinned), "--format=json"]
            found = []
            for option in ("--no-files", "--files"):
                main([*words, option])
                rows = json.loads(capsys.readouterr().out)["findings"]
                found.append({row["code"]: row["message"] for row in rows if row["code"] not in MEANINGS})
            [facts] = inspect.read(name, where=inspect.LOCAL)
        match, today = (
            match_base(facts, replace(known, bases=bases), {"x86_64": facts.platform}),
            datetime.now(UTC).date(),
        )
        told = list(violations(facts_for_rules(facts, match, known, today, [facts.platform])))
        if row.id in ABOVE:
            assert (found[0], told) == ({}, []), "the base is the approved one"
            assert list(found[1]) == ["altered-base"]
            assert f"the image changes or removes files of its base: {ABOVE[row.id]} (1" in found[1]["altered-base"]
        elif row.id in BESIDE:
            assert (list(found[0]), list(found[1]), told) == (["other-system"], ["other-system"], [])
        else:
            assert all(found), "besides what Lambda has against images of a single program"
            assert told, "with the layers of all bases known"


def test_a_cache_of_its_own_holds_nothing_of_other_builds(world: World, tmp_path: Path) -> None:
    """Whoever may use the builder fills its caches; the build of row 85 gets an empty one in a namespace of its own."""
    word = uuid.uuid4().hex
    filler = Evasion(
        id="",
        title="",
        gates=[],
        # The name of a cache is no part of the step's own key: the word in its command is.
        dockerfile=f"FROM <evil>\nRUN --mount=type=cache,id={word},target=/c cp /evil /c/evil && : {word}\n",
    )
    [row] = [row for row in evasions() if row.id == "85"]
    taker = replace(row, dockerfile=row.dockerfile.replace("id=shared", f"id={word}"))
    apart = replace(taker, build=["--no-cache", "--build-arg=BUILDKIT_CACHE_MOUNT_NS=apart"])
    made = []
    for number, one in enumerate((filler, taker, apart)):
        folder = tmp_path / str(number)
        folder.mkdir()
        made.append(stranger.build("buildkit", one, world.names, folder))
    assert made == ["evil", "evil", "refused"]


class built:  # noqa: N801 - a context, as a function would be one
    """The image that a builder makes of an evasion, in the engine for a while; its name."""

    def __init__(self, builder: str, row: Evasion, names: Names, folder: Path) -> None:
        folder.mkdir()
        row.write(folder, names)
        self.name = f"scaffold.invalid/evasion/{uuid.uuid4().hex}"
        words = [str(folder / word) if word in {row.name, *row.files} else names.text(word) for word in row.build]
        new = ["buildx", "--builder", local_builder(), "build", "--load", "--provenance=false", "--sbom=false"]
        command = new if builder == "buildkit" else ["build", "--no-cache"]
        self.words = [docker_client(), *command, "--network=none", f"--tag={self.name}", *words, folder]
        self.environment = os.environ | ({} if builder == "buildkit" else {"DOCKER_BUILDKIT": "0"})

    def __enter__(self) -> str:
        done = subprocess.run(self.words, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return self.name

    def __exit__(self, *_: object) -> None:
        with suppress(APIError):
            daemon.remove(self.name)
