"""The moment at which each finding is made: the first that knows enough. The reference lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffold.findings.codes import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

COPIER: Final = "render, with Copier too"
RENDER: Final = "render"
CHECK: Final = "check"
IMAGE: Final = "check of the image"
BOTH: Final = f"{CHECK}, {IMAGE}"

_OF_GROUPS: Final[Mapping[str, str]] = {
    "YAML findings": RENDER,
    "Spec findings": COPIER,
    "Project findings": RENDER,
    "Rule findings": CHECK,
    "Standards findings": CHECK,
    "Dockerfile findings": "check of a Dockerfile",
    "Image findings": IMAGE,
    "Preflight findings": IMAGE,
    "Report findings": "any",
}
_OF_CODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("drift", "left-over", "missing", "not-rendered", "outdated", "stale", "undecided"), CHECK),
    **dict.fromkeys(("foreign-template", "shadowed"), CHECK),
    **dict.fromkeys(("deprecated-runtime", "expired-base", "expiring-base", "missing-label"), BOTH),
    **dict.fromkeys(("not-offline", "unwritable-cache"), BOTH),
    **dict.fromkeys(("stale-base", "uncatalogued-base"), BOTH),
    **dict.fromkeys(("ambiguous-platform", "broken-promise", "lost-platform"), "`standards pin`"),
    "missing-handler": f"{RENDER}; with Copier in part; {IMAGE}",
    **dict.fromkeys(("newer-c-library", "over-budget", "reserved-variable", "secret-variable"), f"{COPIER}; {IMAGE}"),
    "unavailable": "`models lock`",
    "unmerged": "`update`",
}


def moment(code: str) -> str:
    """Return the moment at which findings with this code are made."""
    return _OF_CODES.get(code) or next(_OF_GROUPS[title] for title, group in GROUPS.items() if code in group)
