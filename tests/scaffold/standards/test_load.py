"""Standards files: what they say, and everything wrong with one, at its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.template import TESTS, copy_template

from scaffold.errors import InvalidInputError
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load, own

ROOT = TESTS.parent
ENGINE = Engine()
WHOLE = """\
version: 1
organisation: acme
mirrors: {public.ecr.aws: registry.acme.example/ecr-public}
bases:
  python3.13:
    image: registry.acme.example/bases/python
    tag: "3.13"
    digests: {x86_64: "sha256:DIGEST"}
    diff_ids: {x86_64: ["sha256:DIGEST"]}
    runtimes: [python3.13]
    system: al2023
    runtime_client: included
    default: true
    tier: acceptable
    replaced_by: python3.14
    owner: platform@acme.example
    supported_until: "2029-06-30"
  python3.14:
    {image: acme.example/python, tag: "3.14", runtimes: [python3.14], system: al2023, runtime_client: included}
extensions:
  insights: {image: registry.acme.example/insights, tag: "1", digests: {x86_64: "sha256:DIGEST"}}
rules:
  inline_base: refused
  base_digest: required
  labels: {required: [team]}
waivers:
  - rule: uncatalogued-base
    scope: {repository: acme/shop, file: search/Dockerfile}
    reason: moves to the new base in the spring
    requested_by: search@acme.example
    approved_by: platform@acme.example
    issued: "2026-11-01"
    expires: "2027-01-30"
""".replace("DIGEST", "0" * 64)


def write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in WHOLE
    path = folder / "standards.yaml"
    path.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")
    return path


def test_everything_is_read(tmp_path: Path) -> None:
    standards = load(write(tmp_path), ENGINE)
    base = standards.bases["python3.13"]
    assert (base.tier, base.replaced_by, base.supported_until) == ("acceptable", "python3.14", date(2029, 6, 30))
    assert base.diff_ids == {"x86_64": (f"sha256:{'0' * 64}",)}
    assert standards.bases["python3.14"].tier == "recommended"
    assert standards.extensions["insights"].paths == ("/opt/",)
    assert standards.rules == {"inline_base": "refused", "base_digest": "required", "labels": {"required": ["team"]}}
    assert standards.digest_required
    waiver = standards.waivers[0]
    assert (waiver.repository, waiver.file, waiver.expires) == ("acme/shop", "search/Dockerfile", date(2027, 1, 30))


@pytest.mark.parametrize("path", [ROOT / "standards/standards.yaml", TESTS / "standards.yaml"], ids=str)
def test_those_of_this_repository_are_in_order(path: Path) -> None:
    load(path, ENGINE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 2", "1:10: wrong-value"),
        ("    tier: acceptable\n", "    tire: acceptable\n", "14:5: unknown-key"),
        ("tier: acceptable", "tier: fine", "14:11: unknown-name"),
        ("sha256:" + "0" * 64, "sha256:12", "8:23: invalid-value"),
        ("system: al2023", "system: beos", "11:13: unknown-system"),
        ("[python3.13]", "[python2.7]", "10:16: unknown-runtime"),
        ("replaced_by: python3.14", "replaced_by: python3.13", "15:18: unknown-base"),
        ("runtimes: [python3.14], ", "runtimes: [python3.13], default: true, ", "19:58: two-defaults"),
        ("2029-06-30", "2029-06-31", "17:22: invalid-value"),
        ("2027-01-30", "2027-01-31", "33:14: waiver-too-long"),
        ("2027-01-30", "2026-10-31", "33:14: waiver-too-long"),
        ("{repository: acme/shop, file: search/Dockerfile}", "{file: search/Dockerfile}", "28:12: waiver-scope"),
        ("search/Dockerfile", "search/*", "28:42: invalid-value"),
        ("approved_by: platform@", "approved_by: search@", "31:18: waiver-self-approved"),
        ("bases:\n", "bases: &all\n", "yaml-anchor"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = write(tmp_path, old, new)
    with pytest.raises(InvalidInputError) as caught:
        load(path, ENGINE)
    assert said in str(caught.value), str(caught.value)


def test_a_templates_own_standards_are_read_as_the_file_is(tmp_path: Path, engine: Engine) -> None:
    mine, read = own(engine), load(engine.root / "standards/standards.yaml", engine)
    assert replace(mine, document=read.document) == read


def test_a_templates_own_standards_that_are_none(tmp_path: Path) -> None:
    template = copy_template(
        tmp_path / "template", standards=write(tmp_path, "organisation: acme\n", "organization: a\n")
    )
    with pytest.raises(InvalidInputError, match="unknown-key"):
        own(Engine(template))
