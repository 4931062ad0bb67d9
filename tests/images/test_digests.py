"""Two builds without a cache, of other paths, modes and times: one digest, where the builder can rewrite times."""

import io
import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import projects
import pytest
import second_engine
import stand_ins
from support.template import CASES

from scaffold.rendering.engine import Engine

pytestmark = [pytest.mark.images, pytest.mark.full]

LANGUAGES = ("code", "node", "go", "java", "rust", "custom-built")
"""A case of each language."""


def read(archive: Path) -> tuple[str, list[str]]:
    """The digest of the manifest of the one image in an OCI archive, and the ids of its layers."""
    with tarfile.open(archive) as files:

        def content(name: str) -> dict[str, Any]:
            with files.extractfile(name) or io.BytesIO() as file:
                found: dict[str, Any] = json.load(file)
            return found

        digest = content("index.json")["manifests"][0]["digest"]
        manifest = content(f"blobs/{digest.replace(':', '/')}")
        configuration = content(f"blobs/{manifest['config']['digest'].replace(':', '/')}")
    return digest, configuration["rootfs"]["diff_ids"]


@pytest.mark.parametrize("case", LANGUAGES)
def test_the_same_manifest_on_other_paths_with_other_modes_and_times(
    case: str,
    engine: Engine,
    bases: Sequence[str],
    snapshotter_engine: second_engine.Engine,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = projects.spec_of(case) | {"name": f"{case}-digest-{os.getpid()}"}
    plan = engine.plan(spec)
    used = {row["reference"] for row in plan["images"] if row["role"] in {"base", "builder"}} - {"scratch"}
    for reference in used if bases else ():
        snapshotter_engine.take(stand_ins.find(reference)["tag"])
    found = []
    for turn in (1, 2):
        project = projects.make(engine, tmp_path / str(turn) / "project", spec, CASES / case / "project")
        projects.shake(project.root, turn)
        archive = tmp_path / f"{turn}.tar"
        snapshotter_engine.buildx(
            *("build", "--no-cache", "--provenance=false", "--sbom=false", "--build-arg=SOURCE_DATE_EPOCH=0"),
            *(f"--output=type=oci,dest={archive},rewrite-timestamp=true", f"--file={project.root}/Dockerfile"),
            *(word for word in bases if word.partition("=")[2].partition("=")[0] in used),
            *([f"--secret=id=ca_bundle,src={projects.CA_BUNDLE}"] if projects.CA_BUNDLE.exists() else []),
            project.root,
        )
        found.append(read(archive))
    with capsys.disabled():
        print(f"\n{case:<14} {found[0][0]} {'=' if found[0] == found[1] else '≠'} {found[1][0]}")
    assert found[0] == found[1]
