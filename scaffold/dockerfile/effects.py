"""What the instructions of a stage do to its file system: the absolute paths that they write to or mount over.

The destinations of COPY and WORKDIR are known if every variable in them is: one of the stage, or one of its base that
the standards declare. What is copied does not matter: a directory may contain anything.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffold.dockerfile import shell, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffold.dockerfile.parsed import Stage, Step
    from scaffold.findings.source import Position

_TARGETS = ("dst", "destination", "target")
_OF_THE_BUILD = {
    f"{side}{name}": value
    for side in ("BUILD", "TARGET")
    for name, value in (("ARCH", "amd64"), ("OS", "linux"), ("PLATFORM", "linux/amd64"), ("VARIANT", ""))
}
"""Arguments that builders define; none of their values leads elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One path that an instruction touches; None if it is not known. `keyword` is COPY, RUN, WORKDIR or `mount`.

    `cache` is whether a command takes the path from a cache mount.
    """

    keyword: str
    path: str | None
    position: Position
    cache: bool = False


@dataclass(kw_only=True)
class _State:
    """The directory and the variables at an instruction."""

    directory: str | None
    environment: dict[str, str | None]
    globals: Mapping[str, str | None]
    held: Mapping[str, Sequence[str]]
    arguments: dict[str, str | None] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str | None]:
        return self.arguments | self.environment

    def absolute(self, path: str | None) -> str | None:
        """Return a path from the root, without dots."""
        if path is None or (self.directory is None and not path.startswith("/")):
            return None
        return "/" + posixpath.normpath(posixpath.join(self.directory or "/", path)).lstrip("/")


def of_stages(
    stages: Sequence[Stage],
    given: Sequence[Step],
    environment: Mapping[str, str],
    directory: str,
    held: Mapping[str, Sequence[str]],
) -> Iterator[Effect]:
    """Yield the effects of stages that are built on each other, in order.

    `given` are the ARG instructions before the first stage, `environment` and `directory` those of the base below.
    `held` are the paths in stages that only hold files, by the names that COPY --from has for them.
    """
    before: dict[str, str | None] = {}
    for step in given:
        before |= _assignments(step, before, {})
    state = _State(directory=directory, environment=dict(environment), globals=before, held=held)
    for stage in stages:
        state.arguments = {}
        for step in stage.steps:
            yield from _of_step(step, state)


def _of_step(step: Step, state: _State) -> Iterator[Effect]:
    if step.keyword == "ARG":
        state.arguments |= _assignments(step, state.variables, state.globals)
    elif step.keyword == "ENV":
        state.environment |= _assignments(step, state.variables, {})
    elif step.keyword == "WORKDIR":
        state.directory = state.absolute(words.expand(step.arguments.strip(), state.variables))
        yield Effect(keyword="WORKDIR", path=state.directory, position=step.position)
    elif step.keyword in {"ADD", "COPY"}:
        if listed := words.listed(step.arguments) or step.arguments.split():
            path = state.absolute(words.expand(listed[-1], state.variables))
            source = next((flag.value for flag in step.flags if flag.name == "from"), "")
            # Everything in a stage that only holds files is what they are.
            whole = listed[:-1] == ["/"] and path is not None
            for part in state.held.get(source, [""]) if whole else [""]:
                found = f"{path}/{part}" if part else path
                yield Effect(keyword=step.keyword, path=state.absolute(found), position=step.position)
    elif step.keyword == "RUN":
        yield from _of_run(step, state)


def _of_run(step: Step, state: _State) -> Iterator[Effect]:
    caches = []
    for flag in step.flags:
        parts = dict(part.partition("=")[::2] for part in flag.value.split(",")) if flag.name == "mount" else {}
        for target in (parts[name] for name in _TARGETS if parts.get(name)):
            path = state.absolute(target)
            caches += [path] if path and parts.get("type") == "cache" else []
            yield Effect(keyword="mount", path=path, position=flag.position)
    found = shell.read("\n".join((step.arguments, step.text)), state.variables)
    for path in map(state.absolute, found.written):
        yield Effect(keyword="RUN", path=path or "", position=step.position)
    for path in map(state.absolute, found.copied):
        if path and any(path == cache or path.startswith(f"{cache}/") for cache in caches):
            yield Effect(keyword="RUN", path=path, position=step.position, cache=True)


def _assignments(
    step: Step, variables: Mapping[str, str | None], defaults: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return the variables that an ARG or ENV sets; `defaults` has those of ARG without a value."""
    parts = words.split(step.arguments)
    if step.keyword == "ENV" and parts and "=" not in parts[0]:
        name, _, rest = step.arguments.strip().partition(" ")
        return {name: words.expand(rest.strip(), variables)}
    found: dict[str, str | None] = {}
    for part in parts:
        name, given, value = part.partition("=")
        found[name] = words.expand(value, variables) if given else (_OF_THE_BUILD | dict(defaults)).get(name)
    return found
