"""Compiled templates: shipped ones are used for exactly the text, settings and Jinja that they were made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from support.template import copy_template

from scaffold.rendering.engine import Engine

SPEC = {
    "version": 1,
    "name": "my-function",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "main.handler",
}


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template as in a wheel, with compiled templates, for a user without any."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    root = copy_template(tmp_path / "template")
    (root / "compiled").mkdir()
    for name, source in Engine(root).compiled():
        (root / "compiled" / name).write_text(source, encoding="utf-8")
    return root


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str | None]]:
    """The names of the templates that Jinja compiles."""
    names: list[str | None] = []
    compile_template = jinja2.Environment.compile

    def note(self: jinja2.Environment, source: str, name: str | None = None, *rest: object) -> object:
        names.append(name)
        return compile_template(self, source, name, *rest)

    monkeypatch.setattr(jinja2.Environment, "compile", note)
    return names


def rendered(root: Path) -> dict[str, bytes]:
    engine = Engine(root)
    assert not engine.problems(SPEC)
    return {file.path: file.content for file in engine.render(SPEC, engine.plan(SPEC), {})}


def test_shipped_templates_are_used_and_render_the_same(
    shipped: Path, compiled: list[str | None], tmp_path: Path
) -> None:
    with_shipped = rendered(shipped)
    assert compiled == []
    (shipped / "compiled").rename(tmp_path / "elsewhere")
    assert rendered(shipped) == with_shipped
    assert compiled


def test_an_edited_template_is_compiled(shipped: Path, compiled: list[str | None]) -> None:
    with (shipped / "template/files/Makefile.jinja").open("a") as file:
        file.write("# edited\n")
    assert rendered(shipped)["Makefile"].endswith(b"# edited\n")
    assert compiled == ["template/files/Makefile.jinja"]


@pytest.mark.parametrize("reason", ["jinja", "settings", "damaged"])
def test_nothing_shipped_is_used(
    reason: str, shipped: Path, compiled: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = rendered(shipped)
    match reason:
        case "jinja":
            monkeypatch.setattr(jinja2, "__version__", "3.1.5")
        case "settings":
            text = (shipped / "copier.yml").read_text()
            (shipped / "copier.yml").write_text(text.replace("_envops: {", "_envops: {line_comment_prefix: '~~~', "))
        case "damaged":
            for path in (shipped / "compiled").glob("*.py"):
                path.write_text("def root(:\n")
    assert rendered(shipped) == expected
    assert "template/plan/plan.jinja" in compiled


def test_where_python_keeps_no_bytecode_the_user_does(
    shipped: Path, compiled: list[str | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    expected = rendered(shipped)
    for path in (shipped / "compiled").glob("*.py"):
        path.unlink()
    assert rendered(shipped) == expected
    assert compiled == []
