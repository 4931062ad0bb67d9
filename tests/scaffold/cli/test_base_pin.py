"""`scaffold base pin`, and the pin that `scaffold new` makes where a registry answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from support.template import engine_on, other_standards

from scaffold.cli.main import main
from scaffold.errors import CannotDecideError

PLATFORMS = [{"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64", "variant": "v8"}]
INDEX = json.dumps({"schemaVersion": 2, "manifests": [{"digest": "x", "platform": row} for row in PLATFORMS]}).encode()
DIGEST = f"sha256:{sha256(INDEX).hexdigest()}"
HEAD = "version: 1\nname: my-function\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\n"
TAG = "public.ecr.aws/lambda/python:3.13"


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What a registry answers, by reference; any other does not answer."""
    answers = {TAG: INDEX, TAG.replace("3.13", "a"): INDEX}

    def docker(reference: str, *words: str, patience: int = 300) -> bytes:
        assert words[:4] == ("buildx", "imagetools", "inspect", "--raw")
        if reference not in answers:
            raise CannotDecideError(f"{reference}: no answer within {patience} seconds")
        return answers[reference]

    monkeypatch.setattr("scaffold.oci.inspect.docker", docker)
    return answers


@pytest.fixture
def pinned(tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """The exit status, and what follows HEAD in the spec afterwards."""

    def pin(more: str, *words: str) -> tuple[int, str]:
        spec = tmp_path / "lambda-image.yaml"
        spec.write_text(HEAD + more)
        code = main(["base", "pin", str(tmp_path), *words])
        return code, spec.read_text().removeprefix(HEAD)

    return pin


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"\nbase:\n  name: python3.13\n  digest: {DIGEST}"),
        ("base: python3.13  # ours\n", f'base: {{name: python3.13, digest: "{DIGEST}"}}  # ours\n'),
        (
            f'base: {{name: python3.13, digest: "sha256:{"0" * 64}"}}\n',
            f'base: {{name: python3.13, digest: "{DIGEST}"}}\n',
        ),
        (
            "base:\n  image: public.ecr.aws/lambda/python\n  tag: a\n  system: al2023\n# end\n",
            f"base:\n  image: public.ecr.aws/lambda/python\n  tag: a\n  system: al2023\n  digest: {DIGEST}\n# end\n",
        ),
    ],
)
def test_the_digest_is_written_and_nothing_else(
    pinned: Callable[[str], tuple[int, str]], before: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = pinned(before)
    assert (code, text.strip("\n")) == (0, after.strip("\n"))
    assert capsys.readouterr().out.endswith("\n1 changed: run `scaffold render`\n")
    assert pinned(text) == (0, text)
    assert "unchanged" in capsys.readouterr().out


def test_the_pin_of_another_runtime_moves_to_the_default_base(
    pinned: Callable[..., tuple[int, str]],
    registry: dict[str, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry[TAG.replace("3.13", "3.14")] = b""
    old = f'base: {{name: python3.14, digest: "sha256:{"0" * 64}"}}\n'
    assert pinned(old, "--check") == (1, old)
    assert main(["validate", str(tmp_path)]) == 2
    said = capsys.readouterr().out
    assert "unfit-base base.name: the base python3.14 does not support python3.13" in said
    assert "fix: Run `scaffold base pin`, which moves to the default base of python3.13." in said
    assert pinned(old) == (0, f'base: {{name: python3.13, digest: "{DIGEST}"}}\n')
    other = HEAD.replace("python3.13", "python3.14") + old.replace("python3.14", "python3.13-debian")
    (tmp_path / "lambda-image.yaml").write_text(other)
    assert main(["base", "pin", str(tmp_path)]) == 2
    assert (tmp_path / "lambda-image.yaml").read_text() == other


def test_it_can_be_looked_at_first(pinned: Callable[..., tuple[int, str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert pinned("base: python3.13\n", "--check", "--format", "json") == (1, "base: python3.13\n")
    [row] = json.loads(capsys.readouterr().out)["projects"]
    assert (row["reference"], row["old"], row["new"]) == (TAG, None, DIGEST)


def test_what_the_standards_pin_needs_no_digest(
    pinned: Callable[..., tuple[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert pinned("base: python3.13-pinned\n") == (0, "base: python3.13-pinned\n")
    assert "is pinned by the standards\n0 changed\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (INDEX.replace(b"amd64", b"s390x"), "the registry has no image for linux/amd64"),
        (b'{"manifests": [{}]}', "not a valid image manifest"),
        (b"[]", "not a valid image manifest"),
        (None, "no answer within 300 seconds"),
    ],
)
def test_without_an_image_nothing_is_written(
    pinned: Callable[..., tuple[int, str]],
    registry: dict[str, bytes],
    capsys: pytest.CaptureFixture[str],
    answer: bytes | None,
    said: str,
) -> None:
    registry.pop(TAG)
    if answer is not None:
        registry[TAG] = answer
    assert pinned("base: python3.13\n") == (3, "base: python3.13\n")
    assert said in capsys.readouterr().err


def test_a_new_project_is_pinned_if_its_registry_answers(
    tmp_path: Path, registry: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SCAFFOLD_PIN", raising=False)
    assert main(["new", "--defaults", str(tmp_path / "online")]) == 0
    assert f"FROM {TAG}@{DIGEST} AS base\n" in (tmp_path / "online/Dockerfile").read_text()
    assert main(["check", str(tmp_path / "online")]) == 0
    assert capsys.readouterr().out.endswith("No problems found.\n")
    assert main(["new", "--defaults", "--no-pin", str(tmp_path / "asked-not-to")]) == 0
    registry.clear()
    assert main(["new", "--defaults", str(tmp_path / "offline")]) == 0
    for name in ("asked-not-to", "offline"):
        assert "base" not in yaml.safe_load((tmp_path / name / "lambda-image.yaml").read_text())
        capsys.readouterr()
        assert main(["check", str(tmp_path / name)]) == 0
        said = capsys.readouterr().out
        assert "unpinned-base note: runtime: public.ecr.aws/lambda/python:3.13 has no digest" in said
        assert "fix: Run `scaffold base pin`." in said
        assert said.endswith("No problems found (1 note).\n")


def test_central_standards_decide_about_a_digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, standards = tmp_path / "made", tmp_path / "standards.yaml"
    words = ["--data", f'base={{name: python3.13, digest: "{DIGEST}"}}']
    assert main(["new", "--defaults", *words, str(root)]) == 0

    def said(old: str, new: str) -> tuple[int, str]:
        other_standards(standards, old, new)
        capsys.readouterr()
        return main(["check", "--standards", str(standards), str(root)]), capsys.readouterr().out

    row = "python3.13: {image: public.ecr.aws/lambda/python, "
    other = "digests: {x86_64: 'sha256:" + "9" * 64 + "'}, "
    assert said("", "")[0] == 0, "by tag alone, any digest of the repository"
    assert said(row, f"{row}{other}index: '{DIGEST}', ")[0] == 0, "the index that holds the pinned image"
    code, text = said(row, row + other)
    assert (code, "stale-base" in text, "Write `base: python3.13` without a digest" in text) == (1, True, True)
    code, text = said("rules:", "rules:\n  base_digest: required")
    assert (code, "has no digest in the standards" in text) == (1, True)
    capsys.readouterr()
    assert main(["standards", "policy", "--projects", str(root)]) == 0
    assert f"docker-image://{TAG}@{DIGEST}" in capsys.readouterr().out


OF = {
    "3.14 for x86_64": f"sha256:{'a' * 64}",
    "3.14 for arm64": f"sha256:{'b' * 64}",
    "the index of 3.14": f"sha256:{'c' * 64}",
    "an earlier index of 3.14": f"sha256:{'d' * 64}",
    "3.13-pinned": f"sha256:{'0' * 63}1",
    "nothing": f"sha256:{'e' * 64}",
}
PINNED_314 = (
    "python3.14: {image: public.ecr.aws/lambda/python, "
    f'digests: {{x86_64: "{OF["3.14 for x86_64"]}", arm64: "{OF["3.14 for arm64"]}"}}, '
    f'index: "{OF["the index of 3.14"]}", '
    f'superseded: {{index: {{"{OF["an earlier index of 3.14"]}": "2026-11-01"}}}}, '
)


@pytest.mark.parametrize(
    ("base", "digest", "said"),
    [
        ("name: python3.13", "3.14 for x86_64", "python3.14 for x86_64"),
        ("name: python3.13", "the index of 3.14", "python3.14"),
        ("name: python3.13", "an earlier index of 3.14", "python3.14"),
        ("name: python3.13", "3.13-pinned", "python3.13-pinned for x86_64"),
        ("image: registry.example.com/python, tag: a, system: debian", "the index of 3.14", "python3.14"),
        ("image: registry.example.com/python, tag: a, system: debian", "3.13-pinned", ""),
        ("name: python3.13-pinned", "3.13-pinned", ""),
        ("name: python3.13", "nothing", ""),
    ],
)
def test_the_digest_of_another_base_is_refused(base: str, digest: str, said: str, tmp_path: Path) -> None:
    engine = engine_on(tmp_path, "python3.14: {image: public.ecr.aws/lambda/python, ", PINNED_314)
    spec = yaml.safe_load(f'{HEAD}base: {{{base}, digest: "{OF[digest]}"}}\n')
    found = [(problem.path, problem.code, problem.message) for problem in engine.problems(spec)]
    assert found == ([(("base", "digest"), "unfit-base", f"this is the digest of {said}")] if said else [])


def test_the_digest_of_another_architecture_is_refused(tmp_path: Path) -> None:
    engine = engine_on(tmp_path, "python3.14: {image: public.ecr.aws/lambda/python, ", PINNED_314)
    for digest, wrong in (("3.14 for x86_64", False), ("3.14 for arm64", True), ("the index of 3.14", False)):
        spec = yaml.safe_load(HEAD.replace("3.13", "3.14") + f'base: {{name: python3.14, digest: "{OF[digest]}"}}\n')
        assert bool(engine.problems(spec)) == wrong
