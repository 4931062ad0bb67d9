"""Images with one fault each are refused with its code, and good ones are not."""

from __future__ import annotations

from io import BytesIO

import pytest
from support.archives import file, layer
from support.broken_images import APP, AWS, BASE, FAULTS, GOOD, KEY, PYTHON, SECRETS, TASK, Checked, env

from scaffold.findings import codes
from scaffold.findings.image_codes import MEANINGS
from scaffold.gates import image_findings
from scaffold.gates.preflight import checks
from scaffold.gates.preflight.subject import Subject, largest, total
from scaffold.gates.preflight.table import Table
from scaffold.oci.image import ImageFacts
from scaffold.oci.layer import read_layer
from scaffold.rendering.engine import Engine


def layers_of(image: str, *more: object, without: str = "") -> list[bytes]:
    good = GOOD[image]
    base = [member for member in good.base if member.path != without]
    return [layer(*base), layer(*good.own)]


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "by-history"])
def test_a_good_image_has_no_finding(name: str, pinned: bool, checked: Checked) -> None:
    found = checked(layers_of(name), GOOD[name].config, pinned=pinned)
    assert [finding.code for finding in found] == ([] if pinned else ["unproved-base"]), found


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_refused_with_its_code(name: str, checked: Checked) -> None:
    fault = FAULTS[name]
    layers = [*layers_of(fault.image, without=fault.without), *([layer(*fault.add)] if fault.add else [])]
    config = {**GOOD[fault.image].config, **fault.config}
    found = checked(layers, config, [fault.history] if fault.history else [])
    found = [finding for finding in found if finding.code != "altered-base"]
    assert [(finding.code, finding.severity) for finding in found] == [(fault.code, fault.severity)], found
    assert found[0].message
    assert found[0].fix
    text = f"{found[0].message} {found[0].fix}"
    assert not any(secret in text for secret in (*SECRETS.values(), "h0rse", "Zx9Qw3"))


def test_fifty_faults_and_every_code_are_tried() -> None:
    assert sum(fault.severity == "error" for fault in FAULTS.values()) >= 50
    elsewhere = {"large-manifest", "missing-parent", "copied-content", "removed-content"}  # other tests, below
    elsewhere |= {"image-too-large", "media-type", "several-manifests"}  # and those of the manifest
    assert MEANINGS.keys() - {fault.code for fault in FAULTS.values()} == elsewhere
    assert all(fault.code in codes.CODES for fault in FAULTS.values())


def test_without_the_question_of_the_base_only_lambda_counts(checked: Checked) -> None:
    layers = [*layers_of("python"), layer(file("/var/runtime/bootstrap", "#!/bin/sh\n"))]
    codes_of = [[finding.code for finding in checked(layers, AWS, any_base=any_base)] for any_base in (False, True)]
    assert codes_of == [["not-executable", "altered-base"], ["not-executable"]]
    assert checked(layers_of("python"), AWS, pinned=False, any_base=True) == []


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("fast.handler", f"{TASK}/fast.cpython-313-x86_64-linux-gnu.so"),
        ("jobs.nightly.handler", f"{TASK}/jobs/nightly.py"),
        ("jobs/nightly.handler", f"{TASK}/jobs/nightly.py"),
        ("jobs.handler", f"{TASK}/jobs/__init__.py"),
        ("bare.handler", f"{TASK}/bare.pyc"),
        ("shared.handler", "/opt/python/shared.py"),
        ("named.handler", "/srv/code/named.py"),
        ("installed.handler", "/var/lang/lib/python3.13/site-packages/installed.py"),
    ],
)
def test_a_handler_is_found_where_its_runtime_finds_it(word: str, path: str, checked: Checked) -> None:
    config = {**AWS, **env("PYTHONPATH=/srv/code"), "Cmd": [word]}
    assert checked([*layers_of("python"), layer(file(path, "def handler(): 1\n"))], config) == []


def test_a_file_without_its_directory_is_refused(checked: Checked) -> None:
    layers = layers_of("python")
    found = checked([*layers, layer(file("/srv/data/x"), parents=False)], AWS)
    assert [finding.code for finding in found] == ["missing-parent"]
    assert "/srv/data" in found[0].message
    assert checked([*layers, layer(file(f"{TASK}/data.json"), parents=False)], AWS) == [], "a lower layer has it"


def test_what_a_later_layer_removes_is_still_there(checked: Checked) -> None:
    layers = [*layers_of("python"), layer(file("/opt/id_rsa", KEY)), layer(file("/opt/.wh.id_rsa", b""))]
    [finding] = checked(layers, AWS)
    assert finding.code == "credential"
    assert "/opt/id_rsa (removed, but still in layer 3)" in finding.message


def test_bytes_that_layers_repeat_or_remove_are_counted(checked: Checked) -> None:
    large = b"x" * 11_000_000
    layers = [*layers_of("python"), layer(file("/opt/data", large)), layer(file("/opt/data", large, 0o755))]
    assert {finding.code for finding in checked(layers, AWS)} == {"copied-content", "removed-content"}
    layers = [*layers_of("python"), layer(file("/opt/data", large)), layer(file("/opt/.wh.data", b""))]
    [finding] = checked(layers, AWS)
    assert (finding.code, finding.severity) == ("removed-content", "warning")
    assert "10.5 MiB in all: /opt/data" in finding.message


def test_what_makes_an_image_too_large_is_named(engine_and_table: tuple[Engine, Table]) -> None:
    layers = [read_layer(BytesIO(layer(file("/opt/ml/model/a.onnx", b"x" * 3_000_000), file(f"{TASK}/app.py"))))]
    found = [row[1] for row in layers if row]
    facts = ImageFacts(reference="fn:1", digest="", platform="linux/amd64", diff_ids=("a",), size=total(found))
    subject = Subject(facts=facts, layers=found, table=engine_and_table[1], base=0)
    [finding] = image_findings.of_lambda(facts, 2, largest(subject))
    assert finding.code == "image-too-large"
    assert finding.message.endswith("the largest: /opt/ml/model (2.9 MiB), /var/task (1 bytes)")


def test_a_base_for_others_needs_no_command(engine_and_table: tuple[Engine, Table]) -> None:
    found = read_layer(BytesIO(layer(*BASE, *PYTHON)))
    assert found
    settings = {"entrypoint": tuple(AWS["Entrypoint"]), "working_directory": TASK}
    facts = ImageFacts(reference="base:1", digest="", platform="linux/amd64", diff_ids=("a",), **settings)
    subject = Subject(facts=facts, layers=[found[1]], table=engine_and_table[1], base=1)
    assert [finding.code for finding in checks.of(subject)] == ["wrong-command"]
    assert checks.of(subject, function=False) == []


def test_a_base_of_the_standards_needs_no_command(checked: Checked) -> None:
    layers, config = [layer(*BASE, *PYTHON)], {**AWS, "Cmd": []}
    assert checked(layers, config) == []
    assert [finding.code for finding in checked([*layers, layer(*APP)], config)] == ["wrong-command"]


def test_what_sends_a_cache_to_tmp_is_enough(checked: Checked) -> None:
    names = ("huggingface_hub", "numba", "matplotlib")
    layers = [*layers_of("python"), layer(*(file(f"{TASK}/{name}/__init__.py") for name in names))]
    [finding] = checked(layers, AWS)
    assert "HF_HOME: /tmp/huggingface; MPLCONFIGDIR: /tmp/matplotlib; NUMBA_CACHE_DIR: /tmp/numba." in finding.fix
    [finding] = checked(layers, {**AWS, **env("XDG_CACHE_HOME=/tmp/cache", "NUMBA_CACHE_DIR=/opt/numba")})
    assert finding.message.endswith(": matplotlib")
    assert checked(layers, {**AWS, **env("HOME=/tmp")}) == []


def test_files_of_a_proven_base_are_its_owners(checked: Checked) -> None:
    base = (*BASE, *PYTHON, file("/opt/tool/.git/HEAD"), file("/opt/key", SECRETS["aws"], 0o600))
    assert checked([layer(*base), layer(*APP)], AWS) == []


def test_settings_are_checked_without_the_layers(checked: Checked) -> None:
    config = {**AWS, "Cmd": [], **env(f"KEY={SECRETS['aws']}")}
    layers = [*layers_of("python"), layer(file(f"{TASK}/x", mode=0o600))]
    assert [finding.code for finding in checked(layers, config, files=False)] == ["wrong-command", "credential"]


def test_a_variable_is_reported_once_however_often_the_history_repeats_it(checked: Checked) -> None:
    text = f"KEY={SECRETS['aws']}"
    found = checked(layers_of("python"), {**AWS, **env(text)}, [f"ENV {text}"])
    assert [finding.message for finding in found] == ["the variable KEY contains an AWS access key"]


@pytest.mark.parametrize(
    "value",
    [
        *("changeme", "aaaaaaaaaaaaaaaa1", "${TOKEN_OF_THE_BUILD_1}", "correct-horse-battery-staple"),
        *("arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", "/run/secrets/db1234567890"),
    ],
)
def test_a_value_that_is_not_random_is_not_a_secret(value: str, checked: Checked) -> None:
    assert (
        checked(layers_of("python"), {**AWS, **env(f"DB_PASSWORD={value}", "CLIENT_SECRET_ARN=a1b2c3d4e5f6g7h8i9")})
        == []
    )
