"""The pure halves of the second and the third gate: policies, what an image stands on, what differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from support.template import CASES, TESTS, copy_template

from scaffold.cli.main import main
from scaffold.errors import CannotDecideError, InvalidInputError, RefusedError
from scaffold.findings.finding import Finding, Severity
from scaffold.gates import image_facts, image_findings
from scaffold.gates.image_facts import Expected
from scaffold.oci import contents, image, inspect
from scaffold.oci import names as image_names
from scaffold.oci.image import ImageFacts
from scaffold.project.apply import replace as replace_file
from scaffold.rendering.engine import Engine
from scaffold.standards import source_policy
from scaffold.standards.evaluate import violations
from scaffold.standards.facts import Violation
from scaffold.standards.load import load, own
from scaffold.standards.model import Base, Extension
from scaffold.standards.pins import PinChange, compare, look, rewritten

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
TODAY = date(2026, 11, 24)
ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")


def base(name: str, *layers: str, **more: object) -> Base:
    row = Base(
        image="registry.example/bases/python",
        tag=name,
        name=name,
        system="debian",
        runtime_client="added",
        runtimes=("python3.13",),
        diff_ids={"x86_64": layers} if layers else {},
        digests={"x86_64": ONE},
    )
    return replace(row, **more)  # type: ignore[arg-type]


def facts(*layers: str, **more: object) -> ImageFacts:
    row = ImageFacts(
        reference="fn:1", digest=ONE, platform="linux/amd64", diff_ids=layers, created="2026-11-24T00:00:00Z"
    )
    return replace(row, **more)  # type: ignore[arg-type]


def by_rules(subject: ImageFacts, *bases: Base) -> list[Violation]:
    """What the rules of standards with these bases have against an image."""
    standards = replace(own(Engine()), bases={row.name: row for row in (*bases, base("next", "z"))})
    platforms = list(PLATFORMS.values())
    return list(violations(image_facts.facts_for_rules(subject, stand(subject, *bases), standards, TODAY, platforms)))


def stand(subject: ImageFacts, *bases: Base) -> image_facts.BaseMatch:
    standards = replace(own(Engine()), bases={row.name: row for row in bases})
    return image_facts.match_base(subject, standards, PLATFORMS)


def codes(found: object) -> list[str]:
    assert not isinstance(found, Finding)
    return [finding.code for finding in found]  # type: ignore[attr-defined]


# What an image stands on


def test_the_longest_base_wins() -> None:
    system, python, twin = base("system", "a"), base("python", "a", "b"), base("twin", "a", "b")
    assert stand(facts("a", "b", "c"), system, python, twin).names == ("python", "twin")
    assert stand(facts("a", "c"), system, python).names == ("system",)
    assert stand(facts("a", "b"), python).names == ("python",), "an image that adds nothing"
    assert stand(facts("a"), python).names == (), "an image with fewer layers"
    assert stand(facts("b", "a"), python).names == ()
    assert stand(facts(), python).names == ()
    assert stand(facts("a", platform="linux/arm64"), base("system", "a")).unpinned == ("system",)


def test_layers_are_named_as_the_specification_of_images_does() -> None:
    """By the example of https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid."""
    one, two = ("sha256:" + letter * 64 for letter in "ab")
    both = "sha256:" + sha256(f"{one} {two}".encode()).hexdigest()
    assert list(image.chain_ids(())) == []
    assert list(image.chain_ids((one, two, one))) == [
        one,
        both,
        "sha256:" + sha256(f"{both} {one}".encode()).hexdigest(),
    ]


def before(*layers: str) -> str:
    *_, chain = image.chain_ids(layers)
    return chain


def test_a_base_as_it_was_is_told_from_one_of_a_stranger() -> None:
    then = {"superseded": {"x86_64": {before("a", "b"): date(2026, 10, 1), before("a", "c"): date(2026, 11, 23)}}}
    now, other = base("python", "a", "d", **then), base("system", "a")
    for layers, names, until, depth in (
        (("a", "b", "x"), ("python",), date(2026, 10, 1), 2),
        (("a", "c"), ("python",), date(2026, 11, 23), 2),
        (("a", "d", "x"), ("python",), None, 2),
        (("a", "x"), ("system",), None, 1),
        (("x", "b"), (), None, 0),
    ):
        standing = stand(facts(*layers), now, other)
        assert (standing.names, standing.superseded, standing.layers) == (names, until, depth)
    [finding] = by_rules(facts("a", "c"), now)
    assert (finding.code, finding.severity) == ("stale-base", Severity.ERROR)
    assert finding.message == (
        "the base python has changed: the image has the layers that the base had until 2026-11-23, 1 day ago"
    )
    assert stand(facts("a", "b", platform="linux/arm64"), now, other).names == ()


def test_a_base_that_went_back_is_what_it_is_today() -> None:
    back = base("python", "a", superseded={"x86_64": {before("a"): date(2026, 10, 1)}})
    assert stand(facts("a", "b"), back).superseded is None


def test_what_is_not_known_is_never_a_pass() -> None:
    unknown, known = base("unpinned"), base("known", "a")
    for subject, bases, wrong, undecided in (
        (facts("a"), [known], [], []),
        (facts("a"), [known, unknown], [], []),
        (facts("x"), [known], ["uncatalogued-base"], []),
        (facts("x"), [known, unknown], [], ["unproved-base"]),
        (facts(), [known], ["uncatalogued-base"], []),
    ):
        standing = stand(subject, *bases)
        assert codes(by_rules(subject, *bases)) == wrong
        assert codes(image_findings.undecided(subject, standing)) == undecided


def test_a_base_below_the_planned_one_does_not_say_that_it_is_another() -> None:
    subject = facts("a", "b")
    standing = stand(subject, base("system", "a"), base("planned"))
    expected = Expected(
        platform="linux/amd64",
        base_name="planned",
        entrypoint=(),
        command=(),
        environment={},
        labels={},
        working_directory="",
    )
    assert standing.names == ("system",)
    assert codes(image_findings.of_plan(subject, standing, expected)) == []
    assert codes(image_findings.undecided(subject, standing, "planned")) == ["unproved-base"]
    assert codes(image_findings.undecided(subject, standing)) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"tier": "withdrawn", "replaced_by": "next"}, ["withdrawn-base"]),
        ({"supported_until": date(2026, 11, 23)}, ["expired-base"]),
        ({"supported_until": TODAY}, []),
        ({"tier": "acceptable"}, []),
    ],
)
def test_a_base_that_ended_is_told_and_not_allowed(more: dict[str, object], expected: list[str]) -> None:
    ended, subject = base("old", "a", **more), facts("a", "b")
    found = by_rules(subject, ended)
    assert codes(found) == expected
    assert all("next" in finding.fix for finding in found if "replaced_by" in more)
    assert ended.usable(TODAY) == (not expected), "the policy and the proof agree"


def test_what_lambda_would_not_take() -> None:
    for more, expected in (
        ({}, []),
        ({"index": TWO}, ["several-manifests"]),
        ({"media_type": "application/vnd.docker.distribution.manifest.v1+json"}, ["media-type"]),
        ({"layer_types": ("application/vnd.oci.image.layer.v1.tar",)}, ["media-type"]),
        ({"layer_types": tuple(image_findings.LAYERS), "media_type": "application/vnd.oci.image.manifest.v1+json"}, []),
        ({"platform": "windows/amd64"}, ["wrong-platform"]),
        ({"size": 10 * 1024**2}, []),
        ({"size": 10 * 1024**2 + 1}, ["image-too-large"]),
        ({"compressed": 10 * 1024**2 + 1}, ["image-too-large"]),
        ({"on_build": ("RUN true",)}, ["onbuild"]),
        ({"manifest_size": 25_400}, []),
        ({"manifest_size": 25_401}, ["large-manifest"]),
    ):
        subject = facts("a", **more)
        found = [*image_findings.of_lambda(subject, 10), *by_rules(subject, base("python", "a"))]
        assert codes(found) == expected, more


def test_what_the_base_gives_is_expected_too() -> None:
    below = facts("a", entrypoint=("/start",), environment={"PATH": "/bin"})
    wanted = Expected(
        platform="linux/amd64",
        base_name="python",
        entrypoint=(),
        command=("app.handler",),
        environment={"LEVEL": "INFO"},
        labels={"team": "growth"},
        working_directory="/var/task",
        base=below,
    )
    good = facts(
        "a",
        "b",
        entrypoint=("/start",),
        command=("app.handler",),
        environment={"PATH": "/bin", "LEVEL": "INFO"},
        labels={"team": "growth", "commit": "1"},
        working_directory="/var/task",
    )
    standing = stand(good, base("python", "a"))
    assert codes(image_findings.of_plan(good, standing, wanted)) == []
    for more in (
        {"entrypoint": ()},
        {"user": "root"},
        {"environment": {"PATH": "/bin"}},
        {"environment": {**good.environment, "LD_PRELOAD": "x"}},
        {"environment": {**good.environment, "PATH": "/tmp"}},
        {"labels": {}},
        {"working_directory": ""},
    ):
        assert codes(image_findings.of_plan(replace(good, **more), standing, wanted)) == ["not-as-planned"], more  # type: ignore[arg-type]
    unread = replace(wanted, base=None)
    assert codes(image_findings.unread_base(good, unread, "why")) == ["undecided"]
    assert codes(image_findings.of_plan(good, standing, unread)) == []
    assert codes(image_findings.of_plan(good, stand(good, base("other", "a")), wanted)) == ["other-base"]


# References


@pytest.mark.parametrize("reference", ["--help", "-f", "", "a b", "oci-layout://x", "a\n", "x@sha256:12", "$(id)", "é"])
def test_what_is_no_reference_reaches_no_command(reference: str) -> None:
    with pytest.raises(InvalidInputError):
        inspect.read(reference)


def test_where_an_image_is_looked_up() -> None:
    for reference, host in (
        ("fn", False),
        ("fn:1.2", False),
        ("team/fn:1.2", False),
        ("localhost/fn", True),
        ("localhost:5000/fn", True),
        ("registry.example/fn@sha256:12", True),
    ):
        assert image_names.has_host(reference) == host
    assert image_names.parts("localhost:5000/a/fn:1@sha256:12")[0] == "localhost:5000/a/fn"
    assert image_names.parts("fn")[0] == "fn"


def test_without_docker_nothing_is_decided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotDecideError, match="docker is not installed"):
        inspect.read("fn:1")


# Policies


def allowed(policy: dict[str, object]) -> list[str]:
    rules = policy["rules"]
    assert isinstance(rules, list)
    first, *rest = rules
    assert first == {"action": "DENY", "selector": {"identifier": "*", "matchType": "WILDCARD"}}, "the last match wins"
    assert {(rule["action"], rule["selector"]["matchType"]) for rule in rest} == {("ALLOW", "EXACT")}
    return [rule["selector"]["identifier"] for rule in rest]


def test_a_policy_allows_whole_names_only() -> None:
    images = [base("1"), base("2", digests={}), Extension(name="x", image="python", tag="3", digests={"arm64": TWO})]
    names = allowed(source_policy.policy(images, {"docker.io": "mirror.example/hub"}))
    assert names == [
        "local://context",
        "local://dockerfile",
        f"docker-image://docker.io/library/python:3@{TWO}",
        f"docker-image://docker.io/library/python@{TWO}",
        f"docker-image://mirror.example/hub/library/python:3@{TWO}",
        f"docker-image://mirror.example/hub/library/python@{TWO}",
        f"docker-image://registry.example/bases/python:1@{ONE}",
        f"docker-image://registry.example/bases/python@{ONE}",
    ]


# The files


def test_changed_files_of_the_base_are_told_by_name_and_number() -> None:
    assert list(image_findings.of_files(facts(ONE), [])) == []
    [finding] = image_findings.of_files(facts(ONE), [f"/usr/bin/{name}" for name in "abcdefg"])
    assert finding.code == "altered-base"
    assert finding.message.endswith("/usr/bin/a, /usr/bin/b, /usr/bin/c, /usr/bin/d, /usr/bin/e, … (7 in total)")


@pytest.mark.parametrize(
    ("layers", "diff_ids", "wrong"),
    [
        ((ONE, TWO), (ONE, TWO), ""),
        ((ONE, TWO, ONE), (TWO, ONE, TWO), ""),
        ((ONE, ONE), (ONE, TWO), "the layers are not those of the configuration"),
        ((ONE,), (ONE, TWO), "the manifest has 1 layers, the configuration 2"),
    ],
)
def test_layers_of_a_registry_that_cannot_be_those_of_the_configuration(
    layers: tuple[str, ...], diff_ids: tuple[str, ...], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": diff_ids}}).encode()
    rows = [{"digest": row, "size": 1, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"} for row in layers]
    digest = f"sha256:{sha256(configuration).hexdigest()}"
    manifest = json.dumps({"config": {"digest": digest}, "layers": rows}).encode()
    monkeypatch.setattr(inspect, "docker", lambda *words, **_: configuration if digest in words[-1] else manifest)
    if wrong:
        with pytest.raises(CannotDecideError, match=wrong):
            inspect.read("registry.example/fn:1", where=inspect.REMOTE)
    else:
        [found] = inspect.read("registry.example/fn:1", where=inspect.REMOTE)
        assert found.diff_ids == diff_ids


DOCKERS = {
    "absent": None,
    "failing": "echo 'Error response from daemon: no such image' >&2; exit 1",
    "silent": "exit 0",
    "talking": "echo nothing of the kind; exit 0",
}


@pytest.mark.parametrize(("name", "script"), DOCKERS.items(), ids=DOCKERS)
def test_where_layers_cannot_be_read_nothing_is_decided(
    name: str, script: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if script:
        (tmp_path / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "docker").chmod(0o755)
    reason = {"absent": "docker did not respond", "failing": "no such image"}.get(name, "the layers cannot be read")
    for remote in (True, False) if name == "absent" else (False,):
        with pytest.raises(CannotDecideError, match="docker" if remote else reason):
            contents.read(facts(ONE), remote=remote)


# Pins

STANDARDS = """\
version: 1
organisation: tests
bases:
  a: {image: registry.example/python, tag: "1", system: debian, runtime_client: added, runtimes: [python3.13]}  # why
rules: {inline_base: allowed}
"""


def found(platform: str, digest: str = ONE, **more: object) -> ImageFacts:
    return facts(TWO, platform=platform, digest=digest, **more)


def test_what_a_registry_may_answer() -> None:
    row = base("a", TWO)
    assert compare("bases", "a", row, [found("linux/amd64")], PLATFORMS) == ([], [])
    both = [found("linux/amd64", TWO), found("linux/arm64"), found("linux/s390x")]
    moves, wrong = compare("bases", "a", row, both, PLATFORMS)
    assert [(move.key, move.architecture, move.old, move.new) for move in moves] == [
        ("digests", "x86_64", ONE, TWO),
        ("digests", "arm64", None, ONE),
        ("diff_ids", "arm64", None, (TWO,)),
    ]
    assert wrong == []
    for images, expected in (
        ([found("linux/arm64")], ["lost-platform"]),
        ([found("linux/amd64"), found("linux/amd64", TWO)], ["ambiguous-platform"]),
        ([found("linux/amd64", on_build=("RUN true",))], ["onbuild"]),
    ):
        moves, wrong = compare("bases", "a", row, images, PLATFORMS)
        assert (moves, codes(wrong)) == ([], expected)
    assert codes(compare("bases", "a", base("a", digests={}), [found("linux/s390x")], PLATFORMS)[1]) == [
        "wrong-platform"
    ]


SUPERSEDED = (
    STANDARDS.replace("]}  # why", "], diff_ids: {x86_64: [ONE, TWO]}}  # why").replace("ONE", ONE).replace("TWO", TWO)
)
IN_BLOCKS = """\
version: 1
organisation: tests
bases:
  a:
    image: registry.example/python
    tag: "1"
    system: debian
    runtime_client: added
    runtimes: [python3.13]
    diff_ids:
      x86_64:
        - ONE
        - TWO
    # why
rules: {inline_base: allowed}
""".replace("ONE", ONE).replace("TWO", TWO)


@pytest.mark.parametrize("text", [SUPERSEDED, IN_BLOCKS], ids=["flow", "block"])
def test_a_pin_keeps_what_a_base_was_until_then(text: str, tmp_path: Path) -> None:
    path = tmp_path / "standards.yaml"
    path.write_text(text, encoding="utf-8")
    for day, layers, known in (
        (TODAY, (TWO,), {before(ONE, TWO): TODAY}),
        (date(2026, 12, 1), (ONE,), {before(ONE, TWO): TODAY, TWO: date(2026, 12, 1)}),
        (date(2027, 1, 1), (TWO,), {before(ONE, TWO): TODAY, TWO: date(2026, 12, 1), ONE: date(2027, 1, 1)}),
        (date(2027, 2, 1), (ONE,), {before(ONE, TWO): TODAY, TWO: date(2027, 2, 1), ONE: date(2027, 1, 1)}),
    ):
        told = load(path, Engine())
        moves, wrong = compare("bases", "a", told.bases["a"], [facts(*layers, platform="linux/amd64")], PLATFORMS)
        assert wrong == []
        path.write_text(rewritten(told.document, moves, day), encoding="utf-8")
        again = load(path, Engine()).bases["a"]
        assert (again.diff_ids, again.superseded) == ({"x86_64": layers}, {"x86_64": known})
    assert "# why" in path.read_text(encoding="utf-8")


def test_a_day_of_the_past_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "standards.yaml"
    path.write_text(SUPERSEDED.replace("diff_ids:", f'superseded: {{arm64: {{"{ONE}": "2026-02-30"}}}}, diff_ids:'))
    with pytest.raises(InvalidInputError, match="the date does not exist"):
        load(path, Engine())


def test_a_base_that_does_not_keep_its_promises_is_not_pinned() -> None:
    promising = base("a", environment={"LEVEL": "INFO"}, entrypoint=("/start",))
    moves, wrong = compare("bases", "a", promising, [found("linux/amd64", TWO)], PLATFORMS)
    assert (moves, codes(wrong)) == ([], ["broken-promise"] * 2)
    assert "declare the variable LEVEL as 'INFO', and the image has None" in wrong[0].message
    kept = found("linux/amd64", TWO, environment={"LEVEL": "INFO", "X": ""}, entrypoint=("/start",))
    assert compare("bases", "a", promising, [kept], PLATFORMS)[1] == []


def test_a_withdrawn_base_stays_what_it_was() -> None:
    gone = base("a", tier="withdrawn", digests={})
    assert look(gone, {}) == []
    assert compare("bases", "a", gone, [], PLATFORMS) == ([], [])


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    path, link = tmp_path / "standards.yaml", tmp_path / "link.yaml"
    path.write_text(STANDARDS, encoding="utf-8")
    link.symlink_to(path)
    document = load(link, Engine()).document
    move = PinChange(section="bases", name="a", key="digests", architecture="arm64", old=None, new=ONE)
    text = rewritten(document, [move], TODAY)
    assert load(path, Engine()).bases["a"].digests == {}
    replace_file(link, before=document.text.encode(), after=text.encode())
    assert link.is_symlink()
    assert load(path, Engine()).bases["a"].digests == {"arm64": ONE}
    with pytest.raises(RefusedError, match="changed while"):
        replace_file(link, before=document.text.encode(), after=text.encode())
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_a_policy_for_projects_allows_the_extensions_they_copy_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    template = copy_template(tmp_path / "template")
    monkeypatch.setattr("scaffold.rendering.engine.template_root", lambda: template)
    project = CASES / "extensions/expected"
    assert main(["standards", "policy", "--projects", str(project)]) == 1, "its base has no digest"
    said = capsys.readouterr()
    allowed = {row["selector"]["identifier"] for row in json.loads(said.out)["rules"] if row["action"] == "ALLOW"}
    for row in Engine(template).plan(yaml.safe_load((project / "lambda-image.yaml").read_bytes()))["extensions"]:
        assert f"docker-image://{row['reference']}" in allowed
    assert "uncatalogued-extension" not in said.err

    other = tmp_path / "standards.yaml"
    other.write_text((TESTS / "standards.yaml").read_text(encoding="utf-8").replace("  tracer:", "  another:"), "utf-8")
    assert main(["standards", "policy", "--standards", str(other), "--projects", str(project)]) == 1
    err = capsys.readouterr().err
    assert f"{project}/lambda-image.yaml: uncatalogued-extension tracer is not an extension in the standards" in err
