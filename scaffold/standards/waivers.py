"""Waivers: applies them to findings on a day, and reports problems with the waivers themselves.

A waiver is valid from `issued` to `expires`, both days included, in UTC. It applies to findings of one code in one file
of one repository, or of one image, and to nothing else. A finding that may hide anything else is waived only for the
content that somebody has looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold import reading, repository
from scaffold.findings import codes
from scaffold.findings.finding import Exemption, Finding, Severity
from scaffold.findings.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from scaffold.standards.model import Standards

NOTICE = timedelta(days=14)
"""How long before its last day a waiver is reported as expiring."""


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """An exemption of findings with the code `rule` from `issued` to `expires`, both days included (UTC).

    It is for one file of one repository, with `content` if that is given, or for the image with one digest; never for a
    pattern.
    """

    rule: str
    reason: str
    approved_by: str
    issued: date
    expires: date
    repository: str = ""
    file: str = ""
    content: str = ""
    image: str = ""
    ticket: str = ""
    requested_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The subject of a check: files below `paths` of a repository with this `root`, or an image by its digest."""

    repository: str = ""
    root: Path = Path()
    paths: tuple[Path, ...] = ()
    image: str = ""

    @classmethod
    def of(cls, repository_name: str, paths: Sequence[Path]) -> Scope:
        """Return the scope of paths in a named repository; without a name, no waiver for a file applies."""
        if not repository_name:
            return cls()
        first = paths[0]
        root = repository.top(first if first.is_dir() else first.parent)
        return cls(repository=repository_name, root=root, paths=tuple(paths))

    def concerns(self, waiver: Waiver) -> bool:
        """Return whether a waiver is for anything in this scope."""
        if waiver.image:
            return waiver.image == self.image
        same = waiver.repository == self.repository
        return same and any(folder == "." or f"{waiver.file}/".startswith(f"{folder}/") for folder in self._folders())

    def covers(self, waiver: Waiver, finding: Finding) -> bool:
        """Return whether a waiver is for this finding, regardless of the day."""
        return self.matches(waiver, finding) and is_bound(waiver, finding)

    def matches(self, waiver: Waiver, finding: Finding) -> bool:
        """Return whether a waiver is for this code and this file or image, regardless of the day and the content."""
        if finding.code != waiver.rule or not codes.waivable(finding.code):
            return False
        if waiver.image:
            return waiver.image == self.image
        same = waiver.repository == self.repository and waiver.file == repository.relative(finding.file, self.root)
        return same and not self._in_another_repository(finding.file)

    def _in_another_repository(self, file: str) -> bool:
        """Return whether a file is in a repository within this one, such as a submodule: it has its own waivers."""
        nearest, root = repository.work_tree(Path(file).parent), self.root.resolve()
        return nearest is not None and nearest != root and nearest.is_relative_to(root)

    def _folders(self) -> list[str]:
        return [repository.relative(str(path), self.root) for path in self.paths]


def is_bound(waiver: Waiver, finding: Finding) -> bool:
    """Return whether a waiver names the content of a finding's file, where it must or does."""
    if waiver.image or not (waiver.content or finding.code in codes.BY_CONTENT):
        return True
    return bool(waiver.content) and waiver.content == reading.digest(Path(finding.file))


def is_valid(waiver: Waiver, today: date) -> bool:
    """Return whether a waiver is valid on a day."""
    return waiver.issued <= today <= waiver.expires


def apply(findings: Iterable[Finding], waivers: Iterable[Waiver], today: date, scope: Scope) -> list[Finding]:
    """Return the findings, with the exemption of a valid waiver if one applies."""
    valid = [waiver for waiver in waivers if is_valid(waiver, today)]
    return [_apply(finding, valid, scope) for finding in findings]


def _apply(finding: Finding, waivers: Iterable[Waiver], scope: Scope) -> Finding:
    for waiver in waivers:
        if scope.covers(waiver, finding):
            exemption = Exemption(
                reason=waiver.reason,
                approved_by=waiver.approved_by,
                expires=waiver.expires.isoformat(),
                ticket=waiver.ticket,
            )
            return replace(finding, waiver=exemption)
    return finding


def waiver_findings(standards: Standards, findings: Iterable[Finding], today: date, scope: Scope) -> list[Finding]:
    """Return problems with the waivers for this scope, given all `findings`.

    An expired or future waiver is an error while its finding persists, and otherwise a warning. Without the name of the
    repository, a warning reports that waivers for files were ignored.
    """
    if not scope.repository and not scope.image:
        return list(_unapplied(standards))
    found = list(findings)
    return [
        finding
        for index, waiver in enumerate(standards.waivers)
        if scope.concerns(waiver)
        for finding in _about(standards, index, today, [one for one in found if scope.matches(waiver, one)])
    ]


def _about(standards: Standards, index: int, today: date, matching: Sequence[Finding]) -> Iterator[Finding]:
    waiver, document = standards.waivers[index], standards.document
    used = any(is_bound(waiver, finding) for finding in matching)
    what = f"the waiver of {waiver.rule} for {waiver.image or waiver.file}"
    place = ("waivers", index)
    renew = "Fix the finding, or request another waiver." if used else "Remove it."
    found = None
    if today > waiver.expires:
        message = f"{what} was valid until {waiver.expires}"
        found = document.finding("expired-waiver", message, path=(*place, "expires"), fix=renew)
    elif today < waiver.issued:
        message = f"{what} is valid from {waiver.issued} on"
        found = document.finding("future-waiver", message, path=(*place, "issued"), fix="Wait for that day.")
    elif matching and not used:
        content = reading.digest(Path(matching[0].file))
        message = f"{what} does not apply: the content of the file is {content or 'unknown'}"
        look = f"Look at the file, then write `content: {content}` in the scope." if content else "Restore the file."
        yield document.finding("unbound-waiver", message, path=(*place, "scope"), fix=look)
    elif not used:
        meant = "" if waiver.rule in codes.CODES else did_you_mean(waiver.rule, codes.CODES)
        message = f"{what} matches no finding"
        found = document.finding("unused-waiver", message, path=(*place, "rule"), fix=meant or "Remove it.")
    elif waiver.expires - today <= NOTICE:
        message = f"{what} is valid until {waiver.expires}"
        found = document.finding("expiring-waiver", message, path=(*place, "expires"), fix=renew)
    if found:
        counts = used and not is_valid(waiver, today)
        yield found if counts else replace(found, severity=Severity.WARNING)


def _unapplied(standards: Standards) -> Iterator[Finding]:
    if any(waiver.repository for waiver in standards.waivers):
        document = standards.document
        message = "waivers for files are ignored, because the repository is unknown"
        found = document.finding("unapplied-waivers", message, path=("waivers",), key=True, fix="Give --repository.")
        yield replace(found, severity=Severity.WARNING)
