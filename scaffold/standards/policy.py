"""An organisation's rules, on a plan: what a project that is just as its spec says may still not be. Pure.

What a rule means is in docs/reference.md; `standards` may be newer than the template that made the project. A plan
whose base has no `reference` is that of a project of which it is not known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scaffold.findings.finding import Finding, Severity
from scaffold.findings.suggest import did_you_mean
from scaffold.oci.names import repositories
from scaffold.standards.references import reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from scaffold.documents.document import Document
    from scaffold.documents.events import KeyPath
    from scaffold.rendering.plan import Plan
    from scaffold.standards.model import Base, Image, Standards

NOTICE = timedelta(days=90)
"""How long before its last day a base is told to be ending."""

_HUB = "huggingface.co"
_UPDATE = "Run `scaffold update`, which moves the project to the template with these standards."


def findings(plan: Plan, document: Document, standards: Standards, today: date) -> list[Finding]:
    """What the standards have against a plan on a day (UTC), located in the spec it follows from."""
    judge = _Judge(plan, document, standards, today)
    own = [*judge.base(), *judge.extensions(), *judge.labels(), *judge.models()]
    return sorted([*own, *runtime(plan, document, standards, today)])


def runtime(plan: Plan, document: Document, standards: Standards, today: date) -> Iterator[Finding]:
    """A runtime after its date gets no more patches (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)."""
    row = plan["runtime"]
    if row["deprecated"] <= today.isoformat():
        message = f"runtime: {row['name']} is deprecated since {row['deprecated']}: its base image gets no more patches"
        fix = f"Move to {row['successor'] or 'a newer runtime'}."
        found = document.finding("deprecated-runtime", message, path=("runtime",), fix=fix)
        yield replace(found, severity=Severity(standards.rules.deprecated_runtime))


class _Judge:
    def __init__(self, plan: Plan, document: Document, standards: Standards, today: date) -> None:
        self.plan, self.document, self.standards, self.today = plan, document, standards, today
        spec: Any = document.value
        self.spec = spec if isinstance(spec, dict) else {}
        self.architecture = plan["architecture"]["name"]

    def base(self) -> Iterator[Finding]:
        own, row = self.plan["base"], self._row()
        if own["name"] is None and self.standards.rules.inline_base != "allowed":
            message = f"the standards of {self.standards.organisation} allow no image of your own"
            yield self._at_base("base-not-allowed", message, fix=self._others())
        elif own["name"] is not None and row is None:
            message = f"the base {own['name']} is not one of the standards of {self.standards.organisation}"
            fix = did_you_mean(own["name"], self._fitting()) or self._others()
            yield self._at_base("uncatalogued-base", message, fix=fix)
        if row is not None:
            yield from self._stale(row)
            yield from self._withdrawn(row)
            yield from self._expired(row)
        if self.standards.rules.base_digest == "required" and own["reference"] and not own["digest"]:
            yield self._unpinned(row)

    def _row(self) -> Base | None:
        """The row of the standards that the plan's base is; an image of one's own may be one of them all the same."""
        own = self.plan["base"]
        if own["name"] is not None:
            return self.standards.bases.get(own["name"])
        return next((row for row in self.standards.bases.values() if self._is(row)), None)

    def _is(self, row: Base) -> bool:
        own = self.plan["base"]
        digest = row.digests.get(self.architecture)
        pinned = own["digest"] == digest if digest else own["tag"] == row.tag
        return bool(pinned and self._lies_there(own, row))

    def _stale(self, row: Base) -> Iterator[Finding]:
        own = self.plan["base"]
        if own["name"] is not None and own["reference"] and not self._same(own, row):
            now = f"the base {row.name} is {self._reference(row)} by now"
            yield self._at_base("stale-base", f"the project stands on {own['reference']}, and {now}", fix=_UPDATE)

    def _same(self, own: Mapping[str, Any], image: Image) -> bool:
        """Whether an image of the plan is the one of the standards; from which mirror it comes makes no other of it."""
        written = (own["tag"], own["digest"]) == (image.tag, image.digests.get(self.architecture))
        return written and self._lies_there(own, image)

    def _lies_there(self, own: Mapping[str, Any], image: Image) -> bool:
        return own["image"] in repositories(image.image, self.standards.mirrors)

    def _reference(self, image: Image) -> str:
        return reference(image, self.architecture, self.standards.mirrors)

    def _withdrawn(self, row: Base) -> Iterator[Finding]:
        if row.withdrawn:
            yield self._at_base("withdrawn-base", f"the base {row.name} is withdrawn", fix=self._successor(row))

    def _expired(self, row: Base) -> Iterator[Finding]:
        until = row.supported_until
        if until is None or self.today < until - NOTICE:
            return
        if row.expired(self.today):
            message = f"the base {row.name} was supported until {until}"
            yield self._at_base("expired-base", message, fix=self._successor(row))
        else:
            message = f"the base {row.name} is supported until {until}"
            ending = self._at_base("expiring-base", message, fix=self._successor(row))
            yield replace(ending, severity=Severity.WARNING)

    def _unpinned(self, row: Base | None) -> Finding:
        fix = "Give `base` a `digest`."
        if row is not None:
            fix = _UPDATE if row.digests.get(self.architecture) else "Pin it in the standards."
        return self._at_base("unpinned-base", f"{self.plan['base']['reference']} has no digest", fix=fix)

    def _successor(self, row: Base) -> str:
        if not row.replaced_by:
            return self._others()
        runtimes = self.standards.bases[row.replaced_by].runtimes
        name = self.plan["runtime"]["name"]
        runtime = "" if name in runtimes else f" and `runtime: {runtimes[0]}`"
        return f"Say `base: {row.replaced_by}`{runtime}, then run `scaffold render`."

    def _others(self) -> str:
        if names := ", ".join(self._fitting()):
            return f"Use one of: {names}."
        return (
            f"The standards have no base for {self.plan['runtime']['name']}: ask for one, or move to another runtime."
        )

    def _fitting(self) -> list[str]:
        name, rows = self.plan["runtime"]["name"], self.standards.bases.values()
        return [row.name for row in rows if name in row.runtimes and row.usable(self.today)]

    def _at_base(self, code: str, message: str, *, fix: str) -> Finding:
        place = "base" if "base" in self.spec else "runtime"
        return self.document.finding(code, f"{place}: {message}", path=(place,), fix=fix)

    def extensions(self) -> Iterator[Finding]:
        for own in self.plan["extensions"]:
            row = self.standards.extensions.get(own["name"])
            if row is None:
                message = f"{own['name']} is no extension of the standards of {self.standards.organisation}"
                fix = did_you_mean(own["name"], self.standards.extensions) or "Remove it, or ask for it."
                yield self._at_extension("uncatalogued-extension", own, message, fix)
            elif own["reference"] and not self._same(own, row):
                message = f"the project copies from {own['reference']}, and {row.name} is {self._reference(row)} by now"
                yield self._at_extension("stale-extension", own, message, _UPDATE)

    def _at_extension(self, code: str, own: Mapping[str, Any], message: str, fix: str) -> Finding:
        names = self.spec.get("extensions", [])
        path: KeyPath = ("extensions", names.index(own["name"])) if own["name"] in names else ("extensions",)
        return self.document.finding(code, f"extensions: {message}", path=path, fix=fix)

    def labels(self) -> Iterator[Finding]:
        for label in self.standards.rules.labels:
            if label not in self.plan["labels"]:
                message = f"labels: the standards of {self.standards.organisation} require the label {label}"
                fix = f"Add `{label}` to `labels`."
                yield self.document.finding("missing-label", message, path=("labels",), key=True, fix=fix)

    def models(self) -> Iterator[Finding]:
        hosts = self.standards.rules.model_hosts
        for address in dict.fromkeys(_addresses(self.plan)):
            host = _host(address)
            if hosts is not None and host not in hosts:
                message = f"the standards of {self.standards.organisation} allow no model files from {host}"
                fix = f"Use one of: {', '.join(hosts)}."
                yield self.document.finding("foreign-model-host", message, path=self._model(address), fix=fix)

    def _model(self, address: str) -> KeyPath:
        rows = self.spec.get("model_files", [])
        index = next((index for index, row in enumerate(rows) if row.get("from") == address), None)
        return ("model_files",) if index is None else ("model_files", index, "from")


def _addresses(plan: Plan) -> Iterator[str]:
    """Where the model files from outside the project come from."""
    yield from (row["from"] for row in plan["models"] if row["source"] != "project")


def _host(address: str) -> str:
    """The host or the bucket of an address."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return _HUB if parts.scheme == "hf" else (parts.hostname or "")
