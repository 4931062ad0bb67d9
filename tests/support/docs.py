"""The pages of documentation, taken apart: blocks, headings, links; and a shell that runs what they show.

Run as a program it merges a fragment of a spec, a file, into `lambda-image.yaml`.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TAKEN_BY = {"make": 'exec {real} -n "$@" >/dev/null'}  # what needs more than this repository

_MARK = re.compile(r"<!-- ([a-z ]+?)(?:: (.*))? -->")
_END = "--8<-- "
_COMMAND = r"(?:.*\\\n)*.*"  # a line that ends with a backslash goes on in the next one


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: language, text, section (the heading of level two above it), and the comments before it."""

    page: Path
    line: int
    section: str
    language: str
    text: str
    marks: dict[str, str]

    @property
    def is_run(self) -> bool:
        """Whether it has commands that a test runs."""
        return bool(self.commands()) and "not run" not in self.marks

    def commands(self) -> list[tuple[str, str | None]]:
        """Each command, with the output shown; None where none is shown at all."""
        if self.language == "sh":
            lines = re.findall(rf"(?m)^{_COMMAND}", self.text)
            return [(line, None) for line in lines if line and not line.startswith("#")]
        if self.language != "console":
            return []
        parts = re.split(rf"(?m)^\$ ({_COMMAND})\n?", self.text)[1:]
        return list(zip(parts[::2], parts[1::2], strict=True))


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    found, marks, section = [], {}, ""
    lines = iter(enumerate(page.read_text(encoding="utf-8").split("\n"), start=1))
    for number, line in lines:
        if line.startswith("```"):
            text = "".join(f"{inner}\n" for _, inner in itertools.takewhile(lambda row: row[1] != "```", lines))
            found.append(Block(page=page, line=number, section=section, language=line[3:], text=text, marks=marks))
            marks = {}
        elif match := _MARK.fullmatch(line):
            marks = marks | {match[1]: match[2] or ""}
        elif line:
            marks = {}
            section = line[3:] if line.startswith("## ") else section
    return found


def sections(page: Path) -> dict[str, list[Block]]:
    """The blocks of each section that shows commands which are run."""
    found: dict[str, list[Block]] = {}
    for block in blocks(page):
        found.setdefault(block.section, []).append(block)
    return {section: shown for section, shown in found.items() if any(block.is_run for block in shown)}


def prose(page: Path) -> str:
    """A page without its blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives the headings of a page, and those that it has itself."""
    found: dict[str, int] = dict.fromkeys(re.findall(r'<a id="([^"]+)"></a>', prose(page)), 0)
    for heading in re.findall(r"(?m)^#+ (.*)$", prose(page)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
        if found[name]:
            found[f"{name}-{found[name]}"] = 0
    return set(found)


def links(page: Path) -> list[str]:
    """Where a page links to, in this repository."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [target for target in targets if not target.startswith(("https://", "http://"))]


def programs(line: str) -> Iterator[list[str]]:
    """The commands in a line of a shell as words: without variables set for them, and without redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split, lexer.commenters = True, "#"
    command: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;"):
            yield command
            command = []
        elif command or not re.match(r"[A-Z_]+=", word):
            command.append(word)


def is_fragment(block: Block) -> bool:
    """Whether a block is a part of a spec."""
    return block.language == "yaml" and not block.marks.keys() & {"file", "workflow", "row of"}


def steps(shown: Sequence[Block], scratch: Path) -> list[tuple[Block, str, str | None]]:
    """What a shell does for these blocks: commands, with the output shown for each, and files, by way of `scratch`."""
    found: list[tuple[Block, str, str | None]] = []
    files: list[str] = []
    for number, block in enumerate(shown):
        source = scratch / f"block-{number}"
        source.write_text(block.text, encoding="utf-8")
        if block.marks.get("start") == "same":
            again = " && ".join(["find . -mindepth 1 -delete", *files])
            found.append((block, again, None))
        if "file" in block.marks:
            path = block.marks["file"]
            files.append(f'mkdir -p "$(dirname {path})" && cp {source} {path}')
            found.append((block, files[-1], None))
        elif is_fragment(block):
            found.append((block, f"{sys.executable} {Path(__file__).resolve()} {source}", None))
        elif "not run" not in block.marks:
            found += [(block, command, said) for command, said in block.commands()]
    return found


def require_shown(block: Block, command: str, shown: str | None, status: int, output: str) -> None:
    """Fail if a command that shows no output failed, or another one did not say what is shown."""
    place = f"{block.page.name}:{block.line}: $ {command}"
    if shown is None:
        assert status == 0, f"{place}\n{output}"
    else:
        assert matches(shown, output), f"{place}\nshown:\n{shown}\nbut:\n{output}"


def stubs(where: Path) -> Path:
    """A folder of programs that stand in for those that build, or need the network."""
    where.mkdir()
    for name, script in TAKEN_BY.items():
        path = where / name
        path.write_text(f"#!/bin/sh\n{script.format(real=shutil.which(name))}\n", encoding="utf-8")
        path.chmod(0o755)
    return where


OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
"""What a make that runs the tests tells another one: that would then say more."""


def run(commands: Sequence[str], *, where: Path, environment: dict[str, str]) -> list[tuple[int, str]]:
    """Run commands in one shell, one after the other; the exit status and the output, errors included, of each."""
    script = ["exec 2>&1", f"ended() {{ status=$?; printf '\\n{_END}%s\\n' $status; return $status; }}"]
    script += [f"{command}\nended" for command in commands]
    done = subprocess.run(
        ["bash"],
        input="\n".join([*script, "exit 0\n"]),
        cwd=where,
        env={name: value for name, value in os.environ.items() if name not in OF_MAKE} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    parts = re.split(rf"\n{_END}(\d+)\n", done.stdout)
    assert len(parts) == 2 * len(commands) + 1, done.stdout + done.stderr
    return [(int(status), output) for output, status in zip(parts[:-1:2], parts[1::2], strict=True)]


def matches(shown: str, output: str) -> bool:
    """Whether an output is the one shown, where a line `…` stands for any lines, and `…` in a line for any words."""
    lines = [
        re.escape(line).replace("…", ".*") + r"\n" if line != "…" else r"(?:.*\n)*?"
        for line in shown.rstrip("\n").split("\n")
    ]
    return re.fullmatch("".join(lines), output.rstrip("\n") + "\n") is not None


def merged(spec: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """A spec with a fragment in it, as somebody edits it who reads which keys stand in the place of others."""
    replaced = {"handler", "event"} if "functions" in fragment else {"handler"} if "server" in fragment else set()
    return {key: value for key, value in {**spec, **fragment}.items() if key not in replaced}


def _merge(fragment: Path) -> None:
    spec = Path("lambda-image.yaml")
    whole = merged(*(yaml.safe_load(path.read_text(encoding="utf-8")) for path in (spec, fragment)))
    spec.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    _merge(Path(sys.argv[1]))
