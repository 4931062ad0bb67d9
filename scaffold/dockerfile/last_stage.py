"""Checks what the last stage, and the stages below it, do to the base: its own paths are written by nobody.

A base proves itself by its layers, and what is above them hides it as well as another base would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.dockerfile import effects, words
from scaffold.oci.elf import other_root
from scaffold.oci.names import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.dockerfile.effects import Effect
    from scaffold.dockerfile.parsed import Dockerfile, Stage
    from scaffold.findings.finding import Finding
    from scaffold.standards.base_paths import BasePaths
    from scaffold.standards.model import Base

_ELSEWHERE = "Put it in a directory of its own, below /opt or in the function's directory."
_WRITTEN_OUT = "Write out the path, or set the variable in this stage."
_SCRATCH_CACHE = "Copy from a stage, or from the build's context: any build on this builder can fill a cache."


def findings(dockerfile: Dockerfile, bases: Sequence[Base]) -> Iterator[Finding]:
    """Yield what is wrong with the last stage, which is built on one of these entries of the standards."""
    for base in bases[:1]:
        environment, directory = base.paths.environment, base.paths.working_directory
        held = _held(dockerfile)
        for effect in effects.of_stages(_chain(dockerfile), dockerfile.arguments, environment, directory, held):
            if found := _problem(effect, [base.paths for base in bases]):
                code, message, fix = found
                yield dockerfile.source.finding_at(effect.position, code, message, fix=fix)
    yield from _start(dockerfile)


def _chain(dockerfile: Dockerfile) -> list[Stage]:
    """Return the stages that become the image, lowest first."""
    chain = [dockerfile.stages[-1]]
    while chain[0].base and chain[0].base.stage is not None:
        chain.insert(0, dockerfile.stages[chain[0].base.stage])
    return chain


def _held(dockerfile: Dockerfile) -> dict[str, list[str]]:
    """Return the paths in each stage that is built on nothing and only copies, by its name and its number."""
    found: dict[str, list[str]] = {}
    for number, stage in enumerate(dockerfile.stages):
        if stage.base and stage.base.text == SCRATCH and {*stage.keywords} == {"COPY"}:
            copied = effects.of_stages([stage], dockerfile.arguments, {}, "/", found)
            found[stage.name or str(number)] = found[str(number)] = [effect.path or "/" for effect in copied]
    return found


def _problem(effect: Effect, bases: Sequence[BasePaths]) -> tuple[str, str, str] | None:
    if effect.path is None:
        message = f"the {'target' if effect.keyword == 'mount' else 'path'} of this {effect.keyword} is not known"
        return "not-understood", message, _WRITTEN_OUT
    if effect.cache:
        return "shared-cache", f"the step copies {effect.path[:200]} out of a cache", _SCRATCH_CACHE
    reached = next(filter(None, (_reached(effect, paths) for paths in bases)), "")
    if not reached:
        return None
    does = {"RUN": "RUN writes to", "mount": "the mount reaches"}
    what = does.get(effect.keyword, f"{effect.keyword} reaches")
    return "base-path", f"{what} {effect.path[:200]}, and {reached} belongs to the base", _ELSEWHERE


def _reached(effect: Effect, paths: BasePaths) -> str:
    """Return the base's path that an effect reaches, or nothing."""
    path = effect.path or ""
    if effect.keyword == "RUN":
        return paths.owner_of(path, paths.runtime)
    if effect.keyword == "WORKDIR":
        return paths.owner_of(path, paths.own)
    return paths.owner_of(path, paths.own) or paths.below(path)


def _start(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield the instructions that start the function in another root."""
    for stage in _chain(dockerfile):
        for step in stage.steps:
            if step.keyword in {"CMD", "ENTRYPOINT"} and (
                word := other_root(words.listed(step.arguments) or [step.arguments])
            ):
                message = f"{step.keyword} starts the function in another root, with {word}"
                fix = "Start the function's own program, on the base's system."
                yield dockerfile.source.finding_at(step.position, "other-system", message, fix=fix)
