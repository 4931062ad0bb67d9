"""Model files in real images: what was verified is what is in them, a layer each, for everybody to read."""

import hashlib
import io
import tarfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import daemon
import projects
import pytest
from docker.errors import ImageNotFound
from support import hostile

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

MODEL = b"weights" * 100_000
DIGEST = hashlib.sha256(MODEL).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[hostile.Server]:
    folder = tmp_path / "tls"
    folder.mkdir()
    with hostile.serve(hostile.authority(folder)) as server:
        server.answers = [hostile.whole(MODEL)]
        if projects.CA_BUNDLE.exists():  # the build downloads from elsewhere, too
            with (folder / "ca.pem").open("a", encoding="utf-8") as bundle:
                bundle.write(projects.CA_BUNDLE.read_text(encoding="utf-8"))
        yield server


def project_with(engine: Engine, root: Path, rows: Sequence[dict[str, Any]], base: str) -> projects.Project:
    spec = projects.spec_of("minimal") | {"name": f"models-{uuid.uuid4().hex[:12]}", "base": base, "model_files": rows}
    assert engine.problems(spec) == []
    project = projects.make(engine, root, spec)
    (root / "data").mkdir()
    (root / "data/labels.txt").write_text("a\n", encoding="utf-8")
    return project


@pytest.mark.parametrize("base", ["python3.13", "python3.13-debian"])
def test_they_arrive_in_layers_of_their_own(
    engine: Engine, bases: Sequence[str], server: hostile.Server, tmp_path: Path, base: str
) -> None:
    digests = {"sha256": DIGEST, "size": len(MODEL)}
    rows: list[dict[str, Any]] = [
        {"from": "data/labels.txt"},
        {"from": f"{server.url}/a", "to": "deep/er/a.onnx", **digests},
        {"from": f"hf://owner/set@{COMMIT}", "include": ["*"], "files": [{"path": "x/b.bin", **digests}]},
    ]
    project = project_with(engine, tmp_path / "project", rows, base)
    project.script("build", "--quiet", *bases, **server.trusted, HF_ENDPOINT=server.url)
    image = f"{project.name}:latest"
    words = "cd /opt/ml/model && ls -ln deep/er/a.onnx set/x/b.bin labels.txt && sha256sum */x/b.bin && ls -lnd . set/x"
    listing = daemon.output(image, "-c", words, entrypoint="/bin/sh", user="12345")
    assert listing.count("-rw-r--r--") == 3, listing
    assert listing.count("drwxr-xr-x") == 2, listing
    assert DIGEST in listing
    plan = engine.plan(projects.spec_of("minimal") | {"base": base, "model_files": rows})
    assert [model["source"] for model in plan["models"]] == ["https", "hf", "project"]
    steps = [step["CreatedBy"] for step in daemon.client().images.get(image).history()]
    copies = [step for step in reversed(steps) if "/build/models/" in step]
    assert ["/models/1/" in copies[0], "/models/2/" in copies[1], "/models/3/" in copies[2]] == [True] * 3
    assert_stray_files_stay_out(project, bases, server)


def assert_stray_files_stay_out(project: projects.Project, bases: Sequence[str], server: hostile.Server) -> None:
    (project.root / ".models/set/x/stray.bin").write_bytes(b"stray")
    project.script("build", "--quiet", *bases, **server.trusted, HF_ENDPOINT=server.url)
    image = f"{project.name}:latest"
    assert "stray" not in daemon.output(image, "-c", "ls -R /opt/ml", entrypoint="/bin/sh")


@pytest.mark.parametrize("base", ["python3.13", "python3.13-debian"])
@pytest.mark.parametrize("swap", ["printf swapped >{}", "rm {} && ln -s ../lambda-image.yaml {}", "rm {}"])
def test_a_file_swapped_after_its_check_fails_the_build(
    engine: Engine, bases: Sequence[str], server: hostile.Server, tmp_path: Path, base: str, swap: str
) -> None:
    rows = [{"from": f"{server.url}/a.onnx", "sha256": DIGEST}]
    project = project_with(engine, tmp_path / "project", rows, base)
    honest = project.root / "scripts/models"
    honest.rename(honest.with_name("honest"))
    honest.write_text(
        f'#!/bin/sh\nset -e\ncd "${{0%/*}}/.."\nscripts/honest\n{swap.replace("{}", ".models/a.onnx")}\n',
        encoding="utf-8",
    )
    honest.chmod(0o755)
    done = project.script("build", *bases, check=False, **server.trusted)
    assert done.returncode != 0
    assert "a.onnx" in done.stderr
    assert server.paths == ["/a.onnx"]
    with pytest.raises(ImageNotFound):
        project.config()


def archive() -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w:xz") as tar:
            for name, mode, text in (("t-1.0/bin/tool", 0o700, b"#!/bin/sh\necho tool\n"), ("t-1.0/junk", 0o600, b"")):
                info = tarfile.TarInfo(name)
                info.mode, info.size = mode, len(text)
                tar.addfile(info, io.BytesIO(text))
        return file.getvalue()


@pytest.mark.parametrize("base", ["python3.13", "python3.13-debian"])
def test_tools_are_there_and_run(
    engine: Engine, bases: Sequence[str], server: hostile.Server, tmp_path: Path, base: str
) -> None:
    content = archive()
    server.answers = [hostile.whole(content)]
    row = {
        "from": f"{server.url}/t-{{version}}-{{arch}}.tar.xz",
        "version": "1.0",
        "arch": {"x86_64": "amd64"},
        "sha256": {"x86_64": hashlib.sha256(content).hexdigest()},
        "extract": True,
        "pick": ["t-{version}/bin/tool"],
        "to": "/opt/bin",
    }
    spec = projects.spec_of("minimal") | {"name": f"tools-{uuid.uuid4().hex[:12]}", "base": base, "downloads": [row]}
    assert engine.problems(spec) == []
    project = projects.make(engine, tmp_path / "project", spec)
    project.script("build", "--quiet", *bases, **server.trusted)
    assert server.paths == ["/t-1.0-amd64.tar.xz"]
    words = "/opt/bin/tool && ls /opt/bin && ls -ld /opt /opt/bin"
    said = daemon.output(f"{project.name}:latest", "-c", words, entrypoint="/bin/sh", user="12345")
    assert said.split()[:2] == ["tool", "tool"]
    assert said.count("drwxr-xr-x") == 2
    [file] = [path for path in (project.root / ".downloads").iterdir() if len(path.name) == 64]
    file.write_bytes(content + b"x")
    swapped = project.root / "scripts/downloads"
    swapped.write_text("#!/bin/sh\n", encoding="utf-8")
    done = project.script("build", *bases, check=False, **server.trusted)
    assert done.returncode != 0
    assert "unpack: expected SHA-256" in done.stderr
