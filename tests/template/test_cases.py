"""Every folder of cases/: a spec, its plan and its files, byte for byte, by the package and by Copier."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from support.template import CASES, Tree, copy_template, tree, tree_of, write_tree

from scaffold.rendering import validation
from scaffold.rendering.engine import Engine

NAMES = sorted(path.name for path in CASES.iterdir())

pytestmark = pytest.mark.filterwarnings("ignore::copier.errors.DirtyLocalWarning")


def spec_of(case: str) -> Any:
    return yaml.safe_load((CASES / case / "lambda-image.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", NAMES)
def test_spec_is_in_order(case: str, engine: Engine) -> None:
    assert validation.findings(validation.read(CASES / case / "lambda-image.yaml"), engine) == []


@pytest.mark.parametrize("case", NAMES)
def test_plan(case: str, engine: Engine, update_golden: bool) -> None:
    golden = CASES / case / "plan.json"
    text = json.dumps(engine.plan(spec_of(case)), indent=2, ensure_ascii=False) + "\n"
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", NAMES)
def test_files(case: str, engine: Engine, update_golden: bool) -> None:
    spec = spec_of(case)
    files = tree_of(engine.render(spec, engine.plan(spec), {}))
    if update_golden:
        write_tree(CASES / case / "expected", files)
    assert_equal(files, tree(CASES / case / "expected"))


@pytest.mark.parametrize("case", NAMES)
def test_copier_writes_the_same(case: str, template: Path, engine: Engine, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    spec = (CASES / case / "lambda-image.yaml").read_bytes()
    (project / "lambda-image.yaml").write_bytes(spec)
    copier.run_copy(str(template), project, quiet=True)
    made = tree(project)
    assert made.pop("lambda-image.yaml")[0] == spec, "the spec was there before, and is theirs"
    origin = {key: yaml.safe_load(made[".copier-answers.yml"][0])[key] for key in ("_commit", "_src_path")}
    expected = tree_of(engine.render(spec_of(case), engine.plan(spec_of(case)), origin))
    del expected["lambda-image.yaml"]
    assert_equal(made, expected)


def assert_equal(found: Tree, expected: Tree) -> None:
    assert sorted(found) == sorted(expected)
    for path, (content, executable) in found.items():
        diff = difflib.unified_diff(
            expected[path][0].decode().splitlines(),
            content.decode().splitlines(),
            f"expected/{path}",
            path,
            lineterm="",
        )
        assert content == expected[path][0], "\n".join(diff)
        assert executable == expected[path][1], f"mode of {path}"


def test_no_case_is_stale() -> None:
    for case in NAMES:
        assert {path.name for path in (CASES / case).iterdir()} <= {
            "lambda-image.yaml",
            "plan.json",
            "expected",
            "project",
        }


def test_template_copy_is_the_one_the_goldens_are_made_of(tmp_path: Path, engine: Engine) -> None:
    assert Engine(copy_template(tmp_path / "again")).plan(spec_of("full")) == engine.plan(spec_of("full"))
