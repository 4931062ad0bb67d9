"""Bills of materials as CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from scaffold.gates.sbom.document import Bill
    from scaffold.gates.sbom.inventory import Component

TYPE: Final = "application/vnd.cyclonedx+json"
NAME: Final = "sbom.cdx.json"


def render(bill: Bill) -> dict[str, Any]:
    """Return the document as a JSON value."""
    tool, _, version = bill.tool.rpartition("-")
    image: dict[str, Any] = {"type": "container", "bom-ref": bill.purl, "name": bill.name, "version": bill.digest}
    if bill.base[0]:
        image["pedigree"] = {"ancestors": [{"type": "container", "name": bill.base[0], "version": bill.base[1]}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, bill.digest)}",
        "version": 1,
        "metadata": {
            "timestamp": bill.time,
            "tools": {"components": [{"type": "application", "name": tool, "version": version}]},
            "component": image | {"purl": bill.purl},
        },
        "components": [_component(number, row) for number, row in enumerate(bill.components, start=1)],
    }


def _component(number: int, component: Component) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"{number}-{component.purl}",
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "properties": [{"name": "scaffold:layer", "value": "base" if component.base else "own"}],
        "evidence": {"occurrences": [{"location": component.path}]},
    }
    if component.licence:
        row["licenses"] = [{"expression": component.licence}]
    return row
