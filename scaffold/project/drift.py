"""A project's status to findings: what `scaffold check` says, with file, line and the command that helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffold.findings.finding import Finding
from scaffold.findings.source import excerpt
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.changes import Change, ChangeKind
from scaffold.project.earlier_images import images_of, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.project.state import Status

_RENDER = "Run `scaffold render`."
_KEEP = "Say it in lambda-image.yaml instead, then run `scaffold render`."


def findings(status: Status) -> list[Finding]:
    """What is wrong with a project's spec, or else with its files."""
    if status.findings:
        return status.findings
    return sorted([_foreign(status)] if status.foreign else _changes(status))


def outdated(status: Status) -> str:
    """One sentence: which template a foreign project is from, and what can render it."""
    recorded, own = status.answers.get("template") or {}, status.own
    return f"rendered by {_name(recorded)}, and this is {_name(own)}"


def help_for_foreign(status: Status) -> str:
    """The commands that move a foreign project to a newer template, or run the version it was made with."""
    source, tag = status.answers.get("_src_path", ""), status.answers.get("_commit", "")
    update = "Run `scaffold update` (or `copier update` in it) to move it to a newer template"
    if not (source and tag):
        return f"{update}."
    source = source.replace("gh:", "https://github.com/", 1) if source.startswith("gh:") else source
    source = re.sub(r"^([a-z]+@[^/:]+):", r"ssh://\1/", source)
    return f"{update}, or use the version it was made with: `uvx --from 'git+{source}@{tag}' scaffold …`."


def _name(template: Mapping[str, str]) -> str:
    words = [template.get("organisation"), template.get("name"), template.get("version")]
    return " ".join(filter(None, words)) or "an unknown template"


def _foreign(status: Status) -> Finding:
    path = str(status.root / ANSWERS)
    return Finding(code="outdated", message=outdated(status), fix=help_for_foreign(status), file=path)


def _changes(status: Status) -> list[Finding]:
    if not status.answers:
        path = str(status.root / SPEC)
        return [Finding(code="not-rendered", message="this spec was never rendered", fix=_RENDER, file=path)]
    recorded = {file.path: file.content for file in status.recorded}
    return [_finding(status, change, recorded.get(change.path)) for change in status.changes]


def _finding(status: Status, change: Change, recorded: bytes | None) -> Finding:
    path = str(status.root / change.path)
    match change.kind:
        case ChangeKind.REMOVE:
            return Finding(code="left-over", message="no longer follows from lambda-image.yaml", fix=_RENDER, file=path)
        case ChangeKind.CREATE:
            return Finding(code="missing", message="does not exist", fix=_RENDER, file=path)
        case ChangeKind.MODE:
            wanted = "executable" if change.executable else "not executable"
            return Finding(code="drift", message=f"must be {wanted}", fix=_RENDER, file=path)
    if change.before is not None and change.before == recorded:
        return _stale(status, change)
    if change.before is None:
        return Finding(code="drift", message=change.refusal, fix="Move it away, then run `scaffold render`.", file=path)
    line, shown = _first_difference(change.before, change.after or b"")
    return Finding(code="drift", message="edited by hand", fix=_KEEP, file=path, line=line, column=1, excerpt=shown)


def _stale(status: Status, change: Change) -> Finding:
    path, before, after = str(status.root / change.path), change.before or b"", change.after or b""
    if status.answers.get("spec") != status.document.value:
        message = "lambda-image.yaml was edited since this was rendered"
        return Finding(code="stale", message=message, fix=_RENDER, file=path)
    now = named(after, dict.fromkeys(image["reference"] for image in images_of(status.plan)))
    moved = [name for name in now if name not in named(before, now)]
    extensions = {row["reference"] for row in status.plan["extensions"]}
    code = "stale-extension" if extensions.issuperset(moved) else "stale-base"
    message = f"the standards have other images by now: {', '.join(moved)}"
    return Finding(code=code, message=message, fix=_RENDER, file=path)


def _first_difference(before: bytes, after: bytes) -> tuple[int, str]:
    """The first line, from 1, that is not as rendered, and its excerpt."""
    old, new = _lines(before), _lines(after)
    differ = (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    first = next(differ, min(len(old), len(new)))
    return first + 1, excerpt(old[first].rstrip("\n") if first < len(old) else "", 1)


def _lines(content: bytes) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode(errors="replace"))
