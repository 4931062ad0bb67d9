"""What the tests of real images ask of the machine: a docker client, a cache, locks, programs of Debian packages."""

import base64
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent

# Python's name of a processor: the name in file names of AWS's emulator.
EMULATOR_SUFFIX = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class CommandError(RuntimeError):
    """A program failed; its words and all that it printed are in the message."""


def run(
    *words: str | Path,
    stdin: IO[bytes] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Runs a program to its end and returns its standard output."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",  # a builder repeats the bytes it was given
        cwd=cwd,
        env=env,
        check=False,
    )
    if done.returncode:
        msg = f"exit {done.returncode}: {' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
        raise CommandError(msg)
    return done.stdout


def docker_client() -> Path:
    """The client that came with the engine: a machine may hold an older one in front of it."""
    packaged = Path("/usr/bin/docker")
    found = packaged if os.access(packaged, os.X_OK) else shutil.which("docker")
    if not found:
        msg = "no docker client: run tests/images/engine"
        raise CommandError(msg)
    return Path(found)


def search_path() -> str:
    """A PATH on which scripts that call `docker` find that client too, and everything else where it was."""
    folder = cache_folder() / "bin"
    folder.mkdir(exist_ok=True)
    link = folder / "docker"
    with lock("bin"):
        if not link.is_symlink() or link.readlink() != docker_client():
            link.unlink(missing_ok=True)
            link.symlink_to(docker_client())
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def docker(*words: str | Path, stdin: IO[bytes] | None = None) -> str:
    """Run `docker`: for builds, and for stand-ins, which `examples/demo` makes where the SDK is not installed."""
    return run(docker_client(), *words, stdin=stdin)


def local_builder() -> str:
    """The builder that is the engine itself: another one does not see the engine's images."""
    return docker("context", "show").strip()


def buildx(*words: str | Path) -> str:
    return docker("buildx", "--builder", local_builder(), *words)


def until(ready: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again, this long at most; whether the answer became yes."""
    deadline = time.monotonic() + seconds
    while not (answer := ready()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def cache_folder() -> Path:
    """Where downloads are kept between runs."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "lambda-image-scaffold-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Keeps other processes with the same name out: pytest-xdist has a session, and so session fixtures, per worker."""
    with (cache_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def download_wheels(requirements: Path, python: str, destination: Path) -> None:
    """Downloads the pinned wheels for one version of Python on Linux."""
    pip = [sys.executable, "-m", "pip"] if shutil.which("pip", path=Path(sys.executable).parent) else ["pip"]
    glibc = [f"--platform=manylinux_2_{minor}_{platform.machine()}" for minor in (17, 28)]
    words = ["--no-deps", "--require-hashes", "--only-binary=:all:", f"--python-version={python}", *glibc]
    run(*pip, "download", "--quiet", "--disable-pip-version-check", *words, "-r", requirements, "-d", destination)


def download_packages(pinned: Path, destination: Path) -> None:
    """Downloads archives of npm, each a line with a name, a version and the integrity that npm's locks have of it."""
    destination.mkdir(parents=True, exist_ok=True)
    for line in pinned.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, version, integrity = line.split()
        file = f"{name}-{version}.tgz"
        with urllib.request.urlopen(f"https://registry.npmjs.org/{name}/-/{file}", timeout=300) as answer:
            content = answer.read()
        if base64.b64encode(hashlib.sha512(content).digest()).decode() != integrity.removeprefix("sha512-"):
            msg = f"{file} is not what {pinned.name} says"
            raise CommandError(msg)
        (destination / file).write_bytes(content)


def debian_program(package: str, path: str) -> Path:
    """A program out of a Debian package, which is unpacked, not installed: no service starts, nothing else changes."""
    installed = Path("/") / path
    if installed.exists():
        return installed
    folder = cache_folder() / package
    with lock(package):
        if not (folder / path).exists():
            folder.mkdir(exist_ok=True)
            try:
                run("apt-get", "download", "-qq", package, cwd=folder)
            except CommandError:  # the package lists are missing, or old
                run("apt-get", "update", "-qq")
                run("apt-get", "download", "-qq", package, cwd=folder)
            run("dpkg-deb", "-x", next(folder.glob("*.deb")), folder)
    return folder / path
