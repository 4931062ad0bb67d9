"""Makes local stand-ins for the public base images where they are missing, and says how a build is pointed to them.

They are tagged in a name space that no registry can serve (`.invalid` never resolves), never with a public name.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import NotRequired, TypedDict

from machine import (
    EMULATOR_SUFFIX,
    HERE,
    CommandError,
    buildx,
    cache_folder,
    docker,
    download_packages,
    download_wheels,
    lock,
    run,
)

BASES = HERE / "bases"
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


class StandIn(TypedDict):
    """A row of `bases/stand-ins.json`: the image's own tag, and what `bases/Dockerfile` makes it of."""

    tag: str
    target: str
    release: str
    python: str
    amazon_linux: str
    java: NotRequired[str]
    needs: NotRequired[str]


def table() -> dict[str, StandIn]:
    """The stand-in of each public reference, without those for which this machine has not what they are made of.

    `needs` is the variable that names a folder with it.
    """
    rows: dict[str, StandIn] = json.loads((BASES / "stand-ins.json").read_text())
    return {name: row for name, row in rows.items() if "needs" not in row or os.environ.get(row["needs"])}


def find(reference: str) -> StandIn:
    """The stand-in for a reference, which may name a dated build (`3.13.2026.10.03.13`) and carry a digest."""
    wanted = reference.partition("@")[0]
    matches = [public for public in table() if wanted == public or wanted.startswith((f"{public}.", f"{public}-"))]
    return table()[max(matches, key=len)]


def build_words(*references: str) -> list[str]:
    """Words for `docker buildx build` that put the stand-ins in the place of public images.

    BuildKit compares the whole reference as it stands in the Dockerfile: one with a digest is a name of its own, and
    has to be given here.
    """
    names = {name: find(name)["tag"] for name in (*table(), *references)}
    return [f"--build-context={name}=docker-image://{tag}" for name, tag in names.items()]


def make() -> None:
    """Makes what is missing. Does next to nothing when all are there."""
    version = _content_hash(BASES)
    if _present(version):
        return
    with lock("stand-ins"):
        if _present(version):
            return
        rows = table().values()
        downloads = _downloads({row["python"] for row in rows})
        with ThreadPoolExecutor() as pool:
            list(pool.map(_make_root, {row["release"] for row in rows}))
        for row in rows:
            _build(row, version, downloads)
            _forget_others(row["tag"], version)


def emulator() -> Path:
    """The runtime interface emulator for this machine, out of the `aws-sam-cli` wheel, as a standalone program."""
    with lock("stand-ins"):
        return _downloads({row["python"] for row in table().values()}) / "aws-lambda-rie"


def _content_hash(folder: Path) -> str:
    content = hashlib.sha256(platform.machine().encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return content.hexdigest()[:12]


def _present(version: str) -> bool:
    """Whether every tag stands for what this version of the files makes, as a second tag with the version says."""
    tags = [row["tag"] for row in table().values()]
    try:
        ids = docker("image", "inspect", "--format={{.Id}}", *tags, *(f"{tag}-{version}" for tag in tags)).split()
    except CommandError:
        return False
    return ids[: len(tags)] == ids[len(tags) :]


def _downloads(pythons: set[str]) -> Path:
    """A folder with the emulator, the pinned wheels for these versions of Python, and npm's packages."""
    pinned, packages = BASES / "wheels.txt", BASES / "packages.txt"
    version = hashlib.sha256(pinned.read_bytes() + packages.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"downloads-{version}"
    if (folder / "aws-lambda-rie").exists():
        return folder
    wheels = folder / "wheels"
    for python in sorted(pythons):
        download_wheels(pinned, python, wheels)
    download_packages(packages, folder / "packages")
    member = f"samcli/local/rapid/aws-lambda-rie-{EMULATOR_SUFFIX[platform.machine()]}"
    partial = folder / "partial"
    with zipfile.ZipFile(next(wheels.glob("aws_sam_cli-*.whl"))) as archive, archive.open(member) as source:
        partial.write_bytes(source.read())
    partial.chmod(0o755)
    partial.rename(folder / "aws-lambda-rie")  # last: it says that the folder is complete
    return folder


def _make_root(release: str) -> None:
    """Imports the root file system of a Debian release, the lowest layer of all that is made of it."""
    tag = f"scaffold.invalid/debian:{release}"
    versioned = f"{tag}-{_content_hash(BASES / 'debian')}"
    if not docker("image", "ls", "--quiet", versioned):
        _install_mmdebstrap()
        with Popen([BASES / "debian" / "root", release], stdin=DEVNULL, stdout=PIPE) as maker:
            docker("import", "-", versioned, stdin=maker.stdout)
        if maker.returncode:
            docker("image", "rm", versioned)
            msg = f"bases/debian/root {release} failed"
            raise CommandError(msg)
    docker("tag", versioned, tag)


def _install_mmdebstrap() -> None:
    with lock("mmdebstrap"):
        keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
        if shutil.which("mmdebstrap") and keyring.exists():
            return
        if os.geteuid() or not shutil.which("apt-get"):
            msg = "stand-ins for the base images need mmdebstrap, which only root on Debian or Ubuntu can install here"
            raise CommandError(msg)
        run("apt-get", "update", "-qq")
        words = ["install", "-qq", "-y", "--no-install-recommends", "mmdebstrap", "debian-archive-keyring"]
        run("apt-get", *words, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


def _build(row: StandIn, version: str, downloads: Path) -> None:
    arguments = {"RELEASE": row["release"], "PYTHON": row["python"], "AMAZON_LINUX": row["amazon_linux"]}
    arguments["JAVA"] = row.get("java", "")
    given = [f"--build-context={row['needs'].lower()}={os.environ[row['needs']]}"] if "needs" in row else []
    buildx(
        *("build", "--provenance=false", "--sbom=false", "--load", *given),
        *([f"--secret=id=ca_bundle,src={CA_BUNDLE}"] if CA_BUNDLE.exists() else []),
        *(f"--build-arg={name}={value}" for name, value in arguments.items()),
        *(f"--build-context=downloads={downloads}", f"--target={row['target']}"),
        *(f"--tag={row['tag']}", f"--tag={row['tag']}-{version}", BASES),
    )


def _forget_others(tag: str, version: str) -> None:
    """Untags what other versions of the files made."""
    listed = docker("image", "ls", f"--filter=reference={tag}-*", "--format={{.Repository}}:{{.Tag}}").split()
    for name in listed:
        if name != f"{tag}-{version}":
            docker("image", "rm", "--no-prune", name)


if __name__ == "__main__":
    try:
        make()
        sys.stdout.write("\n".join([*build_words(), ""]))
    except CommandError as error:
        sys.exit(str(error))
