"""Findings as JUnit XML for CI systems: a test suite for each project, a test case for each finding.

There is no standard; https://github.com/testmoapp/junitxml describes the subset that readers share. XML 1.0 cannot
represent control characters and surrogates, so text is escaped by `scaffold.findings.source.visible`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring  # nothing is parsed

from scaffold.findings.source import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaffold.findings.finding import Finding

_IN_ORDER = "in-order"


def render(findings: Sequence[Finding], projects: Mapping[str, Sequence[Finding]]) -> str:
    """Return the XML: errors fail, waived findings are skipped, others pass; so does a case for a clean project."""
    of_projects = {finding for found in projects.values() for finding in found}
    suites = {name: sorted(found) for name, found in projects.items()}
    if other := [finding for finding in findings if finding not in of_projects]:
        suites["scaffold"] = other
    root = Element("testsuites", {"name": "scaffold"} | _counts(suites.values()))
    for name, found in suites.items():
        suite = SubElement(root, "testsuite", {"name": visible(name)} | _counts([found]))
        for finding in found:
            _case(suite, finding)
        if not found:
            SubElement(suite, "testcase", classname=_IN_ORDER, name=visible(name))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _counts(suites: Iterable[Sequence[Finding]]) -> dict[str, str]:
    suites = list(suites)
    weights = [finding.weight for suite in suites for finding in suite]
    cases = len(weights) + sum(not suite for suite in suites)
    counts = {"tests": cases, "failures": weights.count("error"), "errors": 0, "skipped": weights.count("waived")}
    return {name: str(count) for name, count in counts.items()}


def _case(suite: Element, finding: Finding) -> None:
    place = ":".join([finding.file, *(str(number) for number in (finding.line, finding.column) if number)])
    attributes = {"classname": finding.code, "name": visible(place) or finding.code}
    attributes |= {"file": visible(finding.file)} if finding.file else {}
    attributes |= {"line": str(finding.line)} if finding.line else {}
    case = SubElement(suite, "testcase", attributes)
    text = "\n".join(visible(line) for line in [finding.message, *finding.excerpt.split("\n"), finding.fix] if line)
    if finding.waiver:
        SubElement(case, "skipped", message=visible(str(finding.waiver))).text = text
    elif finding.weight == "error":
        SubElement(case, "failure", message=visible(finding.message), type=finding.code).text = text
    else:
        SubElement(case, "system-out").text = f"{finding.weight}: {text}"
