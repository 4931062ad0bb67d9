"""Files of Compose, Bake and SAM → the Dockerfiles they name, and findings about what they bring in themselves.

A Dockerfile that names only allowed images is no proof once the file that starts the build replaces them: with another
Dockerfile, a context that stands in for an image, a stage that is not the last, a frontend, the results of a stranger's
steps. Each of these is a finding, and so is what cannot be read.
Keys are those of https://docs.docker.com/reference/compose-file/build/, https://docs.docker.com/build/bake/reference/
and https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-image-repositories.html.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from scaffold.dockerfile.build_files import hcl
from scaffold.dockerfile.build_files import yaml as yaml_build_file
from scaffold.findings.source import MAX_BYTES, Position, Source, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scaffold.dockerfile.build_files.keys import Setting
    from scaffold.findings.finding import Finding

_TREES = (".json", ".template", ".yaml", ".yml")
_KNOWN_NAME = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml|docker-bake[^/]*\.(?:json|hcl)|template\.(?:ya?ml|json)")
_TOP = frozenset({"Resources", "include", "services", "target"})
_OTHER_LETTERS = rb"!\S{0,99}(?:binary|%)|^%TAG|\A(?:\xff\xfe|\xfe\xff)"
_WORTH_READING = re.compile(rb"build|Docker|target|include|extends|\\[xuU\r\n]|" + _OTHER_LETTERS, re.MULTILINE)
_OTHER_KEYS = rb"""\\[xuU][^"\n]{0,40}"\s*:|\?\s+["'&*!|>]|\*[\w-]+\s*:|""" + _OTHER_LETTERS
_SPEAKS_OF_BUILDS = {
    "yaml": re.compile(
        rb"""(?<![\w.-])(?:build|[dD]ockerfile\w*|Docker[A-Z]\w*|include(?![ \t]+")|extends)(?![\w-])|""" + _OTHER_KEYS,
        re.MULTILINE,
    ),
    "json": re.compile(rb"""\bservices["']?\s*:|""" + _OTHER_KEYS, re.MULTILINE),
    "long": re.compile(rb"""\b(?:Resources|include|services)["']?\s*:|""" + _OTHER_KEYS, re.MULTILINE),
    "hcl": re.compile(rb"(?<![\w.-])target(?:[ \t]*[\"{]|[ \t]+\w|[ \t]*/\*)"),
    "env": re.compile(rb"^(?![ \t]*#).*\bCOMPOSE_(?:ENV_FILES|FILE)\b", re.MULTILINE),
}
_ELSEWHERE = re.compile(r"[$:@]|%\{|^github\.com/|^-$")
_ARGUMENT = re.compile(r"(?!.*BUILDKIT_)[A-Z0-9_.-]+", re.IGNORECASE | re.ASCII)
_OWN_CACHE = re.compile(r"type=(?:gha|local)(?:,(?!type=)[a-z_-]+=[A-Za-z0-9_./:@+-]*)*")
_REFUSED = {
    "contexts": ("contexts that stand in for images or stages", "Copy from the build's own context or from a stage."),
    "depth": ("merges that are too deep or too many", "Write the values out."),
    "directory": ("a project directory of its own", "Leave it out, and write paths from where that file lies."),
    "hidden": ("resources that only a transformation writes out", "Write each one out that Docker builds."),
    "inline": ("a Dockerfile inside this file", "Put it in a file of its own."),
    "key": ("a key that is no plain text", "Write it out, without a tag."),
    "parameters": ("a parameter of the build that is not known", "Leave it out."),
    "target": ("a stage that may not be the last", "Build the last stage: give other images files of their own."),
    "unread": ("something other than name = value", "Write one setting on each line."),
}
_TOP_OF_FILE = Position(line=0, column=0)


@dataclass(kw_only=True)
class Settings:
    """What one such file says: the Dockerfiles and the other such files that it names, and the findings about it."""

    dockerfiles: list[Path] = field(default_factory=list)
    imports: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read(path: Path, data: bytes, root: Path, *, named: bool = False) -> Settings:
    """Judge a file in the folder `root`, if it is one that says what is built; never raises.

    `data` is the file, or the first of its bytes and more than MAX_BYTES. `named`: another such file names it.
    """
    judge, suffix = _Judge(path, data, root), path.suffix.lower()
    judge.certain = named or bool(_KNOWN_NAME.fullmatch(path.name))
    if suffix == ".hcl" and not named:
        judge.hcl()
    elif named or suffix in _TREES:
        judge.tree("json" if suffix == ".json" else "yaml")
    elif path.name == ".env" and _SPEAKS_OF_BUILDS["env"].search(data):
        judge.refuse(_TOP_OF_FILE, "other files of Compose than those of the usual names", "Take COMPOSE_FILE out.")
    return judge.settings


class _Judge:
    certain = False
    """Whether this surely is a file of Compose, Bake or SAM."""

    def __init__(self, path: Path, data: bytes, root: Path) -> None:
        self.path, self.data, self.root = path, data, root.resolve()
        self.source = Source(file=str(path), text=data.decode(errors="replace"))
        self.settings = Settings()

    def tree(self, kind: str) -> None:
        """Read YAML or JSON."""
        if self._is_too_long("long"):
            return
        if kind == "json" and (known := _json_of_builds(self.data)) is not None:
            if not known:
                return
            self.certain = True  # what a parser of JSON can read, one of YAML may not
        if not self.certain and not _WORTH_READING.search(self.data):
            return
        try:
            self.data.decode()
            # A tab is a blank in JSON, and never one at the start of a line of YAML.
            for build in yaml_build_file.read(self.data.replace(b"\t", b" ") if kind == "json" else self.data):
                self._build(build)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self._cannot_read(kind, error)

    def hcl(self) -> None:
        """Read HCL."""
        if self._is_too_long("hcl") or not _SPEAKS_OF_BUILDS["hcl"].search(self.data):
            return
        try:
            self.data.decode()
            self._build(hcl.read(self.source))
        except (hcl.NotReadError, RecursionError, ValueError) as error:
            self._cannot_read("hcl", error)

    def _is_too_long(self, kind: str) -> bool:
        if len(self.data) <= MAX_BYTES:
            return False
        try:
            whole = self.path.read_bytes()
        except OSError:
            whole = self.data
        known = _json_of_builds(whole) if self.path.suffix.lower() == ".json" else None
        if self.certain or (known is None and _SPEAKS_OF_BUILDS[kind].search(whole)) or known:
            self.refuse(_TOP_OF_FILE, f"more than {MAX_BYTES} bytes, which are not read", "Divide the file.")
        return True

    def _cannot_read(self, kind: str, error: Exception) -> None:
        if self.certain or _SPEAKS_OF_BUILDS[kind].search(self.data):
            message = f"this cannot be read ({type(error).__name__}), and may say what is built"
            self.refuse(_TOP_OF_FILE, message, "Mend its syntax, and save it as UTF-8.")

    def _build(self, build: Sequence[Setting]) -> None:
        folders = [setting.text for setting in build if setting.name == "context" and setting.text] or ["."]
        for setting in build:
            if setting.name in _REFUSED:
                self.refuse(setting.place, *_REFUSED[setting.name])
            elif setting.name == "argument":
                self._argument(setting)
            elif setting.name == "cache":
                self._cache(setting)
            elif setting.name == "import":
                self._import(setting)
            elif setting.text is None:
                self.refuse(setting.place, f"a {setting.name} that is no literal text", "Write it out as text.")
            elif setting.name == "context":
                self._context(setting.text, setting.place)
            else:
                self._dockerfile(setting.text, folders, setting.place)

    def _argument(self, setting: Setting) -> None:
        if not _ARGUMENT.fullmatch(setting.text or ""):
            message = "an argument that can change how the Dockerfile is read"
            fix = "Remove it: set what builders obey nowhere but in the builder, and write names out."
            self.refuse(setting.place, message, fix)

    def _cache(self, setting: Setting) -> None:
        if not _OWN_CACHE.fullmatch(setting.text or ""):
            message = "a cache from which others' results of steps can come"
            self.refuse(setting.place, message, "Write type=local or type=gha, or leave it out.")

    def _context(self, text: str, place: Position) -> None:
        if not self._inside(text):
            message = f"the context {visible(text[:80])} is no folder under the one that is judged"
            self.refuse(place, message, "Write a folder, or judge one that holds it.")

    def _dockerfile(self, text: str, folders: list[str], place: Position) -> None:
        found = [path for folder in folders if text and (path := self._inside(f"{folder}/{text}")) and path.is_file()]
        if _ELSEWHERE.search(text) or not found:
            message = f"the Dockerfile {visible(text[:80])} is not under the folder that is judged"
            self.refuse(place, message, "Write its path, or judge a folder that holds it.")
        self.settings.dockerfiles += found

    def _import(self, setting: Setting) -> None:
        path = self._inside(setting.text or "")
        if path and path.is_file():
            self.settings.imports.append(path)
        else:
            self.refuse(setting.place, "a file that is not under the folder that is judged", "Keep it there.")

    def _inside(self, text: str) -> Path | None:
        try:
            path = (self.path.parent / text).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return path if text and not _ELSEWHERE.search(text) and path.is_relative_to(self.root) else None

    def refuse(self, place: Position, message: str, fix: str) -> None:
        """Add a finding."""
        self.settings.findings.append(self.source.finding_at(place, "build-override", message, fix=fix))


def _json_of_builds(data: bytes) -> bool | None:
    """Whether this is JSON with one of the keys that builds are under; None: it is no JSON."""
    try:
        top = json.loads(data)
    except (RecursionError, ValueError):
        return None
    return isinstance(top, dict) and bool(_TOP & top.keys())
