"""Credentials in an image: in its variables, labels, history and files. Values are never shown."""

from __future__ import annotations

import math
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING

from scaffold.gates.preflight.subject import every_entry, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.preflight.table import Format, Table

_SETTING = re.compile(r"(?:^|[\s|])([A-Za-z_][A-Za-z0-9_]*)=(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_STEP = "/bin/sh -c"
_FIX = "Revoke it, build without it, and pass it to the build with `RUN --mount=type=secret`."
_READ_AT_RUN_TIME = "Revoke it, and read it at run time from Secrets Manager or Parameter Store."


def marks(table: Table, path: str, text: bytes) -> tuple[str, ...]:
    """Return the names of the secrets in a file; nothing for tests and examples that packages publish."""
    found = tuple(dict.fromkeys(_known(table.secrets, text)))
    if found and set(path.split("/")[:-1]) & set(table.rows["published"]):
        return ()
    return found


def _known(formats: Iterable[Format], text: bytes) -> Iterator[str]:
    for row in formats:
        if row.anchor in text and row.pattern.search(text):
            yield row.name


def redacted(table: Table, text: str) -> str:
    """Return a text without the secrets of known formats in it, and without values of what is named like a secret."""
    data = text.encode()
    for row in table.setting_secrets:
        data = row.pattern.sub("…".encode(), data)
    return _SETTING.sub(lambda found: _without_value(table, found), data.decode("utf-8", "replace"))


def _without_value(table: Table, found: re.Match[str]) -> str:
    return f" {found[1]}=…" if table.secret_name.search(found[1]) else found[0]


def settings(subject: Subject) -> Iterator[Finding]:
    """Variables, labels and the history can be read by whoever can pull the image."""
    facts, table = subject.facts, subject.table
    places = [(f"the variable {name}", value, _READ_AT_RUN_TIME) for name, value in facts.environment.items()]
    places += [(f"the label {name}", value, _FIX) for name, value in facts.labels.items()]
    places += [(f"step {n} of the history", text, _FIX) for n, (text, _) in enumerate(facts.history, 1)]
    in_variables = [value for value in facts.environment.values() if value]
    for place, value, fix in places:
        if place.startswith("step") and any(text in value for text in in_variables if _guessed(text)):
            value = re.sub("|".join(map(re.escape, filter(_guessed, in_variables))), "", value)  # noqa: PLW2901
        for name in dict.fromkeys(_known(table.setting_secrets, value.encode())):
            yield subject.finding("credential", f"{place} contains {name}", fix)


def names(subject: Subject) -> Iterator[Finding]:
    """A variable or build argument that is named like a secret, with a value that looks like one."""
    table = subject.table
    known = {name for name, value in subject.facts.environment.items() if _looks_secret(table, name, value)}
    for name in sorted(known):
        message = f"the variable {name} is named like a secret, and its value looks like one"
        yield subject.finding("secret-variable", message, _READ_AT_RUN_TIME)
    for number, (text, _) in enumerate(subject.facts.history, 1):
        for name, *values in _SETTING.findall(text.partition(_STEP)[0] if text.startswith("|") else text):
            if name not in known and _looks_secret(table, name, "".join(values)):
                known.add(name)
                message = f"step {number} of the history has a value for {name}, which is named like a secret"
                yield subject.finding("secret-variable", message, _FIX)


def _looks_secret(table: Table, name: str, value: str) -> bool:
    named = table.secret_name.search(name) and not table.secret_reference.search(name)
    return bool(named) and _guessed(value) and not next(_known(table.setting_secrets, value.encode()), None)


def _guessed(value: str) -> bool:
    """Return whether a value looks random: long, of letters and digits, without repetition, not a path or a URL."""
    if len(value) < 16 or value.startswith("arn:") or re.search(r"[\s/$<{]", value) or not re.search("[0-9]", value):
        return False
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) >= 3


def files(subject: Subject) -> Iterator[Finding]:
    """A file that a later layer removes can still be read in its own layer."""
    known = subject.table.rows["secret_files"]
    found: dict[str, list[str]] = {}
    for number, path, entry in every_entry(subject.layers, subject.base):
        if entry.seen is None or not entry.size:
            continue
        there = (row := subject.files.get(path)) is not None and row.entry == entry
        where = path if there else f"{path} (removed, but still in layer {number + 1})"
        for name in entry.seen.marks:
            found.setdefault(name, []).append(where)
        if not entry.seen.marks and any(path.endswith(f"/{name}") for name in known):
            found.setdefault("", []).append(where)
    for name, paths in sorted(found.items()):
        listed = some(list(dict.fromkeys(paths)))
        if name:
            yield subject.finding("credential", f"files contain {name}: {listed}", _FIX)
        else:
            message = f"files usually hold credentials: {listed}"
            yield subject.finding("secret-file", message, "List them in .dockerignore, and revoke what they hold.")


def kept(path: str) -> bool:
    """Return whether checks need the text of a file."""
    name = posixpath.basename(path)
    return name in {".package-lock.json", "METADATA"} or path.endswith("aws-lambda-ric/package.json")
