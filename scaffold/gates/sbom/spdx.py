"""Bills of materials as SPDX 2.3: https://spdx.github.io/spdx-spec/v2.3/. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scaffold.gates.sbom.document import Bill
    from scaffold.gates.sbom.inventory import Component

TYPE: Final = "application/spdx+json"
NAME: Final = "sbom.spdx.json"
_NONE = "NOASSERTION"


def render(bill: Bill) -> dict[str, Any]:
    """Return the document as a JSON value."""
    image = _package("SPDXRef-Image", bill.name, bill.digest, bill.purl) | {"primaryPackagePurpose": "CONTAINER"}
    packages = [image]
    relations = [_relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image")]
    if bill.base[0]:
        packages.append(_package("SPDXRef-Base", *bill.base, "") | {"primaryPackagePurpose": "CONTAINER"})
        relations.append(_relation("SPDXRef-Image", "DESCENDANT_OF", "SPDXRef-Base"))
    for number, component in enumerate(bill.components, start=1):
        packages.append(_of_component(f"SPDXRef-Package-{number}", component))
        relations.append(_relation("SPDXRef-Image", "CONTAINS", f"SPDXRef-Package-{number}"))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bill.name,
        "documentNamespace": f"https://spdx.org/spdxdocs/{bill.digest.replace(':', '-')}",
        "creationInfo": {"created": bill.time, "creators": [f"Tool: {bill.tool}"]},
        "packages": packages,
        "relationships": relations,
    }


def _of_component(name: str, component: Component) -> dict[str, Any]:
    row = _package(name, component.name, component.version, component.purl)
    row["licenseDeclared"] = component.licence or _NONE
    row["sourceInfo"] = f"{component.path}, of the base image" if component.base else component.path
    return row


def _package(name: str, title: str, version: str, purl: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "SPDXID": name,
        "name": title,
        "downloadLocation": _NONE,
        "filesAnalyzed": False,
        "licenseConcluded": _NONE,
        "licenseDeclared": _NONE,
        "copyrightText": _NONE,
    }
    if version:
        row["versionInfo"] = version
    if purl:
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        row["externalRefs"] = [reference]
    return row


def _relation(subject: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": other}
