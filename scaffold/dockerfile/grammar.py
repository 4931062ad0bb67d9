"""A canonical grammar of Dockerfiles: parses one into its stages and every image that it names, or into findings.

The grammar is deliberately smaller than what builders accept. Anything that could be read in two ways, or could bring
in an image that no literal in the file names, is not understood, and that is an error. No grammar can see what a RUN
step does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.dockerfile import lines
from scaffold.dockerfile.lines import FindingCollector, Instruction, StopReading
from scaffold.dockerfile.parsed import NATIVE, PLATFORMS, Dockerfile, Flag, Reference, Stage, Step, Use
from scaffold.findings.source import Position, Source
from scaffold.oci.names import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Callable

RESERVED_STAGES = ("context", SCRATCH)

_PLAIN = (
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
)
_FORBIDDEN = {
    "ADD": ("ADD can fetch from anywhere", "Use COPY; unpack in a RUN step."),
    "ONBUILD": ("ONBUILD hides instructions for images built on this one", "Write the instructions where they run."),
    "MAINTAINER": ("MAINTAINER is no longer part of the format", "Use a LABEL."),
}
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
_STAGE = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_NUMBER = re.compile(r"0|[1-9][0-9]?")
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=([A-Za-z0-9_./:@,=+*?-]+|\$BUILDPLATFORM))?(?:[ \t]+|$)")
_SHELL = re.compile(r'\["(?:/usr)?/bin/(?:ash|bash|sh)"(?:, ?"(?:-[a-zA-Z]+|pipefail)")*, ?"-[a-zA-Z]*c"\]')
_COPY_FLAGS = frozenset({"chmod", "chown", "exclude", "from", "link", "parents"})
_HEALTH_FLAGS = frozenset({"interval", "retries", "start-interval", "start-period", "timeout"})
_MOUNT_TYPES = frozenset({"bind", "cache", "secret", "ssh", "tmpfs"})
_MOUNT_KEYS = frozenset(
    {"dst", "destination", "env", "from", "gid", "id", "mode", "readonly", "readwrite", "required", "ro", "rw"}
    | {"sharing", "size", "source", "src", "target", "type", "uid"}
)
_WRITE_FROM = "Write FROM IMAGE or FROM IMAGE AS NAME on one line, without variables and quotes."


def parse(data: bytes, *, file: str) -> Dockerfile:
    """Parse a Dockerfile; `file` is its name in findings. Never raises: every problem is a finding."""
    reader = _Reader(FindingCollector(source=Source(file=file, text="")))
    try:
        for instruction in lines.read(data, reader.notes):
            reader.take(instruction)
        reader.end()
    except StopReading:
        pass
    found, arguments = tuple(sorted(reader.notes.findings)), tuple(reader.arguments)
    return Dockerfile(source=reader.notes.source, stages=tuple(reader.stages), findings=found, arguments=arguments)


class _Reader:
    """Parses one instruction after another."""

    def __init__(self, notes: FindingCollector) -> None:
        self.notes = notes
        self.stages: list[Stage] = []
        self.arguments: list[Step] = []

    def take(self, instruction: Instruction) -> None:
        """Parse the next instruction."""
        special: dict[str, Callable[[Instruction], None]] = {
            "FROM": self._from,
            "COPY": self._copy,
            "RUN": self._run,
            "SHELL": self._shell,
        }
        keyword = instruction.keyword
        if self.stages and keyword != "FROM":
            self.stages[-1].keywords.append(keyword)
        if keyword in _FORBIDDEN:
            message, fix = _FORBIDDEN[keyword]
            self._forbid(instruction.start, message, fix)
        elif not self.stages and keyword not in {"FROM", "ARG"}:
            self.notes.refuse(instruction.start, "an instruction before the first FROM", "Move it below.")
        elif keyword in special:
            special[keyword](instruction)
        elif keyword in _PLAIN:
            self._flags(instruction, _HEALTH_FLAGS if keyword == "HEALTHCHECK" else frozenset())
        else:
            self.notes.refuse(instruction.start, f"{keyword[:40]} is not a known instruction", "Write an instruction.")

    def end(self) -> None:
        """Report what is missing after the last instruction."""
        if not self.stages and not self.notes.findings:
            self.notes.refuse(Position(line=0, column=0), "the file has no FROM", _WRITE_FROM)

    def _refuse(self, instruction: Instruction, index: int, message: str, fix: str) -> None:
        self.notes.refuse(instruction.position(index), message, fix)

    def _forbid(self, place: Position, message: str, fix: str) -> None:
        self.notes.keep(self.notes.source.finding_at(place, "forbidden-instruction", message, fix=fix))

    def _flags(self, instruction: Instruction, known: frozenset[str]) -> tuple[list[tuple[str, str, int]], int]:
        """Return the flags as name, value and the value's index, and the index of the text after them."""
        found: list[tuple[str, str, int]] = []
        text, index = instruction.text, instruction.rest
        while text.startswith("--", index):
            flag = _FLAG.match(text, index)
            if not flag or flag[1] not in known:
                message = f"{text[index:].split(maxsplit=1)[0][:40]} is not a known flag of {instruction.keyword}"
                self._refuse(
                    instruction, index, message, "Write --name=value without quotes, variables or backslashes."
                )
                break
            if flag[1] not in {"exclude", "mount"} and flag[1] in {name for name, _, _ in found}:
                self._refuse(instruction, index, f"--{flag[1]} is repeated", "Keep one of them.")
            found.append((flag[1], flag[2] or "", flag.start(2) if flag[2] else index))
            index = flag.end()
        if at := instruction.splits_word(index):
            self._refuse(instruction, at, "a word continues on the next line", "Put a blank before the backslash.")
        self._keep(instruction, found, index)
        return found, index

    def _keep(self, instruction: Instruction, found: list[tuple[str, str, int]], index: int) -> None:
        if instruction.keyword != "FROM":
            flags = tuple(Flag(name=name, value=value, position=instruction.position(at)) for name, value, at in found)
            step = Step(
                keyword=instruction.keyword,
                position=instruction.start,
                flags=flags,
                arguments=instruction.text[index:],
                text=instruction.heredocs,
            )
            (self.stages[-1].steps if self.stages else self.arguments).append(step)

    def _from(self, instruction: Instruction) -> None:
        stage = Stage(position=instruction.start)
        flags, index = self._flags(instruction, frozenset({"platform"}))
        words = list(re.finditer(r"[^ \t]+", instruction.text[index:]))
        platform = flags[0][1] if flags and flags[0][1] in {*PLATFORMS, NATIVE} else ""
        if flags and not platform:
            self._refuse(instruction, flags[0][2], "not a platform of Lambda", f"Write {' or '.join(PLATFORMS)}.")
        self._check_name(instruction, index, [word[0] for word in words])
        if len(words) == 3 and _STAGE.fullmatch(words[2][0]):
            stage.name = words[2][0]
        if len(instruction.pieces) == 1 and words and _REFERENCE.fullmatch(words[0][0]):
            place, text = index + words[0].start(), words[0][0]
            number = self._stage(instruction, text, place, self.stages)
            position = instruction.position(place)
            stage.base = Reference(text=text, use=Use.BASE, position=position, platform=platform, stage=number)
        else:
            self._refuse(instruction, index, "the image of this FROM is not written out", _WRITE_FROM)
        self.stages.append(stage)

    def _check_name(self, instruction: Instruction, index: int, words: list[str]) -> None:
        if len(words) == 1:
            return
        if len(words) != 3 or words[1] not in {"AS", "As", "aS", "as"} or not _STAGE.fullmatch(words[2]):
            self._refuse(instruction, index, "arguments other than an image and a name", _WRITE_FROM)
        elif words[2].lower() in (*RESERVED_STAGES, *(stage.name.lower() for stage in self.stages)):
            message = f"the name {words[2][:40]} is already taken"
            self._refuse(instruction, index, message, "Give the stage another name.")

    def _stage(self, instruction: Instruction, text: str, at: int, earlier: list[Stage]) -> int | None:
        """Return the number of the stage that a reference names; builders differ in whether case matters."""
        for number, stage in enumerate(earlier):
            if stage.name and stage.name.lower() == text.lower():
                if stage.name != text:
                    self._refuse(instruction, at, "another spelling of the name of a stage", f"Write {stage.name}.")
                return number
        return None

    def _copy(self, instruction: Instruction) -> None:
        flags, index = self._flags(instruction, _COPY_FLAGS)
        if index >= len(instruction.text):
            self.notes.refuse(instruction.start, "COPY without arguments", "Write a source and a destination.")
        for name, value, at in flags:
            if name == "from":
                self._taken(instruction, value, Use.COPY, at)

    def _run(self, instruction: Instruction) -> None:
        flags, _ = self._flags(instruction, frozenset({"mount", "network", "security"}))
        for name, value, at in flags:
            if name == "mount":
                self._mount(instruction, value, at)
            elif value not in {"none", "default", "sandbox"}:
                message, fix = f"the step asks the builder for extra privileges: --{name}", "Remove the flag."
                self._forbid(instruction.position(at), message, fix)

    def _mount(self, instruction: Instruction, value: str, at: int) -> None:
        seen: set[str] = set()
        for part in value.split(","):
            key, _, what = part.partition("=")
            wrong = key not in _MOUNT_KEYS or key in seen or (key == "type" and what not in _MOUNT_TYPES)
            if wrong or part.endswith("="):
                message = f"{part[:40] or 'an empty part'} is not a known part of a mount"
                self._refuse(instruction, at, message, "Write each key once, in lower case.")
            if key == "from":
                self._taken(instruction, what, Use.MOUNT, at + len("from="))
            seen.add(key)
            at += len(part) + 1

    def _taken(self, instruction: Instruction, text: str, use: Use, at: int) -> None:
        earlier = self.stages[:-1]
        if use is Use.COPY and _NUMBER.fullmatch(text) and int(text) < len(earlier):
            number: int | None = int(text)
        elif not _REFERENCE.fullmatch(text) or text.isdigit():
            fix = "Name an earlier stage, or an image in the standards."
            self._refuse(instruction, at, f"{use} does not name a stage or an image", fix)
            return
        else:
            number = self._stage(instruction, text, at, earlier)
        place = instruction.position(at)
        self.stages[-1].taken.append(Reference(text=text, use=use, position=place, stage=number))

    def _shell(self, instruction: Instruction) -> None:
        if not _SHELL.fullmatch(instruction.text, instruction.rest):
            fix = 'Write SHELL ["/bin/bash", "-o", "pipefail", "-c"].'
            self.notes.refuse(instruction.start, "SHELL does not name a shell with options", fix)
