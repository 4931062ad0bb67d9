"""The components of an image, by the records of package managers in it, and of its project, by the lock files. Pure.

Where the records are, and in which form, is a table of the catalogue.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scaffold.oci.filesystem import Placed

_LICENCE = re.compile(r"(?!SEE |UNLICENSED)\(?[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*\)?")
_STATUS, _INSTALLED = "Status", "installed"


@dataclass(frozen=True, kw_only=True, order=True)
class Component:
    """A package: its package URL (https://github.com/package-url/purl-spec), what it was found in, whose layer has it.

    `licence` is an SPDX expression, empty if the package does not state one. `base` says that the base brings it.
    """

    purl: str
    name: str
    version: str
    licence: str = ""
    path: str = ""
    base: bool = False


class Record(NamedTuple):
    """A kind of record: the type of its packages' URLs, its path, and its form: `fields`, `json`, or only a `name`.

    `keys` are those of name, version and licence in it.
    """

    kind: str
    path: re.Pattern[str]
    form: str
    keys: Sequence[str]
    distribution: str = ""


def records(rows: Iterable[Mapping[str, Any]]) -> tuple[Record, ...]:
    """Return the rows of the table."""
    return tuple(Record(**dict(row) | {"path": re.compile(row["path"])}) for row in rows)


def is_record(known: Sequence[Record], path: str) -> bool:
    """Return whether the text of a file of an image is a record of installed packages."""
    path = f"/{path.lstrip('/')}"
    return any(record.form != "name" and record.path.search(path) for record in known)


def of_image(files: Mapping[str, Placed], known: Sequence[Record], base: int) -> list[Component]:
    """Return the components that the files of an image record, sorted; the lowest `base` layers are the base's."""
    found = set[Component]()
    for path, placed in files.items():
        for record in known:
            if matched := record.path.search(path):
                text = placed.entry.seen.text if placed.entry and placed.entry.seen else ""
                rows = _rows(record, text) if text else [matched.groups()] if record.form == "name" else []
                made = (_component(record.kind, record.distribution, *row) for row in rows)
                found |= {replace(row, path=path, base=placed.layer < base) for row in made}
    return sorted(found)


def _rows(record: Record, text: str) -> Iterator[tuple[str, ...]]:
    """Yield name, version and licence of each package."""
    if record.form == "json":
        try:
            package = json.loads(text)
            row = tuple(package.get(key) for key in record.keys)
        except (AttributeError, RecursionError, ValueError):
            return
        if isinstance(row[0], str) and isinstance(row[1], str):
            yield row[0], row[1], str(row[2])
        return
    paragraphs = re.split(r"\n\s*\n", text) if record.distribution else [text.partition("\n\n")[0]]
    for paragraph in paragraphs:
        lines = (line.split(":", 1) for line in paragraph.split("\n") if line[:1].isalpha() and ":" in line)
        fields = {name: value.strip() for name, value in lines}
        row = tuple(fields.get(key, "") for key in record.keys)
        if all(row[:2]) and _INSTALLED in fields.get(_STATUS, _INSTALLED).split():
            name = row[0] if record.distribution else re.sub(r"[-_.]+", "-", row[0]).lower()
            yield name, *row[1:]


def of_project(texts: Mapping[str, str], compiled: Mapping[str, Mapping[str, str]]) -> list[Component]:
    """Return what is compiled into a program, by the files of a project that record it, sorted."""
    found = set[Component]()
    for path, text in texts.items():
        if row := compiled.get(posixpath.basename(path)):
            pairs = re.findall(row["pattern"], text, re.MULTILINE)
            found |= {replace(_component(row["kind"], "", *pair), path=path) for pair in pairs}
    return sorted(found)


def _component(kind: str, distribution: str, name: str, version: str, licence: str = "") -> Component:
    full = f"{distribution}/{name}" if distribution else name
    path = "/".join(quote(part, safe="") for part in full.split("/"))
    purl = f"pkg:{kind}/{path}@{quote(version, safe=':~')}"
    return Component(purl=purl, name=name, version=version, licence=licence if _LICENCE.fullmatch(licence) else "")
