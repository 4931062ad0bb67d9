"""Paths of a spec that are not there, and links whose targets are not sent or not copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.template import git

Make = Callable[..., Path]
Found = Callable[..., list[str]]
FUNCTION = "handler: app.handler\n"
HANDLER = "handler = print\n"
CREATE = "Correct the path or create it. If something creates it before the build, have git ignore it."


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        ("dependencies: {files: [requirements-prod.txt]}\n", "dependencies.files[0]: requirements-prod.txt"),
        ("dependencies: {projects: [packages/shared]}\n", "dependencies.projects[0]: packages/shared"),
        ("dependencies: {wheels: [a-1-py3-none-any.whl]}\n", "dependencies.wheels[0]: a-1-py3-none-any.whl"),
        ("code: [{from: src}, {from: data}]\n", "code[1].from: data"),
        ("code: [{from: src}, {from: '*.json'}]\n", "code[1].from: *.json"),
    ],
)
def test_a_path_that_is_not_there(spec: str, key: str, make: Make, found: Found) -> None:
    root = make(FUNCTION + spec, {"src/app.py": HANDLER})
    assert found(root) == [f"missing-path {key} does not exist {CREATE}"]
    (root / ".gitignore").write_text("*.whl\n*.json\ndata/\npackages/\nrequirements-prod.txt\n")
    assert len(found(root)) == 1, "this is not a repository"
    git(root, "init", "--quiet")
    assert found(root) == []


def test_the_nearest_name(make: Make, found: Found) -> None:
    files = {"src/app.py": HANDLER, "deps/requirements.txt": ""}
    [missing] = found(make(f"{FUNCTION}dependencies: {{files: [deps/requirement.txt]}}\n", files))
    assert 'Did you mean "deps/requirements.txt"?' in missing


def test_certificates(make: Make, found: Found) -> None:
    root = make("kind: base\ncertificates: [acme.pem]\n")
    assert found(root) == [f"missing-path certificates[0]: acme.pem does not exist {CREATE}"]
    (root / "acme.pem").write_text("")
    assert found(root) == []


def test_what_lock_writes_comes_later(make: Make, found: Found) -> None:
    assert found(make(f"{FUNCTION}dependencies: {{manager: uv}}\n")) == [], "pyproject.toml is a starter"
    spec = f"{FUNCTION}dependencies: {{files: [deps.txt]}}\n"
    assert len(found(make(spec, at="pip"))) == 1
    assert found(make(spec, {"deps.in": ""}, at="pip")) == []


def test_model_files_are_the_matter_of_the_build(make: Make, found: Found) -> None:
    assert found(make(f"{FUNCTION}model_files: [{{from: models/a.onnx}}]\n")) == []


def test_paths_of_the_context(make: Make, found: Found, tmp_path: Path) -> None:
    context = f"{FUNCTION}context: {{root: .., project: project}}\ndependencies: {{files: [/requirements.txt]}}\n"
    root = make(context)
    assert found(root) == [f"missing-path dependencies.files[0]: /requirements.txt does not exist {CREATE}"]
    (tmp_path / "requirements.txt").write_text("")
    assert found(root) == []


@pytest.mark.parametrize("target", ["real", "./real"])
def test_code_that_is_a_link(target: str, make: Make, found: Found) -> None:
    [linked] = found(make(FUNCTION, {"real/app.py": HANDLER, "src": f"->{target}"}))
    assert linked == (
        "broken-link code[0].from: src is a link to real, and the builder receives the link without its target "
        "Name the target itself in the spec, or replace the link with what it leads to."
    )


def test_a_manifest_behind_a_link(make: Make, found: Found) -> None:
    files = {"src/app.py": HANDLER, "real/requirements.txt": "", "deps": "->real"}
    [linked] = found(make(f"{FUNCTION}dependencies: {{files: [deps/requirements.txt]}}\n", files))
    assert linked.startswith("broken-link dependencies.files[0]: deps is a link to real")


LINKS = {"src/app.py": HANDLER, "shared/__init__.py": "", "data/words.txt": "", "../elsewhere/x": ""}


@pytest.mark.parametrize(
    ("link", "target", "way_out"),
    [
        ("src/shared", "../shared", "code: [{from: src}, {from: shared, to: shared}]"),
        ("src/a/common", "../../shared", "code: [{from: src}, {from: shared, to: a/common}]"),
        ("src/words.txt", "../data/words.txt", "code: [{from: src}, {from: data/words.txt}]"),
        ("src/list.txt", "../data/words.txt", "Replace it with a copy"),
        ("src/x", "../../elsewhere/x", "Replace it with a copy"),
        ("src/gone", "../gone", "code: [{from: src}, {from: gone}]"),
    ],
)
def test_a_link_out_of_the_code(link: str, target: str, way_out: str, make: Make, found: Found) -> None:
    [broken] = found(make(FUNCTION, {**LINKS, link: f"->{target}"}))
    assert broken.startswith(f"broken-link this link leads to {target}, which is not copied")
    assert way_out in broken


@pytest.mark.parametrize(
    ("spec", "link", "target"),
    [
        ("", "src/b.py", "app.py"),
        ("", "src/a/b.py", "../app.py"),
        ("", "src/model", "/opt/ml/model/a"),
        ("", "src/model", "../../opt/ml/model/a"),
        ("", "src/link", "/usr/share/zoneinfo"),
        ("", "src/.venv/bin/python", "../../../gone"),
        ("code: [{from: src, exclude: ['**/tests']}]\n", "src/a/tests/data", "../../../data"),
        ("code: [{from: src, to: a}, {from: shared, to: shared}]\n", "src/shared", "../shared"),
    ],
)
def test_a_link_that_holds(spec: str, link: str, target: str, make: Make, found: Found) -> None:
    function = "handler: a.app.handler\n" if "to: a" in spec else FUNCTION
    assert found(make(function + spec, {**LINKS, link: f"->{target}"})) == []
