"""Turns a project's state into the findings of `scaffold check`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scaffold.findings.finding import Finding
from scaffold.findings.source import excerpt
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.changes import Cause, Change
from scaffold.project.state import NotRendered, OtherVersion, Rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = frozenset({"drift", "left-over", "stale", "stale-base", "stale-extension"})
"""The codes about files that differ from what the plan says."""
UPGRADE = "Upgrade this package (`uv tool upgrade {name}`)"

_RENDER = "Run `scaffold render`."
_KEEP = "Change lambda-image.yaml instead, then run `scaffold render`."


def findings(now: OtherVersion | NotRendered | Rendered) -> list[Finding]:
    """Return everything wrong with the files of a project."""
    match now:
        case OtherVersion():
            path = str(now.root / ANSWERS)
            return [Finding(code="outdated", message=outdated(now), fix=help_for_other_version(now), file=path)]
        case NotRendered():
            path = str(now.root / SPEC)
            return [Finding(code="not-rendered", message="this spec was never rendered", fix=_RENDER, file=path)]
        case Rendered():
            reported = (change for change in now.changes if change.cause is not Cause.RECORD)
            return sorted(_finding(now, change) for change in reported)


def outdated(now: OtherVersion) -> str:
    """Return one sentence that names the template of a project, and this one."""
    return f"rendered by {_name(now.answers.get('template') or {})}, and this is {_name(now.own)}"


def help_for_other_version(now: OtherVersion) -> str:
    """Return the commands that bring a project and this package together, or that run the version that rendered it."""
    source, tag = now.answers.get("_src_path", ""), now.answers.get("_commit", "")
    update = "Run `scaffold update` (or `copier update` in it) to move it to a newer template"
    if is_newer(now.answers.get("template"), now.own):
        update = f"{UPGRADE.format(name=now.own['name'])}, which is older than the project"
    if not (source and tag):
        return f"{update}."
    source = source.replace("gh:", "https://github.com/", 1) if source.startswith("gh:") else source
    source = re.sub(r"^([a-z]+@[^/:]+):", r"ssh://\1/", source)
    return f"{update}, or use the version that rendered it: `uvx --from 'git+{source}@{tag}' scaffold …`."


def is_newer(recorded: Any, own: Mapping[str, str]) -> bool:
    """Return whether a project was rendered by a later version of this template."""
    if not isinstance(recorded, dict) or recorded | {"version": own["version"]} != own:
        return False
    return _numbers(recorded.get("version")) > _numbers(own["version"])


def _numbers(version: object) -> list[int]:
    return [int(word) for word in re.findall(r"[0-9]{1,9}", str(version))]


def _name(template: Mapping[str, str]) -> str:
    words = [template.get("organisation"), template.get("name"), template.get("version")]
    return " ".join(filter(None, words)) or "an unknown template"


def _finding(now: Rendered, change: Change) -> Finding:
    fix, line, shown = _RENDER, 0, ""
    match change.cause:
        case Cause.LEFT_OVER:
            code = "left-over"
            message = "lambda-image.yaml no longer produces this file"
        case Cause.MISSING:
            code = "missing"
            message = "does not exist"
        case Cause.MODE:
            code = "drift"
            message = f"must be {'executable' if change.executable else 'not executable'}"
        case Cause.OBSTRUCTED:
            code = "drift"
            message, fix = change.refusal, "Move it away, then run `scaffold render`."
        case Cause.SPEC:
            code = "stale"
            message = "lambda-image.yaml was edited after this file was rendered"
        case Cause.IMAGES:
            extensions = {row["reference"] for row in now.plan["extensions"]}
            code = "stale-extension" if extensions.issuperset(change.images) else "stale-base"
            message = f"the standards now have other images: {', '.join(change.images)}"
        case Cause.EDITED | Cause.RECORD:
            code = "drift"
            message, fix = "edited by hand", _KEEP
            line, shown = _first_difference(change.before or b"", change.after or b"")
    file = str(now.root / change.path)
    return Finding(code=code, message=message, fix=fix, file=file, line=line, column=min(line, 1), excerpt=shown)


def _first_difference(before: bytes, after: bytes) -> tuple[int, str]:
    """Return the number of the first line that differs from the render, and its excerpt."""
    old, new = _lines(before), _lines(after)
    differ = (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    first = next(differ, min(len(old), len(new)))
    return first + 1, excerpt(old[first].rstrip("\n") if first < len(old) else "", 1)


def _lines(content: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode(errors="replace"))
