"""Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html): one run.

The log respects GitHub's limits: 5,000 results per run, and 10 MB after gzip. A separate result counts the findings
that do not fit. GitHub ignores suppressions, so waived findings also have the level `note`.
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffold import repository
from scaffold.findings import codes
from scaffold.findings.finding import Finding
from scaffold.findings.source import visible
from scaffold.locations import template_root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_RESULTS = 5_000
MOST_BYTES = 10_000_000  # after gzip
_LONGEST_TEXT = 1_000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_WEIGHTS = ("error", "warning", "note", "waived")


def render(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> str:
    """Return the log; errors come first, so that they stay if there are too many findings."""
    ranked = sorted(findings, key=lambda finding: _WEIGHTS.index(finding.weight))
    invocation = {"executionSuccessful": not any(finding.undecided for finding in findings)}
    root, most = repository.top(Path()), MOST_RESULTS
    while True:
        run = _run(_fitting(ranked, most), root) | {
            "invocations": [invocation],
            "properties": {"projects": len(projects)},
        }
        text = json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"
        if len(text) <= MOST_BYTES or len(gzip.compress(text.encode(), 6)) <= MOST_BYTES:
            return text
        most //= 2


def _fitting(ranked: Sequence[Finding], most: int) -> list[Finding]:
    """Return at most that many findings; the last one counts those that are left out."""
    if len(ranked) <= most:
        return list(ranked)
    rest = ranked[most - 1 :]
    message = f"{len(rest)} more findings are not listed here, {sum(f.weight == 'error' for f in rest)} of them errors"
    fix = "Check fewer projects at a time, or read another format."
    return [*ranked[: most - 1], Finding(code="too-many-findings", message=message, fix=fix, file=rest[0].file)]


def _run(findings: Sequence[Finding], root: Path) -> dict[str, Any]:
    rules = sorted({finding.code for finding in findings})
    seen: Counter[str] = Counter()
    template = _template()
    tool = {"name": template["name"], "version": template["version"], "informationUri": template["source"]}
    return {
        "tool": {"driver": tool | {"rules": [_rule(code) for code in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules, root, seen) for finding in findings],
    }


@cache
def _template() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((template_root() / "catalogue/template.json").read_bytes())
    return found


def help_uri(code: str) -> str:
    """Return the URL of a code's row in the reference of this version, in the template's repository."""
    template = _template()
    source = template["source"].removesuffix("/").removesuffix(".git")
    return f"{source}/blob/v{template['version']}/docs/reference.md#{codes.anchor(code)}"


def _rule(code: str) -> dict[str, Any]:
    meaning, uri = codes.CODES[code].meaning, help_uri(code)
    return {
        "id": code,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": meaning},
        "help": {"text": f"{meaning} {uri}", "markdown": f"{meaning} [More in the reference]({uri})."},
        "helpUri": uri,
    }


def _result(finding: Finding, rules: Sequence[str], root: Path, seen: Counter[str]) -> dict[str, Any]:
    message = visible(f"{finding.message}. {finding.fix}" if finding.fix else finding.message)
    if len(message) > _LONGEST_TEXT:
        message = f"{message[:_LONGEST_TEXT]}…"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rules.index(finding.code),
        "level": "note" if finding.waiver else finding.severity.value,
        "message": {"text": message},
    }
    uri = _uri(finding.file, root)
    if uri:
        place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
        if finding.line:
            column = {"startColumn": finding.column} if finding.column else {}
            place["region"] = {"startLine": finding.line} | column
        result["locations"] = [{"physicalLocation": place}]
    result["partialFingerprints"] = {"primaryLocationLineHash": _fingerprint(finding, uri, seen)}
    if finding.waiver:
        justification = visible(str(finding.waiver))
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _uri(file: str, root: Path) -> str:
    """Return the path relative to the repository, or a file URI for a file elsewhere, percent-encoded."""
    if not file:
        return ""
    inside = repository.relative(file, root)
    return _quoted(inside) if inside else "file://" + _quoted(str(Path(file).absolute()))


def _quoted(path: str) -> str:
    try:
        return quote(os.fsencode(path))
    except UnicodeEncodeError:  # no file has such a name
        return quote(path.encode(errors="surrogatepass"))


def _fingerprint(finding: Finding, uri: str, seen: Counter[str]) -> str:
    """Return a fingerprint that is stable across runs, although lines may move and messages may name dates."""
    line = finding.excerpt.split("\n")[0].strip()
    digest = hashlib.sha256(f"{finding.code}\0{uri}\0{line}".encode(errors="replace")).hexdigest()[:16]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
