"""Checks the files that start builds: which Dockerfiles they name, and whether they override a Dockerfile's content.

A Dockerfile with only approved images proves nothing if the file that starts the build replaces them: with another
Dockerfile, a context in place of an image, a target that is not the last stage, a frontend, or cached steps of an
untrusted build. Each of these is a finding, and so is anything that cannot be read.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from scaffold import reading
from scaffold.dockerfile import grammar
from scaffold.dockerfile.build_files import caches, hcl, loose, stacks, tools
from scaffold.dockerfile.build_files import yaml as yaml_build_file
from scaffold.dockerfile.build_files.keys import REFUSED
from scaffold.dockerfile.lines import MAX_FINDINGS
from scaffold.findings.source import MAX_BYTES, Position, Source, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffold.dockerfile.build_files.keys import Setting
    from scaffold.findings.finding import Finding

_TREES = (".json", ".template", ".yaml", ".yml")
_KNOWN_NAME = re.compile(r"(?:docker-)?compose[^/]*\.ya?ml|docker-bake[^/]*\.(?:json|hcl)|template\.(?:ya?ml|json)")
_OTHER_LETTERS = rb"!\S{0,99}(?:binary|%)|^%TAG|\A(?:\xff\xfe|\xfe\xff)"
_WORTH_READING = re.compile(
    rb"build|BUILD|Docker|bake-action|target|include|extends|ImageUri|AWS::|\\[xuU\r\n]|" + _OTHER_LETTERS, re.MULTILINE
)
_OTHER_KEYS = rb"""\\[xuU][^"\n]{0,40}"\s*:|\?\s+["'&*!|>]|\*[\w-]+\s*:|""" + _OTHER_LETTERS
_DESCRIBES_BUILDS = {
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
_WORKFLOWS = (".github", "workflows")
_TOP_OF_FILE = Position(line=0, column=0)
_MAX_SEARCHED = 16 * 1024 * 1024
"""The size of the largest file that is searched for signs of a build."""


@dataclass(kw_only=True)
class Settings:
    """The content of one such file: the Dockerfiles and other such files that it names, and the findings about it.

    `stacks` has the resources of templates, for rules about stacks.
    """

    dockerfiles: list[Path] = field(default_factory=list)
    imports: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    stacks: list[dict[str, Any]] = field(default_factory=list)


def read(path: Path, data: bytes, root: Path, *, named: bool = False) -> Settings:
    """Check a file in the directory `root` if it describes builds. Never raises.

    `data` is the content of the file or, if it is longer than MAX_BYTES, at least MAX_BYTES + 1 of its bytes. `named`
    means that another such file refers to it.
    """
    judge, suffix = _Judge(path, data, root), path.suffix.lower()
    judge.certain = named or bool(_KNOWN_NAME.fullmatch(path.name)) or tools.is_named(path.name)
    if suffix == ".hcl" and not named:
        judge.hcl()
    elif tools.is_named(path.name) and suffix in {".json", ".toml"}:
        judge.loose()
    elif named or suffix in _TREES:
        judge.tree("json" if suffix == ".json" else "yaml")
    elif path.name == ".env" and _DESCRIBES_BUILDS["env"].search(data):
        judge.refuse(_TOP_OF_FILE, "Compose files with other names than the usual ones", "Remove COMPOSE_FILE.")
    return judge.settings


class _Judge:
    certain = False
    """Whether this is certainly a Compose, Bake or SAM file."""

    def __init__(self, path: Path, data: bytes, root: Path) -> None:
        self.path, self.data, self.root = path, data, root.resolve()
        # A workflow starts its builds in the root of its repository.
        in_workflows = path.resolve().parent.parts[-2:] == _WORKFLOWS
        self.folder = path.parent.parent.parent if in_workflows else path.parent
        self.source = Source(file=str(path), text=data.decode(errors="replace"))
        self.settings = Settings()

    def tree(self, kind: str) -> None:
        """Read YAML or JSON."""
        if self._is_too_long("long"):
            return
        if kind == "json" and (known := loose.describes_builds(self.data)) is not None:
            if not known:
                return
            self.certain = True  # a YAML parser may fail where a JSON parser does not
        if not self.certain and not _WORTH_READING.search(self.data):
            return
        try:
            self.data.decode()
            # A tab is white space in JSON, but not allowed in YAML indentation.
            self._read(self.data.replace(b"\t", b" ") if kind == "json" else self.data)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self._cannot_read(kind, error)

    def _read(self, data: bytes) -> None:
        for document in yaml_build_file.documents(data):
            for build in tools.builds(document, self.path.name):
                self._build(build)
            if stack := stacks.stage(document):
                self.settings.stacks.append(stack)

    def loose(self) -> None:
        """Read JSON with comments, or TOML. Their settings have no positions."""
        if self._is_too_long("long"):
            return
        try:
            self._read(loose.to_json(self.data.decode(), self.path.suffix))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self._cannot_read("json", error)

    def hcl(self) -> None:
        """Read HCL."""
        if self._is_too_long("hcl") or not (self.certain or _DESCRIBES_BUILDS["hcl"].search(self.data)):
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
            whole = reading.read(self.path, _MAX_SEARCHED)
        except OSError:
            whole = self.data
        known = loose.describes_builds(whole) if self.path.suffix.lower() == ".json" else None
        if (
            len(whole) > _MAX_SEARCHED
            or self.certain
            or (known is None and _DESCRIBES_BUILDS[kind].search(whole))
            or known
        ):
            self.refuse(_TOP_OF_FILE, f"the file is larger than {MAX_BYTES} bytes", "Split the file.")
        return True

    def _cannot_read(self, kind: str, error: Exception) -> None:
        if self.certain or _DESCRIBES_BUILDS[kind].search(self.data):
            message = f"the file cannot be read ({type(error).__name__}), and may describe builds"
            self.refuse(_TOP_OF_FILE, message, "Correct its syntax, and save it as UTF-8.")

    def _build(self, build: Sequence[Setting]) -> None:
        folders = [setting.text for setting in build if setting.name == "context" and setting.text] or ["."]
        targets, files = [], []
        for setting in build:
            if setting.name in REFUSED:
                self.refuse(setting.place, *REFUSED[setting.name])
            elif setting.name == "argument":
                self._argument(setting)
            elif setting.name == "cache":
                self._cache(setting)
            elif setting.name == "import":
                self._import(setting)
            elif setting.name == "target":
                targets.append(setting)
            elif setting.text is None:
                self.refuse(setting.place, f"the {setting.name} is not a literal string", "Write it as a literal.")
            elif setting.name == "context":
                self._context(setting.text, setting.place)
            else:
                files += self._dockerfile(
                    setting.text, folders if setting.name == "dockerfile" else ["."], setting.place
                )
        default = [self._inside(str(Path(folder, "Dockerfile"))) for folder in folders]
        for setting in targets:
            self._target(setting, files or default)

    def _target(self, setting: Setting, dockerfiles: Sequence[Path | None]) -> None:
        """Refuse a target unless it is the last stage of every Dockerfile that may be meant."""
        if not all(path and setting.text and _last_stage(path) == setting.text for path in dockerfiles):
            message = "a target that may not be the last stage"
            self.refuse(setting.place, message, "Build the last stage; use separate files for other images.")

    def _argument(self, setting: Setting) -> None:
        if not _ARGUMENT.fullmatch(setting.text or ""):
            message = "a build argument that can change how the Dockerfile is read"
            fix = "Remove it; set BuildKit's own options only on the builder, and write out names."
            self.refuse(setting.place, message, fix)

    def _cache(self, setting: Setting) -> None:
        if not caches.is_own(setting.text or "", [self.root, self.folder.resolve()]):
            message = "a cache that may hold build steps produced by someone else"
            fix = "Use type=gha, or type=local with a directory outside of the checked one, or remove it."
            self.refuse(setting.place, message, fix)

    def _context(self, text: str, place: Position) -> None:
        if not self._inside(text):
            message = f"the context {visible(text[:80])} is not a directory inside the checked one"
            self.refuse(place, message, "Use a directory inside it, or check a directory that contains both.")

    def _dockerfile(self, text: str, folders: list[str], place: Position) -> list[Path]:
        inside = [self._inside(str(Path(folder, text))) for folder in folders if text]
        found = [path for path in inside if path and os.path.isfile(path)]  # noqa: PTH113 - never raises
        if _ELSEWHERE.search(text) or not found:
            message = f"the Dockerfile {visible(text[:80])} is not inside the checked directory"
            self.refuse(place, message, "Write its path, or check a directory that contains it.")
        self.settings.dockerfiles += found
        return found

    def _import(self, setting: Setting) -> None:
        path = self._inside(setting.text or "")
        if path and os.path.isfile(path):  # noqa: PTH113 - never raises
            self.settings.imports.append(path)
        else:
            self.refuse(setting.place, "a file that is not inside the checked directory", "Move it there.")

    def _inside(self, text: str) -> Path | None:
        try:
            path = (self.folder / text).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return path if text and not _ELSEWHERE.search(text) and path.is_relative_to(self.root) else None

    def refuse(self, place: Position, message: str, fix: str) -> None:
        """Add a finding, up to the hundredth."""
        if len(self.settings.findings) < MAX_FINDINGS:
            self.settings.findings.append(self.source.finding_at(place, "build-override", message, fix=fix))


def _last_stage(path: Path) -> str:
    """Return the name of the last stage of a Dockerfile; empty if it has none, or is not understood."""
    try:
        dockerfile = grammar.parse(reading.read(path, MAX_BYTES), file=str(path))
    except (OSError, ValueError):
        return ""
    return "" if dockerfile.findings or not dockerfile.stages else dockerfile.stages[-1].name
