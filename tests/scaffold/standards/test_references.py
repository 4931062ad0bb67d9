"""Where images are pulled from: the template by its own standards, and the package by any, say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import engine_on, other_standards

from scaffold.dockerfile import grammar, judge
from scaffold.oci import names as image_names
from scaffold.oci.image import ImageFacts
from scaffold.rendering.engine import Engine
from scaffold.standards import pins, references
from scaffold.standards.load import load, own
from scaffold.standards.model import Image, Standards
from scaffold.standards.source_policy import policy

SPEC: dict[str, Any] = {
    "version": 1,
    "name": "search",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
    "extensions": ["insights"],
}
MIRRORS = {
    "public.ecr.aws": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/ecr-public",
    "docker.io": "mirror.example:5000",
    "registry.example.com": "mirror.example/registry",
    "localhost": "mirror.example/local",
}


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The template with the tests' own standards and these mirrors."""
    folder = tmp_path_factory.mktemp("mirrors")
    return engine_on(folder, "bases:\n", yaml.safe_dump({"mirrors": MIRRORS}) + "bases:\n")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("python:3", "docker.io/library/python:3"),
        ("docker.io/python", "docker.io/library/python"),
        ("index.docker.io/acme/python", "docker.io/acme/python"),
        ("acme/python", "docker.io/acme/python"),
        ("localhost/python", "localhost/python"),
        ("registry.example:5000/python", "registry.example:5000/python"),
    ],
)
def test_names_are_completed_as_docker_does(written: str, meant: str) -> None:
    assert image_names.in_full(written) == meant


@pytest.mark.parametrize(
    ("image", "pulled"),
    [
        ("public.ecr.aws/lambda/python", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/ecr-public/lambda/python"),
        ("docker.io/python", "mirror.example:5000/library/python"),
        ("docker.io/library/python", "mirror.example:5000/library/python"),
        ("index.docker.io/acme/python", "mirror.example:5000/acme/python"),
        ("acme/python", "mirror.example:5000/acme/python"),
        ("localhost/python", "mirror.example/local/python"),
        ("localhost:5000/python", "localhost:5000/python"),
        ("public.ecr.aws.example/lambda/python", "public.ecr.aws.example/lambda/python"),
    ],
)
def test_an_image_comes_from_the_mirror_of_its_registry(mirrored: Engine, image: str, pulled: str) -> None:
    base = {"image": image, "tag": "3.13.9", "system": "debian", "runtime_client": "added"}
    plan = mirrored.plan(SPEC | {"base": base, "extensions": []})
    assert plan["base"]["reference"] == f"{pulled}:3.13.9"
    assert references.reference(Image(image=image, tag="3.13.9"), "x86_64", MIRRORS) == f"{pulled}:3.13.9"


def test_the_template_and_the_package_name_the_images_of_the_standards_alike(mirrored: Engine) -> None:
    standards = own(mirrored)
    for base in standards.bases.values():
        if not base.withdrawn and "python3.13" in base.runtimes:
            plan = mirrored.plan(SPEC | {"base": base.name})
            assert plan["base"]["reference"] == references.reference(base, "x86_64", MIRRORS)
            assert plan["base"]["image"] == base.image, "what it is does not depend on where it comes from"
            [extension] = plan["extensions"]
            row = standards.extensions["insights"]
            assert extension["reference"] == references.reference(row, "x86_64", MIRRORS)


def test_everything_that_a_project_pulls_comes_from_the_mirror(mirrored: Engine) -> None:
    spec = SPEC | {"base": "python3.13-debian"}
    files = {file.path: file.content.decode() for file in mirrored.render(spec, mirrored.plan(spec), mirrored.origin)}
    mirror = MIRRORS["public.ecr.aws"]
    assert f"FROM {mirror}/docker/library/python:3.13-slim-trixie AS base\n" in files["Dockerfile"]
    assert f"COPY --from={mirror}/acme/insights:1.2.0@sha256:" in files["Dockerfile"]
    assert f"emulator_image={mirror}/lambda/provided:al2023\n" in files["scripts/emulator"]
    assert [path for path, text in files.items() if "public.ecr.aws" in text] == []


def test_a_mirror_of_the_standards_is_one_of_the_ways_to_write_their_images(tmp_path: Path) -> None:
    row = "{image: docker.io/python, tag: '3', system: debian, runtime_client: added, runtimes: [python3.13]}"
    path = tmp_path / "standards.yaml"
    path.write_text(
        "version: 1\norganisation: acme\nmirrors: {docker.io: mirror.example}\n"
        f"bases: {{python: {row}}}\nrules: {{inline_base: refused}}\n"
    )
    assert list(references.exact_references(load(path, Engine()))) == [
        "docker.io/python:3",
        "mirror.example/library/python:3",
    ]


INDEX = "sha256:" + "1" * 64
DIFF = "sha256:" + "2" * 64


@pytest.fixture
def indexed(tmp_path: Path) -> Standards:
    """The tests' own standards, with a mirror, and the index that holds a pinned base."""
    mirrors = yaml.safe_dump({"mirrors": MIRRORS})
    row = "python3.13-pinned:\n    image: public.ecr.aws/lambda/python\n"
    path = other_standards(tmp_path / "standards.yaml", row, f"{row}    index: {INDEX}\n")
    path.write_text(path.read_text(encoding="utf-8").replace("bases:\n", f"{mirrors}bases:\n", 1), encoding="utf-8")
    return load(path, Engine())


@pytest.mark.parametrize("repository", ["public.ecr.aws", MIRRORS["public.ecr.aws"]])
def test_the_digest_of_an_index_is_as_good_as_that_of_an_architecture(indexed: Standards, repository: str) -> None:
    for text in (f"{repository}/lambda/python:3.13@{INDEX}", f"{repository}/lambda/python@{INDEX}"):
        assert [row.image for row in references.exact_references(indexed)[text]] == [indexed.bases["python3.13-pinned"]]
        names = [
            rule["selector"]["identifier"] for rule in policy([indexed.bases["python3.13-pinned"]], MIRRORS)["rules"]
        ]
        assert f"docker-image://{text}" in names
        for platform in ("", "--platform=linux/amd64 "):
            dockerfile = grammar.parse(f"FROM {platform}{text}\n".encode(), file="Dockerfile")
            assert judge.findings(dockerfile, indexed, date(2026, 11, 24)) == []
    other_tag = grammar.parse(f"FROM {repository}/lambda/python:3.12@{INDEX}\n".encode(), file="Dockerfile")
    assert [finding.code for finding in judge.findings(other_tag, indexed, date(2026, 11, 24))] == ["wrong-tag"]
    other = grammar.parse(f"FROM {repository}/lambda/python:3.13@{INDEX[:-1]}2\n".encode(), file="Dockerfile")
    assert [finding.code for finding in judge.findings(other, indexed, date(2026, 11, 24))] == ["uncatalogued-digest"]


def test_pin_records_the_index_with_the_images_that_it_holds(indexed: Standards, tmp_path: Path) -> None:
    base = replace(indexed.bases["python3.13-pinned"], diff_ids={"x86_64": (DIFF,)})
    facts = ImageFacts(
        reference="x", digest=base.digests["x86_64"], platform="linux/amd64", diff_ids=(DIFF,), index=INDEX
    )
    compare = partial(pins.compare, "bases", base.name, platforms={"x86_64": "linux/amd64"})
    assert compare(base, [facts]) == ([], [])
    newer = INDEX[:-1] + "2"
    changes, found = compare(base, [replace(facts, index=newer)])
    assert (found, [(row.key, row.architecture, row.old, row.new) for row in changes]) == (
        [],
        [("index", "", INDEX, newer)],
    )
    text = pins.rewritten(indexed.document, changes, date(2026, 11, 24))
    added = {"superseded:", f"{INDEX}:", '"2026-11-24"'}
    assert set(text.split()) - set(indexed.document.text.replace(INDEX, newer).split()) == added
    path = tmp_path / "newer.yaml"
    path.write_text(text, encoding="utf-8")
    again = load(path, Engine())
    assert again.bases[base.name].superseded == {"index": {INDEX: date(2026, 11, 24)}}
    old = grammar.parse(f"FROM {base.image}:3.13@{INDEX}\n".encode(), file="Dockerfile")
    [finding] = judge.findings(old, again, date(2026, 11, 25))
    current = references.pinned_reference(base, "", MIRRORS)
    assert (finding.code, finding.fix) == ("stale-base", f"Write {current}.")
    assert "another digest since 2026-11-24" in finding.message
    changes, found = compare(base, [replace(facts, index="")])
    assert (changes, [row.code for row in found]) == ([], ["lost-platform"])


def test_the_empty_image_has_only_its_name() -> None:
    assert Image(image="scratch", tag="1").tagged == "scratch"
    assert Image(image="registry.example/a", tag="1").tagged == "registry.example/a:1"
