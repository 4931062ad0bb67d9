"""An approved image, a stranger's and their relatives in a real registry, and what a builder makes of an evasion."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import daemon
import registry as registries
from docker.errors import APIError
from machine import CommandError, buildx, docker_client, local_builder, run
from support.evasions import IMAGES, Evasion, Names, names

PROGRAMS = ("sh", "cp")


@contextmanager
def world(folder: Path, registry: str) -> Iterator[Names]:
    """Push the images and start the servers that the evasions need; what they are called."""
    word = uuid.uuid4().hex[:12]
    hub, hub_evil = f"scaffold-approved-{word}", f"scaffold-evil-{word}"
    _system(folder / "approved", {"approved": "approved", "var/runtime/bootstrap": "approved"})
    _system(folder / "evil", {"evil": "evil"})
    digests = {"approved": _image(folder / "approved", [f"{registry}/approved:1", f"{hub}:1", hub])}
    evil_names = [f"{registry}/{name}" for name in ("evil:1", "approved", "approved-evil:1")]
    digests["evil"] = _image(folder / "evil", [*evil_names, f"{hub_evil}:1", hub_evil])
    for name in ("pushed-over", "withdrawn", "expired"):
        _system(folder / name, {"evil": name})
        digests[name] = _image(folder / name, [f"{registry}/{'approved:' if name == 'pushed-over' else f'{name}:'}9"])
    _system(folder / "extension", {"opt/extension": "extension"})
    digests["extension"] = _image(folder / "extension", [f"{registry}/extension:1"])
    known = names(registry, digests)
    with _web(folder / "evil") as http, _git(folder) as git:
        (folder / "onbuild").mkdir()
        onbuild = known.text(f"FROM <approved>\nONBUILD ADD {http}/evil /evil\n")
        digests["onbuild"] = _image(folder / "onbuild", [f"{registry}/onbuild:1"], onbuild)
        assert set(digests) == set(IMAGES)
        yield names(registry, digests, **{"hub": hub, "hub-evil": hub_evil, "http": http, "git": git})
    pulled = daemon.names(*(f"{host}/*" for host in (registry, registry.replace("127.0.0.1", "localhost"))))
    for name in [f"{hub}:1", hub, f"{hub_evil}:1", hub_evil, *sorted(pulled)]:
        with suppress(APIError):  # gone with the last of its other names
            daemon.remove(name)


def _system(folder: Path, files: dict[str, str]) -> None:
    """A folder with a shell of this machine's, what it needs, and these files."""
    for name in PROGRAMS:
        program = Path(shutil.which(name) or name).resolve()
        libraries = re.findall(r"(?:^|\s)(/\S+)", run("ldd", program), re.MULTILINE)
        for origin, target in [(program, f"bin/{name}"), *((Path(path), path.lstrip("/")) for path in libraries)]:
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, folder / target)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _image(folder: Path, tags: list[str], dockerfile: str = "FROM scratch\nCOPY . /\n") -> str:
    """Build an image of a folder under these names, and push those of a registry; its digest there."""
    file = folder.with_suffix(".build")
    file.write_text(dockerfile)
    words = [f"--tag={tag}" for tag in tags]
    buildx("build", "--quiet", "--provenance=false", "--sbom=false", "--load", *words, "--file", file, folder)
    remote = [tag for tag in tags if "/" in tag]
    for tag in remote:
        daemon.push(tag, tag)
    host, _, rest = remote[0].partition("/")
    repository, _, tag = rest.partition(":")
    return registries.manifest(host, repository, tag).digest


@contextmanager
def _web(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it that
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def _git(folder: Path) -> Iterator[str]:
    origin = folder / "git/evil.git"
    origin.mkdir(parents=True)
    (origin / "evil").write_text("evil")
    run("git", "init", "--quiet", "--initial-branch=main", origin)
    run("git", "-C", origin, "add", "evil")
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    run("git", *author, "-C", origin, "commit", "--quiet", "--message=evil")
    port, log = registries.free_port(), folder / "git.log"
    words = ["git", "daemon", "--export-all", "--listen=127.0.0.1", f"--port={port}", f"--base-path={folder / 'git'}"]
    with log.open("wb") as file, subprocess.Popen(words, stdout=file, stderr=file) as process:
        try:
            registries.wait(process, port, log)
            yield f"git://127.0.0.1:{port}/evil.git#main"
        finally:
            process.terminate()


def build(builder: str, row: Evasion, known: Names, folder: Path) -> str:
    """What `buildkit`, `legacy` or `bake` makes of an evasion: `evil`, `baseless`, `approved`, `refused`."""
    row.write(folder, known)
    words = [str(folder / word) if word in {row.name, *row.files} else known.text(word) for word in row.build]
    try:
        members = {"buildkit": _buildkit, "legacy": _legacy, "bake": _bake}[builder](words, folder)
    except CommandError as error:
        print(error)
        return "refused"
    if any(name.rpartition("/")[2] == "evil" for name in members):
        return "evil"
    return "approved" if "approved" in members else "baseless"


def _buildkit(words: list[str], folder: Path) -> list[str]:
    archive = folder.with_suffix(".tar")
    buildx("build", "--quiet", "--network=none", f"--output=type=tar,dest={archive}", *words, folder)
    with tarfile.open(archive) as file:
        return file.getnames()


def _bake(words: list[str], folder: Path) -> list[str]:
    archive = folder.with_suffix(".tar")
    output = f"*.output=type=tar,dest={archive}"
    words = ["buildx", "--builder", local_builder(), "bake", "--progress=quiet", f"--set={output}", *words, "default"]
    run(docker_client(), *words, cwd=folder)
    with tarfile.open(archive) as file:
        return file.getnames()


def _legacy(words: list[str], folder: Path) -> list[str]:
    name, old = f"scaffold.invalid/evasion/{uuid.uuid4().hex}", os.environ | {"DOCKER_BUILDKIT": "0"}
    said = ""
    try:
        said = run(docker_client(), "build", "--no-cache", "--network=none", f"--tag={name}", *words, folder, env=old)
        with daemon.container(name, "none") as container:
            content = b"".join(container.export())
        daemon.remove(name)
        with tarfile.open(fileobj=io.BytesIO(content)) as file:
            return file.getnames()
    except CommandError as error:
        said = str(error)
        raise
    finally:
        _forget_steps(said)


def _forget_steps(said: str) -> None:
    """Remove the images without a name that the legacy builder left of its steps, as far as nothing stands on them."""
    for image in reversed(re.findall(r"^ ---> ([0-9a-f]{12})$", said, re.MULTILINE)):
        with suppress(APIError):  # gone with another, or something still stands on it
            found = daemon.client().images.get(image).attrs
            if not found["RepoTags"] and not found["RepoDigests"]:
                daemon.remove(image)
