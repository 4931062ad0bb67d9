"""What a directory without a spec says about the function in it: its Dockerfile, and the lock file of its manager."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffold import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from scaffold.rendering.engine import Engine

_FILE = "Dockerfile"
_MOST_BYTES = 1_000_000
_TASK_ROOT = re.compile(r"^(?:\$\{LAMBDA_TASK_ROOT\}|\$LAMBDA_TASK_ROOT|/var/task)(?=/|$)/?")
_CLEANING = re.compile(r"[\w-]+ clean( all)?|[\w-]+ update|rm -rf /var/\S+")


class _Instruction(NamedTuple):
    line: int
    keyword: str
    rest: str

    @property
    def origin(self) -> str:
        return f"{_FILE}:{self.line}"


@dataclass(kw_only=True)
class Existing:
    """The keys of a spec that follow from the files, each with the line that it is from, and the lines left over."""

    root: Path
    engine: Engine
    spec: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def language(self) -> Mapping[str, Any]:
        """The row of the function's language in the catalogue, as far as it is known."""
        languages = self.engine.table("languages")
        runtime = self.engine.table("runtimes").get(self.spec.get("runtime", ""), {})
        row: Mapping[str, Any] = languages.get(runtime.get("language")) or next(iter(languages.values()))
        return row

    def take(self, key: str, value: Any, origin: str) -> None:
        """Note a key; more of a list is added to what is there."""
        before = self.spec.get(key)
        self.spec[key] = [*before, *value] if isinstance(before, list) else value
        self.origins.setdefault(key, origin)


def read(root: Path, engine: Engine) -> Existing:
    """Return what the files of a directory say; nothing that would make a spec invalid."""
    found = Existing(root=root, engine=engine)
    for instruction in _last_stage(found):
        if not _take(found, instruction):
            found.left.append(f"{instruction.origin}: {instruction.keyword} {instruction.rest}")
    _take_manager(found)
    _leave_manifests(found)
    _leave_problems(found)
    return found


def _last_stage(found: Existing) -> list[_Instruction]:
    """Return the instructions of the last stage; those of the others are left over."""
    path = found.root / _FILE
    try:
        text = reading.read(path, _MOST_BYTES)[:_MOST_BYTES].decode()
    except (OSError, UnicodeError):
        return []
    rows = list(_instructions(text.splitlines()))
    last = max((at for at, row in enumerate(rows) if row.keyword == "FROM"), default=0)
    found.left += [f"{row.origin}: {row.keyword} {row.rest}" for row in rows[:last]]
    return rows[last:]


def _instructions(lines: Iterable[str]) -> Iterator[_Instruction]:
    start, joined = 0, ""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        start = start or number
        joined = f"{joined} {line.strip()}".strip()
        if joined.endswith("\\"):
            joined = joined[:-1].rstrip()
            continue
        keyword, _, rest = joined.partition(" ")
        yield _Instruction(start, keyword.upper(), rest.strip())
        start, joined = 0, ""


def _take(found: Existing, row: _Instruction) -> bool:
    """Take an instruction, and return whether all of it was taken."""
    takers = {"FROM": _take_base, "CMD": _take_handler, "COPY": _take_code, "ENV": _take_variables, "RUN": _take_step}
    if row.keyword == "WORKDIR":
        return bool(_TASK_ROOT.fullmatch(row.rest))
    try:
        return row.keyword in takers and takers[row.keyword](found, row, shlex.split(row.rest))
    except ValueError:  # an open quote, or no JSON
        return False


def _take_base(found: Existing, row: _Instruction, words: list[str]) -> bool:
    image = next((word for word in words if not word.startswith("-")), "").partition("@")[0]
    repository, _, tag = image.rpartition(":")
    release = re.split(r"[.](?=\d{4}\b)", tag)[0]
    for name, base in found.engine.standards["bases"].items():
        if (base["image"], base.get("tag")) == (repository, release):
            found.take("runtime", base["runtimes"][0], row.origin)
            if not base.get("default"):
                found.take("base", name, row.origin)
            break
    else:
        return False
    for architecture, platform in found.engine.platforms.items():
        if f"--platform={platform}" in words:
            found.take("architecture", architecture, row.origin)
    return True


def _take_handler(found: Existing, row: _Instruction, _: list[str]) -> bool:
    words = json.loads(row.rest)
    if not (isinstance(words, list) and len(words) == 1 and isinstance(words[0], str)):
        return False
    found.take("handler", words[0], row.origin)
    return True


def _take_code(found: Existing, row: _Instruction, words: list[str]) -> bool:
    paths = [word for word in words if not word.startswith("--")]
    target = posixpath.normpath(_TASK_ROOT.sub("", paths[-1]) or ".") if len(paths) > 1 else "/"
    if any(word.startswith(("--from", "--exclude")) for word in words) or target.startswith("/"):
        return False
    for path in map(posixpath.normpath, paths[:-1]):
        as_itself = target == posixpath.basename(path) and not (found.root / path).is_dir()
        to = {} if target == "." or as_itself else {"to": target}
        found.take("code", [{"from": path} | to], row.origin)
    return True


def _take_variables(found: Existing, row: _Instruction, words: list[str]) -> bool:
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    found.take("environment", found.spec.get("environment", {}) | pairs, row.origin)
    return len(pairs) == len(words)


def _take_step(found: Existing, row: _Instruction, _: list[str]) -> bool:
    """Take packages and manifests; a step that does anything else is left as well."""
    installs = [system["by_hand"] for system in found.engine.table("systems").values() if "by_hand" in system]
    managers = [manager["by_hand"] for manager in found.language["managers"].values() if "by_hand" in manager]
    whole = True
    for step in (part.strip() for part in row.rest.split("&&")):
        packages = next(filter(None, (re.search(pattern, step) for pattern in installs)), None)
        manifest = next(filter(None, (re.search(pattern, step) for pattern in managers)), None)
        if packages:
            names = [word for word in packages[1].split() if not word.startswith("-")]
            found.take("system_packages", names, row.origin)
        elif manifest:
            file = posixpath.normpath(_TASK_ROOT.sub("", manifest[1]))
            found.take("dependencies", {"files": [file]}, row.origin)
        else:
            whole = whole and bool(_CLEANING.fullmatch(step))
    return whole


def _take_manager(found: Existing) -> None:
    for name, row in found.language["managers"].items():
        if row["enforced"] and name != found.language["manager"] and (found.root / row["lock"]).is_file():
            found.spec["dependencies"], found.origins["dependencies"] = {"manager": name}, row["lock"]
            return


def _leave_manifests(found: Existing) -> None:
    """Leave manifests and locks out of the code: the build copies them itself."""
    known = set(found.spec.get("dependencies", {}).get("files", ()))
    for row in found.language["managers"].values():
        known |= {*row["files"], row["lock"], row["manifest"]}
    if rows := [row for row in found.spec.pop("code", []) if row["from"] not in known]:
        found.spec["code"] = rows
    else:
        found.origins.pop("code", None)


def _leave_problems(found: Existing) -> None:
    """Leave what would make the spec invalid."""
    if not found.spec:
        return
    for problem in found.engine.problems(found.engine.smallest | found.spec):
        key = str(problem.path[0]) if problem.path else ""
        if found.spec.pop(key, None) is not None:
            found.left.append(f"{found.origins.pop(key)}: {key}: {problem.message}")
