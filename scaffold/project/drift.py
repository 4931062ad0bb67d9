"""A project's state to findings: what `scaffold check` says, with file, line and the command that helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding
from scaffold.findings.source import excerpt
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.changes import Cause, Change
from scaffold.project.state import NotRendered, OtherVersion, Rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

_RENDER = "Run `scaffold render`."
_KEEP = "Say it in lambda-image.yaml instead, then run `scaffold render`."


def findings(now: OtherVersion | NotRendered | Rendered) -> list[Finding]:
    """What is wrong with the files of a project."""
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
    """One sentence: which template a project is from, and which one this is."""
    return f"rendered by {_name(now.answers.get('template') or {})}, and this is {_name(now.own)}"


def help_for_other_version(now: OtherVersion) -> str:
    """The commands that move a project to a newer template, or run the version it was made with."""
    source, tag = now.answers.get("_src_path", ""), now.answers.get("_commit", "")
    update = "Run `scaffold update` (or `copier update` in it) to move it to a newer template"
    if not (source and tag):
        return f"{update}."
    source = source.replace("gh:", "https://github.com/", 1) if source.startswith("gh:") else source
    source = re.sub(r"^([a-z]+@[^/:]+):", r"ssh://\1/", source)
    return f"{update}, or use the version it was made with: `uvx --from 'git+{source}@{tag}' scaffold …`."


def _name(template: Mapping[str, str]) -> str:
    words = [template.get("organisation"), template.get("name"), template.get("version")]
    return " ".join(filter(None, words)) or "an unknown template"


def _finding(now: Rendered, change: Change) -> Finding:
    fix, line, shown = _RENDER, 0, ""
    match change.cause:
        case Cause.LEFT_OVER:
            code = "left-over"
            message = "no longer follows from lambda-image.yaml"
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
            message = "lambda-image.yaml was edited since this was rendered"
        case Cause.IMAGES:
            extensions = {row["reference"] for row in now.plan["extensions"]}
            code = "stale-extension" if extensions.issuperset(change.images) else "stale-base"
            message = f"the standards have other images by now: {', '.join(change.images)}"
        case Cause.EDITED | Cause.RECORD:
            code = "drift"
            message, fix = "edited by hand", _KEEP
            line, shown = _first_difference(change.before or b"", change.after or b"")
    file = str(now.root / change.path)
    return Finding(code=code, message=message, fix=fix, file=file, line=line, column=min(line, 1), excerpt=shown)


def _first_difference(before: bytes, after: bytes) -> tuple[int, str]:
    """The first line, from 1, that is not as rendered, and its excerpt."""
    old, new = _lines(before), _lines(after)
    differ = (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    first = next(differ, min(len(old), len(new)))
    return first + 1, excerpt(old[first].rstrip("\n") if first < len(old) else "", 1)


def _lines(content: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode(errors="replace"))
