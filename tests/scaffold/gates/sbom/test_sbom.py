"""Bills of materials: what the records in an image say, in both formats, and the same for the same image."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from support.archives import file, layer

from scaffold.errors import CannotDecideError, InvalidInputError
from scaffold.gates.sbom import attachments, cyclonedx, inventory, spdx
from scaffold.gates.sbom.document import Bill
from scaffold.gates.sbom.inventory import Component
from scaffold.locations import template_root
from scaffold.oci import filesystem
from scaffold.oci.content import Look
from scaffold.oci.layer import read_layer

TABLE = json.loads((template_root() / "catalogue/preflight.json").read_bytes())["preflight"]
RECORDS, COMPILED = inventory.records(TABLE["records"]), TABLE["compiled"]
DPKG = """\
Package: libc6
Status: install ok installed
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Version: 1
"""
BASE = (file("/var/lib/dpkg/status", DPKG), file("/usr/share/java/guava-33.0.0.jar"))
OWN = (
    file("/var/task/six-1.17.0.dist-info/METADATA", "Name: Six\nVersion: 1.17.0\nLicense-Expression: MIT\n\nName: x\n"),
    file("/var/task/node_modules/@a/b/package.json", '{"name": "@a/b", "version": "2.0.0", "license": "SEE LICENSE"}'),
    file("/var/task/node_modules/c/package.json", '{"name": "c", "version": "1.0", "license": "(MIT OR Apache-2.0)"}'),
    file("/var/task/node_modules/d/package.json", "not JSON"),
    file("/var/task/package.json", '{"name": "mine", "version": "1.0.0"}'),
    file("/lib/apk/db/installed", "P:musl\nV:1.2.5-r9\nL:MIT\n\nP:zlib\nV:1.3\nL:some text of its own\n"),
    file("/opt/.bin-1.0.jar.txt"),
)  # fmt: skip
DIGEST = f"sha256:{'1' * 64}"


def bill(*components: Component) -> Bill:
    return Bill(
        name="fn:latest",
        digest=DIGEST,
        created="1970-01-01T00:00:00Z",
        platform="linux/amd64",
        tool="lambda-image-scaffold-0.1.0",
        components=components,
        base=("public.ecr.aws/lambda/python:3.13", DIGEST),
    )


def of_image() -> list[Component]:
    look = Look(marks=lambda _path, _first: (), kept=partial(inventory.is_record, RECORDS))
    layers = [read for blob in (layer(*BASE), layer(*OWN)) if (read := read_layer(BytesIO(blob), look))]
    return inventory.of_image(filesystem.placed([row[1] for row in layers]), RECORDS, 1)


def test_every_record_is_a_component() -> None:
    found = {row.purl: (row.licence, row.base) for row in of_image()}
    assert found == {
        "pkg:apk/alpine/musl@1.2.5-r9": ("MIT", False),
        "pkg:apk/alpine/zlib@1.3": ("", False),
        "pkg:deb/debian/libc6@2.41-12": ("", True),
        "pkg:generic/guava@33.0.0": ("", True),
        "pkg:npm/%40a/b@2.0.0": ("", False),
        "pkg:npm/c@1.0": ("(MIT OR Apache-2.0)", False),
        "pkg:pypi/six@1.17.0": ("MIT", False),
    }


def test_what_is_compiled_into_a_program_is_in_the_lock_files() -> None:
    cargo = '[[package]]\nname = "mine"\nversion = "0"\n[[package]]\nname = "serde"\nversion = "1.0.2"\nsource = "x"\n'
    go = "module example.com/fn\n\nrequire github.com/a/b v1.2.3\n\nrequire (\n\tgolang.org/x/c v0.1.0 // indirect\n)\n"
    found = inventory.of_project({"Cargo.lock": cargo, "cmd/go.mod": go, "uv.lock": "x"}, COMPILED)
    expected = ["pkg:cargo/serde@1.0.2", "pkg:golang/github.com/a/b@v1.2.3", "pkg:golang/golang.org/x/c@v0.1.0"]
    assert [row.purl for row in found] == expected
    assert inventory.of_project({"Cargo.lock": "not toml ["}, COMPILED) == []


def test_spdx() -> None:
    document = spdx.render(bill(*of_image()))
    names = [row["SPDXID"] for row in document["packages"]]
    assert len(names) == len(set(names)) == 9
    assert {row["relatedSpdxElement"] for row in document["relationships"]} == set(names)
    assert document["creationInfo"]["created"] == "1970-01-01T00:00:00Z"
    [six] = [row for row in document["packages"] if row["name"] == "six"]
    assert (six["versionInfo"], six["licenseDeclared"]) == ("1.17.0", "MIT")
    assert six["externalRefs"][0]["referenceLocator"] == "pkg:pypi/six@1.17.0"


def test_cyclonedx() -> None:
    document = cyclonedx.render(bill(*of_image()))
    references = [row["bom-ref"] for row in document["components"]]
    assert len(references) == len(set(references)) == 7
    [six] = [row for row in document["components"] if row["name"] == "six"]
    assert (six["purl"], six["licenses"]) == ("pkg:pypi/six@1.17.0", [{"expression": "MIT"}])
    assert document["metadata"]["component"]["pedigree"]["ancestors"][0]["version"] == DIGEST


def test_the_same_image_gives_the_same_bytes() -> None:
    for kind in (spdx, cyclonedx):
        assert json.dumps(kind.render(bill(*of_image()))) == json.dumps(kind.render(bill(*of_image())))


@pytest.mark.parametrize(
    ("created", "time"),
    [("2026-11-29T08:47:23.123456789Z", "2026-11-29T08:47:23Z"), ("", "1970-01-01T00:00:00Z")],
)
def test_the_time_is_the_image_s(created: str, time: str) -> None:
    assert Bill(name="a", digest="b", created=created, platform="", tool="", components=()).time == time


def test_files_to_attach(tmp_path: Path) -> None:
    for kind in (spdx, cyclonedx):
        (tmp_path / kind.NAME).write_text(json.dumps(kind.render(bill())))
    found = attachments.of_project(tmp_path)
    assert [(row.name, row.type) for row in found] == [(spdx.NAME, spdx.TYPE), (cyclonedx.NAME, cyclonedx.TYPE)]
    (tmp_path / "pushed").write_text(f"{DIGEST}\n")
    assert attachments.of_project(tmp_path) == found
    (tmp_path / "pushed").write_text(f"sha256:{'2' * 64}\n")
    with pytest.raises(CannotDecideError, match="make sbom push"):
        attachments.of_project(tmp_path)
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InvalidInputError, match="neither"):
        attachments.of_files([tmp_path / "other.json"])
    with pytest.raises(CannotDecideError, match="make push"):
        attachments.pushed(tmp_path, "prod")
