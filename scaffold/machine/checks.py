"""Checks that this machine has what the scripts of a project need."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scaffold.machine.program import run
from scaffold.oci.names import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.rendering.plan import Plan

_OLDEST_BUILDX = (0, 10)
"""The first version with --provenance: https://github.com/docker/buildx/releases/tag/v0.10.0."""
_PROGRAMS = {"make": "runs the targets", "curl": "sends events in `make invoke`"}
_DOCKER = "https://docs.docker.com/get-docker/"


class State(StrEnum):
    """What a check found; a warning is about something that only some targets need."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: its name, what it found, and what to do about it; `fix` is empty if all is well."""

    name: str
    state: State
    detail: str
    fix: str = ""


def checks(plan: Plan) -> Iterator[Check]:
    """Yield the checks, for the scripts of the project with this plan."""
    for name, purpose in _PROGRAMS.items():
        there = shutil.which(name)
        yield _check(name, there or f"not installed; it {purpose}", f"Install {name}.", well=there)
    there = shutil.which("git")
    yield _check("git", there or "not installed", "`scaffold update` needs it.", well=there, warning=True)
    yield from _docker(plan)
    yield from _aws(plan)


def _check(name: str, detail: str, fix: str = "", *, well: object, warning: bool = False) -> Check:
    bad = State.WARNING if warning else State.MISSING
    return Check(name=name, state=State.OK if well else bad, detail=detail, fix="" if well else fix)


def _docker(plan: Plan) -> Iterator[Check]:
    if not shutil.which("docker"):
        yield _check("docker", "not installed", f"Install Docker: {_DOCKER}.", well=False)
        return
    said = run("docker", "version", "--format", "{{.Server.Version}}")
    detail = f"engine {said.text}" if said.ended_well else f"the engine does not answer: {said.text}"
    yield _check("docker", detail, "Start it, and make sure that you may use it.", well=said.ended_well)
    buildx = run("docker", "buildx", "version")
    version = re.search(r"v?(\d+)\.(\d+)\.\d+", buildx.text) if buildx.ended_well else None
    new = version and (int(version[1]), int(version[2])) >= _OLDEST_BUILDX
    detail = version[0] if version else buildx.text
    fix = "Install docker-buildx 0.10 or newer: https://docs.docker.com/go/buildx/."
    yield _check("buildx", detail, fix, well=new)
    if said.ended_well and new:
        yield _platform(plan)
        yield from _images(plan)


def _platform(plan: Plan) -> Check:
    wanted = plan["architecture"]["platform"]
    said = run("docker", "buildx", "inspect", "--bootstrap")
    offered = re.findall(r"(?m)^Platforms: *(.*)$", said.text)
    listed = {word.strip("* ") for words in offered for word in words.split(",")}
    well = not said.ended_well or not offered or any(each == wanted or each.startswith(f"{wanted}/") for each in listed)
    fix = f"Run docker run --rm --privileged tonistiigi/binfmt --install {wanted.partition('/')[2]}."
    return _check("platform", f"{wanted} {'can' if well else 'cannot'} be built and run", fix, well=well)


def _images(plan: Plan) -> Iterator[Check]:
    """Yield a check for each image that the build starts from: its registry has it, or this machine does."""
    borrowed = not plan["emulator"]["in_image"]
    used = [row["reference"] for row in plan["images"] if borrowed or row["role"] != "emulator"]
    for reference in dict.fromkeys(reference for reference in used if reference != SCRATCH):
        said = run("docker", "buildx", "imagetools", "inspect", "--raw", reference)
        if said.ended_well:
            yield _check("registry", f"{reference} is there", well=True)
            continue
        local = run("docker", "image", "inspect", "--format", "{{.Id}}", reference).ended_well
        reason = said.text.removeprefix(f"{reference}: ")
        detail = f"{reference}: {reason}{'; this machine has the image' if local else ''}"
        fix = "Check the network and the engine's proxy, and log in to the registry (`docker login`, `make login`)."
        yield _check("registry", detail, fix, well=False, warning=local)


def _aws(plan: Plan) -> Iterator[Check]:
    said = run("aws", "--version")
    version = re.search(r"aws-cli/(\d+)[.\d]*", said.text) if said.ended_well else None
    if not version:
        fix = "Install it to push, deploy and use profiles: https://docs.aws.amazon.com/cli/."
        yield _check("aws", said.text, fix, well=False, warning=True)
        return
    profile = version[1] == "1" and os.environ.get("AWS_PROFILE")
    detail = version[0] + ("; `make run` gets no credentials of AWS_PROFILE with version 1" if profile else "")
    yield _check("aws", detail, "Install version 2 of the command.", well=not profile, warning=True)
    identity = run("aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text")
    detail = f"account {identity.text}" if identity.ended_well else identity.text
    fix = "To push and deploy, run `aws sso login` or `aws configure`, or set AWS_PROFILE."
    yield _check("credentials", detail, fix, well=identity.ended_well, warning=True)
    region = plan["aws"]["region"] or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    said = run("aws", "configure", "get", "region")
    region = region or (said.text if said.ended_well else "")
    yield _check("region", region or "none", "Set aws.region in the spec, or AWS_REGION.", well=region, warning=True)
