"""Somebody who follows a page of the documentation: what is on the PATH, what is done, and what is left."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import daemon
from docker.errors import NotFound
from machine import docker_client, search_path
from projects import CA_BUNDLE
from registry import free_port
from support import docs

TUTORIAL, HOW_TO = docs.ROOT / "docs/tutorial.md", docs.ROOT / "docs/how-to.md"

# Everything is Docker's own doing. But the public bases may have stand-ins, the account's registry may be one of the
# tests, and images have names of this process's own: others may be at the same page.
DOCKER = """#!/bin/sh
for word; do
    shift
    case $word in
        {ecr}/*) word={registry}/${{word#*/}} ;;
        flowers | flowers:latest | my-function:latest) word=${{word%:latest}}-{process}:latest ;;
    esac
    set -- "$@" "$word"
done
if [ "$1 $2" = 'buildx build' ]; then
    shift 2
    set -- buildx build {bases} "$@"
fi
exec {docker} "$@"
"""


def somebody(folder: Path, bases: Sequence[str], ecr: str, registry: str) -> dict[str, str]:
    """The environment of somebody with Docker, scaffold and git; `registry` takes the place of `ecr`."""
    programs = folder / "bin"
    programs.mkdir()
    names = {"ecr": ecr, "registry": registry, "process": os.getpid()}
    script = DOCKER.format(bases=" ".join(bases), docker=docker_client(), **names)
    (programs / "docker").write_text(script, encoding="utf-8")
    (programs / "docker").chmod(0o755)
    (folder / "gitconfig").write_text("[user]\nname = Nobody\nemail = nobody@example.com\n", encoding="utf-8")
    return {
        "SCAFFOLD_PIN": "0",
        "HOME": str(folder),
        "PATH": f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{search_path()}",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PORT": str(free_port()),
        "CONTAINER": f"test-tutorial-{os.getpid()}",
        **({"CA_BUNDLE": str(CA_BUNDLE)} if CA_BUNDLE.exists() else {}),
    }


def follow(
    blocks: Sequence[docs.Block], where: Path, environment: dict[str, str], names: Mapping[str, str], *before: str
) -> dict[str, str]:
    """Do what blocks show, in this folder, and leave nothing on the engine; what each command said.

    `names` are words of this run, and those of the pages in their place.
    """
    scratch = where.with_name("blocks")
    scratch.mkdir()
    todo = docs.steps(blocks, scratch)
    try:
        commands = [*before, *(command for _, command, _ in todo)]
        results = docs.run(commands, where=where, environment=environment)
    finally:
        tidy(environment, names)
    for status, output in results[: len(before)]:
        assert status == 0, output
    for step, (status, output) in zip(todo, results[len(before) :], strict=True):
        said = output.replace(f":{environment['PORT']}", ":9000")
        for word, shown in names.items():
            said = said.replace(word, shown)
        docs.require_shown(*step, status, said)
    return {command: output for command, (_, output) in zip(commands, results, strict=True)}


def tidy(environment: dict[str, str], registries: Mapping[str, str]) -> None:
    """Remove what the pages leave on the engine."""
    with suppress(NotFound):
        daemon.client().containers.get(environment["CONTAINER"]).remove(force=True)
    for name in ("flowers", "my-function"):
        made = daemon.names(f"{name}-{os.getpid()}:latest", *(f"{registry}/{name}" for registry in registries))
        daemon.remove(*made, force=True)
